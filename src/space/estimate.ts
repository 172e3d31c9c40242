/** Interval of a fraction from draws. */

/** Wilson's 95 % score interval. https://doi.org/10.1080/01621459.1927.10502953 */
export function wilsonInterval(hits: number, draws: number): { readonly low: number; readonly high: number } {
  const z = 1.959963984540054;
  const fraction = hits / draws;
  const scale = 1 + z ** 2 / draws;
  const centre = (fraction + z ** 2 / (2 * draws)) / scale;
  const half = (z / scale) * Math.sqrt((fraction * (1 - fraction)) / draws + z ** 2 / (4 * draws ** 2));
  return {
    low: hits === 0 ? 0 : Math.max(0, centre - half),
    high: hits === draws ? 1 : Math.min(1, centre + half),
  };
}
