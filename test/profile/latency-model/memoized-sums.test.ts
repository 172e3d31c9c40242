/**
 * Sums over parts that are looked up equal those of the whole network, also where parts take more than the
 * map before them.
 */
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { networkCost } from '../../../src/network/network-cost.js';
import { directSums, memoizedSums } from '../../../src/profile/latency-model/memoized-sums.js';
import { loadSpace } from '../../../src/space/load.js';
import { seededRandom } from '../../../src/util/random.js';

describe.each([
  ['ascan-cpu', 0],
  ['coatnet', 0],
  ['unet-mirror', 10],
  ['denoise-cpu', 10],
])('partSums over members of %s', (name, slow) => {
  it('gives MACs, live activations and the sum of values', () => {
    let slowly = 0;
    const sums = memoizedSums(
      (kind) => (kind === 'block' ? 1 : 100),
      (architecture) => {
        slowly++;
        return directSums(
          architecture,
          networkCost(architecture).parts.map(({ letter }) => (letter === undefined ? 100 : 1)),
        );
      },
    );
    for (const member of loadSpace(
      resolve(import.meta.dirname, `../../../search-spaces/${name}.space`),
    ).sampleDistinct(5, seededRandom(1))) {
      const { total, parts } = networkCost(member);
      for (let again = 0; again < 2; again++) {
        expect(sums(member)).toEqual({
          macs: total.macs,
          activationBytes: total.activationBytes,
          value: parts.reduce((sum, { letter }) => sum + (letter === undefined ? 100 : 1), 0),
        });
      }
    }
    expect(slowly).toBe(slow);
  });
});
