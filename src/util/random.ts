/**
 * Seeded randomness, always an argument, never global. One seed gives one stream on every platform; `fork`
 * derives an independent stream from a label, so that initial weights, data order and augmentation never
 * disturb each other.
 */
import { createHash } from 'node:crypto';
import prand from 'pure-rand';

export interface Random {
  /** Uniform in [0, 1), 32 bits of resolution. */
  next(): number;
  /** Uniform integer in [0, bound), unbiased. @param bound 1..2^32 */
  integer(bound: number): number;
  /** Uniform integer in [0, bound) of any size, unbiased. */
  bigint(bound: bigint): bigint;
  /** Standard normal (Box-Muller). */
  normal(): number;
  /** A new array in uniformly random order. */
  shuffled<V>(values: readonly V[]): V[];
  /** An independent stream named by `label`; does not advance this one. */
  fork(label: string): Random;
}

/** @param seed any integer or text; equal seeds, equal streams */
export function seededRandom(seed: number | string): Random {
  const path = String(seed);
  const generator = prand.xoroshiro128plus(createHash('sha256').update(path).digest().readInt32LE(0));
  // what unsafeUniformIntDistribution(0, 0xffffffff, generator) draws
  const next32 = (): number => generator.unsafeNext() + 0x80000000;
  const random: Random = {
    next: () => next32() / 0x100000000,
    integer(bound) {
      if (!Number.isInteger(bound) || bound < 1 || bound > 0x100000000)
        throw new RangeError(`random.integer: bound must be an integer in 1..2^32, got ${bound}`);
      // the draws of unsafeUniformIntDistribution(0, bound - 1, generator), in a quarter of its time
      const limit = Math.floor(0x100000000 / bound) * bound;
      let drawn = next32();
      while (drawn >= limit) drawn = next32(); // rejection keeps it unbiased
      return drawn - Math.floor(drawn / bound) * bound;
    },
    bigint(bound) {
      if (bound < 1n) throw new RangeError(`random.bigint: bound must be at least 1, got ${bound}`);
      const words = Math.ceil((bound - 1n).toString(2).length / 32);
      const span = 1n << BigInt(32 * words);
      const limit = span - (span % bound); // rejection keeps it unbiased
      for (;;) {
        let value = 0n;
        for (let word = 0; word < words; word++) value = (value << 32n) | BigInt(next32());
        if (value < limit) return value % bound;
      }
    },
    normal() {
      const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
      return radius * Math.cos(2 * Math.PI * random.next());
    },
    shuffled(values) {
      const result = [...values];
      for (let i = result.length - 1; i > 0; i--) {
        const j = random.integer(i + 1);
        [result[i], result[j]] = [result[j]!, result[i]!];
      }
      return result;
    },
    fork: (label) => seededRandom(`${path}/${label}`),
  };
  return random;
}
