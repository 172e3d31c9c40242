/** Figures with a mark per architecture draw some of many. */

/** Lines that a figure holds at most. */
export const mostLines = 400;
/** Points that a figure holds at most. */
export const mostPoints = 1500;

/** At most `most` values, evenly spread. */
export function someOf<V>(values: readonly V[], most: number): readonly V[] {
  const step = values.length / most;
  return step <= 1 ? values : Array.from({ length: most }, (_, index) => values[Math.floor(index * step)]!);
}

/** A sentence for the caption; empty where every mark is drawn. */
export const someText = (what: string, drawn: number, of: number | undefined): string[] =>
  of === undefined || of <= drawn ? [] : [`${drawn} of ${of} ${what} are drawn, evenly spread.`];
