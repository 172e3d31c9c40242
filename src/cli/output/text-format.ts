/** Formats numbers, durations and tables for people. */

/** Three digits and a unit: `1.23M`, `45.6k`, `789`. */
export function compact(value: number): string {
  const units = ['', 'k', 'M', 'G', 'T'];
  let unit = 0;
  let rest = value;
  while (Math.abs(rest) >= 999.5 && unit < units.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  return unit === 0 ? String(Math.round(rest)) : `${rest.toPrecision(3)}${units[unit]!}`;
}

/** `1,953,125` */
export function grouped(value: bigint | number): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `12.3 MB`; powers of ten. */
export function bytes(value: number): string {
  return `${compact(value).replace(/([kMGT]?)$/, ' $1')}B`;
}

/** `4 s`, `2 min 05 s`, `1 h 03 min` */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor(whole / 60) % 60).padStart(2, '0')} min`;
}

const visibleLength = (text: string): number => [...text.replace(/\u001b\[[0-9;]*m/g, '')].length;

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Words in lines of at most `width` characters; a longer word has a line of its own. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines.push(`${lines.pop()!} ${word}`);
    else lines.push(word);
  }
  return lines;
}

/** A table whose last column is wrapped so that lines are at most `width` characters long. */
export function wrappedTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { width, title }: { readonly width: number; readonly title?: (text: string) => string },
): string {
  const before = columns
    .slice(0, -1)
    .map(({ title: head }, index) =>
      Math.max(visibleLength(head), ...rows.map((row) => visibleLength(row[index] ?? ''))),
    );
  const room = Math.max(24, width - before.reduce((sum, each) => sum + each + 2, 0));
  const lines = rows.flatMap((row) => {
    const [first = '', ...rest] = wrapped(row.at(-1) ?? '', room);
    return [[...row.slice(0, -1), first], ...rest.map((line) => [...before.map(() => ''), line])];
  });
  return table(columns, lines, title);
}

/** Columns under their titles, two spaces apart; colour codes take no room. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  title: (text: string) => string = (text) => text,
): string {
  const widths = columns.map((column, index) =>
    Math.max(visibleLength(column.title), ...rows.map((row) => visibleLength(row[index] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => {
        const cell = cells[index] ?? '';
        const gap = ' '.repeat(widths[index]! - visibleLength(cell));
        return column.align === 'right' ? gap + cell : cell + gap;
      })
      .join('  ')
      .trimEnd();
  return [title(line(columns.map((column) => column.title))), ...rows.map(line)].join('\n');
}
