import { describe, expect, it } from 'vitest';
import type { Architecture } from '../../src/architecture/architecture.js';
import { architectureForm, canonicalText } from '../../src/architecture/canonical.js';
import { sharedArchitectures } from '../../src/architecture/shared-architectures.js';
import { seededRandom } from '../../src/util/random.js';
import { fixtureArchitecture } from '../fixtures/experiment-result.js';

describe('sharedArchitectures', () => {
  const layouts = ['CC-CCCT-CCTT-CTTT', 'CC-CCCC-CCTT-TTTT', 'CC-CCCT-CCTT-CTTT'];
  const values = layouts.map((layout) => JSON.parse(JSON.stringify(fixtureArchitecture(layout))) as unknown);
  const texts = {
    canonical: values.map((value) => canonicalText(value as Architecture)),
    'as the members come': values.map((value) => JSON.stringify(value)),
  };
  it.each(Object.entries(texts))('reads what the whole form reads, text %s', (_, list) => {
    const read = sharedArchitectures();
    for (const text of [...list, ...list]) {
      expect(read(text)).toEqual(architectureForm.parse(JSON.parse(text)));
      expect(JSON.stringify(read(text))).toBe(JSON.stringify(architectureForm.parse(JSON.parse(text))));
    }
    expect(read(list[0]!)!.stages[1]).toBe(read(list[2]!)!.stages[1]);
    expect(read(list[0]!)!.stages[1]!.blocks[0]).toBe(read(list[2]!)!.stages[2]!.blocks[0]);
  });
  it('reads any mixture of known and new pieces as the whole form does', () => {
    const changes = [
      { classes: 7 },
      { head: { type: 'other', params: { note: '{"blocks":[' } } },
      { stem: { type: 'conv', params: { note: '],"stem":{' }, width: 3 } },
      { input: { height: 4, width: 4, channels: 1 } },
    ];
    const base = values.map((value) => value as Architecture);
    const mixed = base.flatMap((each) => [
      each,
      ...changes.map((change) => ({ ...each, ...change })),
      { ...each, stages: [...each.stages].reverse() },
      { ...each, stages: each.stages.slice(0, 1) },
      { ...each, stages: [...each.stages, ...each.stages] },
    ]);
    const read = sharedArchitectures();
    for (const each of [...mixed, ...seededRandom('pieces').shuffled(mixed)])
      expect(read(canonicalText(each))).toEqual(architectureForm.parse(each));
  });
  it('more stages than an architecture may have are refused, though each is known', () => {
    const read = sharedArchitectures();
    const [each] = values as Architecture[];
    read(canonicalText({ ...each!, stages: [...each!.stages, ...each!.stages] }));
    const many = Array.from({ length: 65 }, (_, index) => each!.stages[index % 4]!);
    expect(read(canonicalText({ ...each!, stages: many }))).toBeUndefined();
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
    expect(sharedArchitectures()(JSON.stringify(value))).toBeUndefined();
  });
});
