/**
 * Loads modules of blocks, stems, downsampling layers and heads of one's own. A module is code that the user
 * names on the command line, in the environment or in a program; space, experiment and database files never
 * name one. The names stay in this process's environment, so that child processes load the same modules.
 */
import { existsSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type PartKind, partTables } from '../blocks/block-table.js';
import { type OwnPart, registerPart } from '../blocks/own-parts.js';
import { UserError } from '../util/errors.js';

/** Paths of modules, separated as in PATH. */
export const blocksVariable = 'STAGECRAFT_BLOCKS';

/** What `defineBlock` and its like return; an object with a letter is a block that they did not check. */
function asPart(value: unknown): OwnPart[] {
  if (typeof value !== 'object' || value === null || !('forward' in value) || !('params' in value)) return [];
  if ('kind' in value) return Object.hasOwn(partTables, value.kind as PartKind) ? [value as OwnPart] : [];
  return 'letter' in value ? [{ ...value, kind: 'block' } as unknown as OwnPart] : [];
}

async function exportedParts(file: string): Promise<OwnPart[]> {
  if (!existsSync(file))
    throw new UserError(`${blocksVariable}: must name modules, got no file ${JSON.stringify(file)}`, {
      fix: 'correct the path, which is relative to the working folder',
    });
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file}: the module of blocks must load, got ${String(error)}`, { cause: error });
  }
  const found = [...new Set(Object.values(exported))].flatMap(asPart);
  if (found.length === 0)
    throw new UserError(
      `${file}: the module must export a block, stem, downsampling layer or head, ` +
        `got ${Object.keys(exported).join(', ') || 'nothing'}`,
      {
        fix: 'export const myBlock = defineBlock({ … })',
      },
    );
  return found;
}

/**
 * Loads modules and registers the blocks, stems, downsampling layers and heads that they export, in this
 * process and in the children that it starts from now on. Modules that are loaded already are skipped.
 * @param files paths, relative to the working folder
 * @returns names of the parts
 * @throws UserError where a module is missing, fails, or exports none
 * @example await loadBlocks('./my-blocks.mjs')
 */
export async function loadBlocks(...files: readonly string[]): Promise<string[]> {
  const names: string[] = [];
  for (const file of files.map((each) => resolve(each))) {
    for (const part of await exportedParts(file)) {
      registerPart(part);
      names.push(part.name);
    }
    const before = namedModules();
    if (!before.includes(file)) process.env[blocksVariable] = [...before, file].join(delimiter);
  }
  return names;
}

const namedModules = (): string[] =>
  (process.env[blocksVariable] ?? '')
    .split(delimiter)
    .filter((path) => path !== '')
    .map((path) => resolve(path));

/** Loads the modules that the environment names. */
export async function loadNamedBlocks(): Promise<void> {
  const files = namedModules();
  if (files.length === 0) return;
  process.env[blocksVariable] = files.join(delimiter); // absolute: children may have another working folder
  await loadBlocks(...files);
}
