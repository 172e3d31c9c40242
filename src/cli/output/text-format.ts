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
