/**
 * How many words, or how much probability: doubles where every sum stays exact (below 2^53) and for
 * probabilities, else big integers.
 */
export type Amount = number | bigint;

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Whether amounts up to `bound` need big integers. */
export const needsBig = (bound: bigint): boolean => bound > SAFE;

/** @param big whether the result is a big integer; where not, both must be doubles */
export const product = (a: Amount, b: Amount, big: boolean): Amount =>
  big ? BigInt(a) * BigInt(b) : (a as number) * (b as number);

/** Both of one kind. */
export const sum = (a: Amount, b: Amount): Amount => (a as number) + (b as number);
export const difference = (a: Amount, b: Amount): Amount => (a as number) - (b as number);
