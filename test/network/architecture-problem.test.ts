import { describe, expect, it } from 'vitest';
import type { Architecture } from '../../src/architecture/architecture.js';
import { architectureProblem } from '../../src/network/architecture-problem.js';
import { referenceNetworks } from '../fixtures/reference-networks.js';

const swin = referenceNetworks['swin_tiny_patch4_window7_224']!();
// biome-ignore lint/suspicious/noExplicitAny: the tests build values that no type allows
type Change = (value: any) => void;

const changed = (change: Change): Architecture => {
  const value = JSON.parse(JSON.stringify(swin));
  change(value);
  return value;
};

describe('architectureProblem', () => {
  it('finds nothing wrong with a published network', () => expect(architectureProblem(swin)).toBeUndefined());
  it.each<[string, Change, string, RegExp]>([
    [
      'an unknown block',
      (value) => {
        value.stages[2].blocks[3].type = 'swim';
      },
      'stage3/block4',
      /^block must be one of .*got "swim" \(a block of your own needs its module: /,
    ],
    [
      'an unknown head',
      (value) => {
        value.head.type = 'tail';
      },
      'head',
      /^head must be one of/,
    ],
    [
      'heads that do not divide',
      (value) => {
        value.stages[1].blocks[0].params['head-dim'] = 36;
      },
      'stage2/block1',
      /^swin: head-dim must divide the width 192, got 36$/,
    ],
    [
      'a stride in a block that has none',
      (value) => {
        Object.assign(value.stages[1], { downsample: null, firstStride: 2 });
      },
      'stage2/block1',
      /^swin: cannot halve the resolution/,
    ],
    [
      'a width that nothing changes',
      (value) => {
        value.stages[0].width = 100;
      },
      'stage1/block1',
      /^swin: cannot change the width/,
    ],
    [
      'a stage of nothing',
      (value) => {
        Object.assign(value.stages[3], { downsample: null, blocks: [] });
      },
      'stage4',
      /must have a downsampling layer/,
    ],
    [
      'a stem larger than the image',
      (value) => {
        value.input.height = 3;
      },
      'stem',
      /^patch: size must be at most/,
    ],
  ])('names the part with %s', (_, change, part, message) => {
    const problem = architectureProblem(changed(change));
    expect(problem?.part).toBe(part);
    expect(problem?.message).toMatch(message);
  });
});
