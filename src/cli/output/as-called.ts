/**
 * The command as the person called it. Lower rooms write `npx stagecraft COMMAND` in messages, which fits
 * every installation with npm; what prints a message for a person passes it through `asCalled`.
 */
import { lstatSync, realpathSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Io } from './io.js';

/** As messages of all rooms name the command. */
const written = 'npx stagecraft';
const thisPackage = fileURLToPath(new URL('../../..', import.meta.url));

/** Whether `stagecraft`, typed in a shell, starts the package: the first file of that name on the PATH. */
function isOnPath(path: string, packageFolder: string): boolean {
  for (const folder of path.split(delimiter).filter((each) => each !== ''))
    for (const name of ['stagecraft', 'stagecraft.cmd']) {
      const file = join(folder, name);
      try {
        // a script that a package manager wrote names its target inside; a link shows it
        return (
          !lstatSync(file).isSymbolicLink() ||
          `${realpathSync(file)}`.startsWith(realpathSync(packageFolder) + sep)
        );
      } catch {
        // not in this folder
      }
    }
  return false;
}

/**
 * `stagecraft` where that starts this package, as after `npm install --global`; else `npx stagecraft`, also
 * when npm or npx runs it, since they put `node_modules/.bin` on the PATH for that one call.
 */
export function commandName(env: Io['env'], packageFolder: string = thisPackage): string {
  if (env['npm_command'] !== undefined) return written;
  return isOnPath(env['PATH'] ?? env['Path'] ?? '', packageFolder) ? 'stagecraft' : written;
}

/** The message with its command lines as the person called the command. */
export const asCalled = (text: string, { env }: Pick<Io, 'env'>): string =>
  text.includes(written) ? text.replaceAll(written, commandName(env)) : text;
