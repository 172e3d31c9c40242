/** `doctor DATABASE`: what is damaged in a database, and a copy without it. */
import { damageText } from '../../../store/damage/damaged-row.js';
import { examineDatabase } from '../../../store/doctor/examine-database.js';
import { repairDatabase } from '../../../store/doctor/repair-database.js';
import { openUnchecked } from '../../../store/open-store.js';
import { withStoreErrors } from '../../../store/sqlite-errors.js';
import { UserError } from '../../../util/errors.js';
import { type Io, jsonLine, print } from '../../output/io.js';

interface Options {
  readonly repair?: string;
  readonly json?: boolean;
}

/** @throws UserError where something is damaged and no copy was asked for */
export function examineCommand(file: string, { repair, json }: Options, io: Io): void {
  const sqlite = openUnchecked(file);
  try {
    const examined = withStoreErrors(file, () => examineDatabase(sqlite));
    const { findings, damaged, sound } = examined;
    const copied = repair === undefined ? undefined : repairDatabase(examined, repair);
    const rows = [...sound.values()].reduce((sum, { length }) => sum + length, 0);
    if (json) {
      print(
        io,
        jsonLine({ file, ok: findings.length + damaged.length === 0, rows, findings, damaged, copied }),
      );
    } else {
      for (const finding of findings) print(io, finding);
      for (const row of damaged) print(io, damageText(row));
      print(io, `${rows} sound rows, ${damaged.length} damaged values`);
      if (copied !== undefined) print(io, `${copied} rows copied to ${repair}; ${file} is as it was`);
    }
    if (repair === undefined && findings.length + damaged.length > 0)
      throw new UserError(`${file}: the database is damaged, see above`, {
        fix: `npx stagecraft doctor ${file} --repair OUT copies what is sound into a new file`,
      });
  } finally {
    sqlite.close();
  }
}
