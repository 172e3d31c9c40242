/** Round values along an axis, and their short texts. */

/** At most about `most` round values between `low` and `high`. */
export function roundTicks(low: number, high: number, most: number): number[] {
  if (!(high > low)) return [low];
  const power = 10 ** Math.floor(Math.log10((high - low) / most));
  const step = power * ([1, 2, 5, 10].find((factor) => (high - low) / (factor * power) <= most) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** A few digits and a prefix: `1.2k`. @param digits default 3 */
export function shortText(value: number, digits = 3): string {
  for (const [unit, suffix] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const)
    if (Math.abs(value) >= unit) return `${Number((value / unit).toPrecision(digits))}${suffix}`;
  return String(Number(value.toPrecision(digits)));
}
