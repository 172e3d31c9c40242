/** The sentence on stderr about damaged rows that a result leaves out. */
import { type DamagedRow, leftOutText } from '../../store/damage/damaged-row.js';
import { asCalled } from './as-called.js';
import type { Io } from './io.js';

/** Prints nothing where no row is damaged. */
export function printLeftOut(damaged: readonly DamagedRow[] | undefined, database: string, io: Io): void {
  const text = leftOutText(damaged ?? [], database);
  if (text !== undefined) io.stderr.write(asCalled(`${text}\n`, io));
}
