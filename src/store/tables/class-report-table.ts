/** `class_report`: the confusion matrix of a training, from its last evaluation on the validation split. */
import type { ClassReport } from '../../train/train-result.js';
import { bytes, count, json } from '../damage/column.js';
import { namesForm } from '../damage/json-forms.js';
import { noteDamage, type SoundRow, soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, idList, queryBuilder, type Store } from '../store.js';

export interface ClassReportTable {
  training_id: number;
  /** JSON array of names. */
  classes: string;
  /** `[classes][classes]` little-endian uint32, true class by predicted class. */
  confusion: Uint8Array;
}

export const classReportSchema = tableSchema('class_report', ['training_id'], {
  training_id: count,
  classes: json(namesForm),
  confusion: bytes,
});

const db = queryBuilder<{ class_report: ClassReportTable }>();

export function insertClassReport(
  store: Store,
  trainingId: number,
  { classes, confusion }: ClassReport,
): void {
  const bytes = Buffer.alloc(4 * classes.length ** 2);
  confusion.forEach((row, label) =>
    row.forEach((count, predicted) => bytes.writeUInt32LE(count, 4 * (label * classes.length + predicted))),
  );
  execute(
    store,
    db
      .insertInto('class_report')
      .values({ training_id: trainingId, classes: JSON.stringify(classes), confusion: bytes }),
  );
}

/** Class reports by training id, those of at most `maxClasses` classes. */
export function classReports(
  store: Store,
  trainingIds: readonly number[],
  maxClasses: number,
): Map<number, ClassReport> {
  const stored = soundRows(
    store,
    db
      .selectFrom('class_report')
      .selectAll()
      .where('training_id', 'in', idList(trainingIds))
      .where((eb) => eb(eb.fn<number>('length', ['confusion']), '<=', 4 * maxClasses ** 2)),
    classReportSchema,
  );
  return new Map(
    stored.flatMap((row) => {
      const report = fromRow(store, row);
      return report ? [[row.training_id, report]] : [];
    }),
  );
}

/** Undefined where the matrix is damaged. */
function fromRow(store: Store, row: SoundRow<typeof classReportSchema>): ClassReport | undefined {
  const { training_id: id, classes } = row;
  const packed = Buffer.from(row.confusion);
  const expected = 4 * classes.length ** 2;
  if (packed.length !== expected) {
    const reason = `must be ${expected} bytes for ${classes.length} classes, got ${packed.length}`;
    const damage = { table: 'class_report', row: `training_id ${id}`, column: 'confusion', reason };
    noteDamage(store, { damage, values: { training_id: id } });
    return undefined;
  }
  return {
    classes,
    confusion: classes.map((_, label) =>
      classes.map((__, predicted) => packed.readUInt32LE(4 * (label * classes.length + predicted))),
    ),
  };
}
