/**
 * The mass of a set of words: their number, or their total probability. Doubles hold probabilities, and
 * numbers of words while every sum is exact (up to 2^53 − 1); beyond, big integers hold numbers of words.
 */
export type Mass = number | bigint;

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Whether numbers of words up to `bound` need big integers. */
export const needsBigInt = (bound: bigint): boolean => bound > MAX_SAFE;

/** @param big whether a big integer is needed; where not, `mass` must be a double */
export const widened = (mass: Mass, big: boolean): Mass => (big ? BigInt(mass) : mass);

/** @param big whether the result is a big integer; where not, both must be doubles */
export const multiply = (a: Mass, b: Mass, big: boolean): Mass =>
  big ? BigInt(a) * BigInt(b) : (a as number) * (b as number);

/** Both must be doubles, or both big integers. */
export const add = (a: Mass, b: Mass): Mass => (a as number) + (b as number);
export const subtract = (a: Mass, b: Mass): Mass => (a as number) - (b as number);
