/** `class_report`: the confusion matrix of a training, from its last evaluation on the validation split. */
import type { ClassReport } from '../../train/train-result.js';
import { execute, idList, queryBuilder, rows, type Store } from '../store.js';

export interface ClassReportTable {
  training_id: number;
  /** JSON array of names. */
  classes: string;
  /** `[classes][classes]` little-endian uint32, true class by predicted class. */
  confusion: Uint8Array;
}

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
  const stored = rows(
    store,
    db
      .selectFrom('class_report')
      .selectAll()
      .where('training_id', 'in', idList(trainingIds))
      .where((eb) => eb(eb.fn<number>('json_array_length', ['classes']), '<=', maxClasses)),
  );
  return new Map(stored.map((row) => [row.training_id, fromRow(row)]));
}

function fromRow(row: ClassReportTable): ClassReport {
  const classes = JSON.parse(row.classes) as string[];
  const bytes = Buffer.from(row.confusion);
  return {
    classes,
    confusion: classes.map((_, label) =>
      classes.map((__, predicted) => bytes.readUInt32LE(4 * (label * classes.length + predicted))),
    ),
  };
}
