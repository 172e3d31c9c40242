/** Greatest common divisor of two integers of 0 or more (Euclid). */
export const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
