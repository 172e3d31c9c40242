/**
 * Channel counts rounded as in MobileNet's code. https://github.com/tensorflow/models (slim,
 * `_make_divisible`)
 */
/** Nearest multiple of `divisor`, at least `divisor` and at least 0.9 · `value`. */
export function roundedChannels(value: number, divisor = 8): number {
  const rounded = Math.max(divisor, Math.floor((value + divisor / 2) / divisor) * divisor);
  return rounded < 0.9 * value ? rounded + divisor : rounded;
}
