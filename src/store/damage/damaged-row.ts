/** A row of a result database that holds a value which its table's schema does not allow. */

export interface DamagedRow {
  readonly table: string;
  /** Its key, e.g. `id 3` or `training_id 1, epoch 2`. */
  readonly row: string;
  readonly column: string;
  /** The rule and the value, e.g. `must be a finite number, got "x"`. */
  readonly reason: string;
  /** The architecture whose result it is, where that is known. */
  readonly architectureId?: string;
}

/** A damaged row with its stored values, by which its owner is found. */
export interface FoundDamage {
  readonly damage: DamagedRow;
  readonly values: Readonly<Record<string, unknown>>;
}

/** @example damageText(row) // `training id 3: seconds: must be a finite number, got null` */
export const damageText = ({ table, row, column, reason }: DamagedRow): string =>
  `${table} ${row}: ${column}: ${reason}`;

/** Tells that damaged values were left out of a result; undefined where none was. */
export function leftOutText(damaged: readonly DamagedRow[], file: string): string | undefined {
  if (damaged.length === 0) return undefined;
  const values = damaged.length === 1 ? '1 damaged value was' : `${damaged.length} damaged values were`;
  return `${values} left out; npx stagecraft doctor ${file} lists the damage`;
}

/** The command that lists damage, and mends it. */
export const doctorFix = (file: string): string =>
  `npx stagecraft doctor ${file} lists the damage; with --repair OUT it copies what is sound`;
