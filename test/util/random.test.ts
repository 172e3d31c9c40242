/** The generator's integers against those of the library that draws them. */
import { createHash } from 'node:crypto';
import prand from 'pure-rand';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/util/random.js';

describe('seededRandom', () => {
  it('integer(bound) draws what unsafeUniformIntDistribution of pure-rand draws', () => {
    for (const bound of [1, 2, 3, 10, 1000, 16_384, 35_001, 2 ** 31, 2 ** 31 + 1, 3 * 2 ** 30, 2 ** 32]) {
      const random = seededRandom(`bound ${bound}`);
      const start = createHash('sha256').update(`bound ${bound}`).digest().readInt32LE(0);
      const generator = prand.xoroshiro128plus(start);
      for (let draw = 0; draw < 200; draw++)
        expect(random.integer(bound)).toBe(prand.unsafeUniformIntDistribution(0, bound - 1, generator));
    }
  });
});
