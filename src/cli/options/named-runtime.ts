/** The runtime that a call names, before the command reads its files. */
import { existsSync, readFileSync } from 'node:fs';

/** `runtime NAME` of an experiment's text, or of a setting of `--set`. */
const nameIn = (text: string): string | undefined => /^[ \t]*runtime[ \t]+([a-z]+)/m.exec(text)?.[1];

/**
 * By the option `--runtime`, else by `--set`, else by an experiment file among the arguments. Undefined where
 * none is named, or the file cannot be read, which the command reports.
 * @param args of the command
 */
export function namedRuntime(
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): string | undefined {
  if (typeof options['runtime'] === 'string' && options['runtime'] !== 'auto') return options['runtime'];
  const settings = Array.isArray(options['set']) ? options['set'].map(String) : [];
  const set = settings.map(nameIn).findLast((name) => name !== undefined);
  if (set !== undefined) return set;
  const file = args.find((argument) => argument.endsWith('.experiment') && existsSync(argument));
  try {
    return file === undefined ? undefined : nameIn(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
