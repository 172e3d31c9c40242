import { describe, expect, it } from 'vitest';
import { architectureForm } from '../../src/architecture/canonical.js';
import { sharedArchitectures } from '../../src/architecture/shared-architectures.js';
import { fixtureArchitecture } from '../fixtures/experiment-result.js';

describe('sharedArchitectures', () => {
  const layouts = ['CC-CCCT-CCTT-CTTT', 'CC-CCCC-CCTT-TTTT', 'CC-CCCT-CCTT-CTTT'];
  const values = layouts.map((layout) => JSON.parse(JSON.stringify(fixtureArchitecture(layout))) as unknown);
  it('reads what the whole form reads, and equal blocks become one object', () => {
    const read = sharedArchitectures();
    const found = values.map((value) => read(value)!);
    expect(found).toEqual(values.map((value) => architectureForm.parse(value)));
    expect(found[0]!.stages[1]!.blocks[0]).toBe(found[2]!.stages[2]!.blocks[0]);
  });
  it.each([
    ['no object', 3],
    ['no stages', { stages: 3 }],
    ['a stage without blocks', { stages: [{}] }],
    ['an unknown key', { ...(values[0] as object), extra: 1 }],
    [
      'a block with a wrong letter',
      {
        ...(values[0] as { stages: object[] }),
        stages: [
          {
            ...(values[0] as { stages: object[] }).stages[0],
            blocks: [{ letter: 'c', type: 'x', params: {} }],
          },
        ],
      },
    ],
  ])('refuses %s, as the whole form does', (_, value) => {
    expect(architectureForm.safeParse(value).success).toBe(false);
    expect(sharedArchitectures()(value)).toBeUndefined();
  });
});
