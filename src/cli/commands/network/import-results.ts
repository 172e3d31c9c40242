/** `import BUNDLE`: takes the results of a bundle into a database. */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { databaseName } from '../../../lab/database-name.js';
import { asCalled } from '../../output/as-called.js';
import { type Io, jsonLine, print } from '../../output/io.js';

/** @param path a bundle's folder, or its result file */
export async function importBundle(
  path: string,
  { db, json }: { readonly db?: string; readonly json?: boolean },
  io: Io,
): Promise<void> {
  const [{ importResults, readResults, resultFileOf }, { openStore }, { lockWriter }] = await Promise.all([
    import('../../../lab/bundle/import-results.js'),
    import('../../../store/open-store.js'),
    import('../../../store/writer-lock.js'),
  ]);
  const file = resultFileOf(path);
  const results = readResults(file);
  const database = db ?? join('reports', results.plan.experiment.name, databaseName);
  mkdirSync(dirname(database), { recursive: true });
  const lock = lockWriter(database);
  try {
    const store = openStore(database);
    try {
      const { experimentId, name, added, known, missing } = importResults(store, results, file);
      if (json) {
        print(io, jsonLine({ database, experiment: experimentId, added, known, missing }));
        return;
      }
      const left = missing === 0 ? 'the plan is done' : `${missing} jobs of the plan are not done`;
      print(io, `${name}: added ${added} results to ${database}, ${known} were there; ${left}`);
      print(io, asCalled(`npx stagecraft report ${database}  writes the report`, io));
    } finally {
      store.close();
    }
  } finally {
    lock.release();
  }
}
