/**
 * Loads modules of blocks of one's own. A module is code that the user names on the command line, in the
 * environment or in a program; space, experiment and database files never name one. The names stay in this
 * process's environment, so that child processes load the same modules.
 */
import { existsSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Block } from '../blocks/block.js';
import { registerBlock } from '../blocks/own-blocks.js';
import { UserError } from '../util/errors.js';

/** Paths of modules, separated as in PATH. */
export const blocksVariable = 'STAGECRAFT_BLOCKS';

const isBlock = (value: unknown): value is Block =>
  typeof value === 'object' && value !== null && 'forward' in value && 'letter' in value && 'params' in value;

async function exportedBlocks(file: string): Promise<Block[]> {
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
  const found = Object.values(exported).filter(isBlock);
  if (found.length === 0)
    throw new UserError(
      `${file}: the module must export a block, got ${Object.keys(exported).join(', ') || 'nothing'}`,
      {
        fix: 'export const myBlock = defineBlock({ … })',
      },
    );
  return [...new Set(found)];
}

/**
 * Loads modules and registers the blocks that they export, in this process and in the children that it starts
 * from now on. Modules that are loaded already are skipped.
 * @param files paths, relative to the working folder
 * @returns names of the blocks
 * @throws UserError where a module is missing, fails, or exports no block
 * @example await loadBlocks('./my-blocks.mjs')
 */
export async function loadBlocks(...files: readonly string[]): Promise<string[]> {
  const names: string[] = [];
  for (const file of files.map((each) => resolve(each))) {
    for (const block of await exportedBlocks(file)) {
      registerBlock(block);
      names.push(block.name);
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
