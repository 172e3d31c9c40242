/** Share of T among the C and T blocks of a layout or a stage. */

/** Undefined without either. @example transformerShare('CC-CCCT-CCTT-CTTT') // 6 / 14 */
export function transformerShare(layout: string): number | undefined {
  const [c, t] = [layout.match(/C/g)?.length ?? 0, layout.match(/T/g)?.length ?? 0];
  return c + t === 0 ? undefined : t / (c + t);
}
