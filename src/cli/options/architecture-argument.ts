/** The ARCH argument: a JSON file, a member of a space by layout or rank, or an id in a database. */
import { existsSync, readFileSync } from 'node:fs';
import type { Architecture } from '../../architecture/architecture.js';
import { parseArchitecture } from '../../architecture/canonical.js';
import { architectureProblem } from '../../network/architecture-problem.js';
import { UserError } from '../../util/errors.js';
import { readTextFile } from '../../util/read-text-file.js';
import { findDatabase } from './database-argument.js';

export const architectureHelp =
  'a JSON file, SPACE.space@LAYOUT, SPACE.space#RANK, SPACE.space of one member, ' +
  'or the first digits of an id in a database';

/** The architecture of a file, checked part by part. @throws UserError naming the place */
export function readArchitectureFile(file: string): Architecture {
  const text = file === '-' ? readFileSync(0, 'utf8') : readTextFile(file);
  const architecture = parseArchitecture(text, file);
  const problem = architectureProblem(architecture);
  if (problem) throw new UserError(`${file}: ${problem.part}: ${problem.message}`);
  return architecture;
}

async function fromDatabase(prefix: string, database: string | undefined): Promise<Architecture> {
  const [{ openStore }, { architecturesByPrefix }, { damageText, doctorFix }] = await Promise.all([
    import('../../store/open-store.js'),
    import('../../store/tables/architecture-table.js'),
    import('../../store/damage/damaged-row.js'),
  ]);
  const file = findDatabase(database);
  const store = openStore(file, { readonly: true });
  try {
    const found = architecturesByPrefix(store, prefix, 5);
    const damaged = [...store.damaged.values()][0];
    if (found.length === 0 && damaged)
      throw new UserError(`${file}: ${damageText(damaged.damage)}`, { fix: doctorFix(file) });
    if (found.length === 0)
      throw new UserError(
        `${file}: must have an architecture whose id begins with ${JSON.stringify(prefix)}, got none`,
      );
    if (found.length > 1)
      throw new UserError(
        `${file}: an id must be unique, got ${JSON.stringify(prefix)} ` +
          `for ${found.map(({ id, layout }) => `${id} (${layout})`).join(', ')}…`,
        { fix: 'give more digits' },
      );
    return found[0]!.text;
  } finally {
    store.close();
  }
}

/** @throws UserError where the argument names none, or more than one */
export async function findArchitecture(argument: string, database?: string): Promise<Architecture> {
  if (/^.+\.space([@#]|$)/s.test(argument))
    return (await import('../../space/inspect/resolve-architecture.js')).resolveArchitecture(argument);
  if (
    argument === '-' ||
    argument.endsWith('.json') ||
    (existsSync(argument) && !/^[0-9a-f]+$/.test(argument))
  ) {
    return readArchitectureFile(argument);
  }
  if (/^[0-9a-f]{1,64}$/.test(argument)) return fromDatabase(argument, database);
  throw new UserError(`an architecture must be ${architectureHelp}, got ${JSON.stringify(argument)}`);
}
