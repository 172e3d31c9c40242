/** A page's script as bundled by the build, also when this file runs from `src`. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../util/errors.js';

/**
 * @param name of the entry in `page/`, without its ending
 * @throws UserError where the build is missing
 */
export function pageScript(name: 'main' | 'runs-main'): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder) throw new Error('report: no package.json above the report code');
    folder = dirname(folder);
  }
  const file = join(folder, `dist/report/page/${name}.js`);
  if (!existsSync(file))
    throw new UserError('report: the page script is not built', { fix: 'npm run build' });
  return readFileSync(file, 'utf8');
}
