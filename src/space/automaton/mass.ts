/**
 * How many words, or how much probability: doubles where every sum stays exact (below 2^53) and for
 * probabilities, else big integers.
 */
export type Mass = number | bigint;

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Whether amounts up to `bound` need big integers. */
export const needsBigInt = (bound: bigint): boolean => bound > SAFE;

/** @param big whether the result is a big integer; where not, both must be doubles */
export const multiply = (a: Mass, b: Mass, big: boolean): Mass =>
  big ? BigInt(a) * BigInt(b) : (a as number) * (b as number);

/** Both of one kind. */
export const add = (a: Mass, b: Mass): Mass => (a as number) + (b as number);
export const subtract = (a: Mass, b: Mass): Mass => (a as number) - (b as number);
