/** A space file as a search space: genes, keys and moves. */
import { describe, expect, it } from 'vitest';
import { layoutSpace } from '../../src/search/spaces/layout-space.js';
import { loadSpace } from '../../src/space/load.js';
import { seededRandom } from '../../src/util/random.js';

const open = (file: string) => layoutSpace(loadSpace(`search-spaces/${file}.space`));

describe.each(['ascan-cpu', 'nas-bench-macro', 'coatnet', 'grammar', 'unet-mirror'])(
  'layoutSpace of %s',
  (file) => {
    const space = open(file);
    const random = seededRandom(file);
    it('reads every candidate back from its genes', () => {
      for (let draw = 0; draw < 30; draw++) {
        const candidate = space.sample(random);
        expect(space.withGenes(candidate.genes)).toEqual(candidate);
      }
    });
    it('its moves lead to members, and mutation to another gene vector', () => {
      const [first, second] = [space.sample(random), space.sample(random)];
      for (let draw = 0; draw < 10; draw++) {
        const mixed = space.crossover(first, second, random);
        expect(space.withGenes(mixed.genes)?.key).toBe(mixed.key);
        const changed = space.mutate(first, random);
        expect(space.withGenes(changed.genes)?.key).toBe(changed.key);
      }
    });
  },
);

describe('keys', () => {
  it('NAS-Bench-Macro has 3,969 functions among its 6,561 members', () => {
    const keys = new Set<string>();
    let members = 0;
    for (const { key } of open('nas-bench-macro').enumerate()) {
      keys.add(key);
      members++;
    }
    expect([members, keys.size]).toEqual([6561, 3969]);
  });
});
