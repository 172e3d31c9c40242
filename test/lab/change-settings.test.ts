import { describe, expect, it } from 'vitest';
import { withSettings } from '../../src/lab/change-settings.js';

const text = `# what it is
experiment x
  space a.space # a comment
  factors {order(to: t-first),
           order(to: reversed)}
  train adamw(epochs: 4) seeds {1, 2}
`;

describe('withSettings', () => {
  it('replaces a setting where it stands, over several lines, and adds one that is missing', () => {
    expect(withSettings(text, 'x', ['factors {order(to: alternating)}', 'workers trainings(count: 2)'])).toBe(
      `# what it is
experiment x
  space a.space # a comment
  factors {order(to: alternating)}
  train adamw(epochs: 4) seeds {1, 2}
  workers trainings(count: 2)
`,
    );
    expect(withSettings(text, 'x', ['train imagenet-300'])).toMatch(/reversed\)}\n {2}train imagenet-300\n$/);
    expect(withSettings(text, 'x', [])).toBe(text);
  });

  it('refuses what is no setting', () => {
    for (const change of ['', 'train', '  = 3', 'train adamw\nspace b'])
      expect(() => withSettings(text, 'x', [change])).toThrow('--set: must be a setting on one line');
  });
});
