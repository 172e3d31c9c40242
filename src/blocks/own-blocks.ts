/**
 * Blocks of one's own beside those of `block-table.ts`: checked, then known by name wherever a built-in block
 * is, in space files, experiments and commands. Each process registers them anew.
 */
import { UserError } from '../util/errors.js';
import { type ParamTable, paramProblem } from '../util/params.js';
import type { Block } from './block.js';
import { blocks, ownBlocks, partTables } from './block-table.js';

function violatedRule(block: Block): string | undefined {
  const { name, letter, params, reduces, forward } = block;
  if (typeof name !== 'string' || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    return `name must be kebab-case, got ${JSON.stringify(name)}`;
  if (Object.hasOwn(blocks, name)) return `name must differ from the built-in blocks, got ${name}`;
  if (typeof letter !== 'string' || !/^[A-Z]$/.test(letter))
    return `letter must be one upper-case letter, got ${JSON.stringify(letter)}`;
  if (typeof reduces !== 'boolean') return `reduces must be true or false, got ${JSON.stringify(reduces)}`;
  if (typeof forward !== 'function') return `forward must be a function, got ${typeof forward}`;
  if (typeof params !== 'object' || params === null) return `params must be a table, got ${String(params)}`;
  for (const [parameter, spec] of Object.entries(params as ParamTable)) {
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(parameter))
      return `parameters must be kebab-case, got ${JSON.stringify(parameter)}`;
    const problem = spec.default === undefined ? undefined : paramProblem(parameter, spec, spec.default);
    if (problem !== undefined) return `default of ${problem}`;
  }
  return undefined;
}

/**
 * Checks a block of one's own; parameters of `forward` get their types from `params`.
 * A module that exports the result is loaded with `--blocks FILE`, `STAGECRAFT_BLOCKS` or `loadBlocks`.
 * `summary` defaults to the name, `source` (URL of a paper) to ''.
 * @throws UserError with the rule that is violated
 * @example
 * export const gatedConv = defineBlock({
 *   name: 'gated-conv', letter: 'G', reduces: true,
 *   params: { kernel: { kind: 'int', min: 1, max: 7, odd: true, default: 3, doc: 'side in pixels' } },
 *   forward: (ops, x, { kernel }, { width, stride }) =>
 *     ops.activation(conv(ops, x, 'conv', width, { kernel, stride }), 'tanh'),
 * });
 */
export function defineBlock<const P extends ParamTable>(
  block: Omit<Block<P>, 'summary' | 'source'> & Partial<Pick<Block<P>, 'summary' | 'source'>>,
): Block<P> {
  const complete: Block<P> = { ...block, summary: block.summary ?? block.name, source: block.source ?? '' };
  const rule = violatedRule(complete as unknown as Block);
  if (rule !== undefined) throw new UserError(`define block ${JSON.stringify(block.name)}: ${rule}`);
  return complete;
}

/**
 * Makes a block known in this process. Child processes, which measure and train, know it only where its
 * module is loaded (`loadBlocks`).
 * @throws UserError where another block of that name is registered
 */
export function registerBlock<P extends ParamTable>(block: Block<P>): void {
  const erased = block as unknown as Block;
  const rule = violatedRule(erased);
  if (rule !== undefined) throw new UserError(`register block ${JSON.stringify(block.name)}: ${rule}`);
  const known = partTables.block[block.name];
  if (known === erased) return;
  if (known !== undefined)
    throw new UserError(`register block: a name must be registered once, got ${block.name} again`, {
      fix: 'give the second block another name; stored results refer to names',
    });
  ownBlocks[block.name] = erased;
}

/** What an error about an unknown block adds. */
export const ownBlockHint = 'a block of your own needs its module: --blocks FILE, or STAGECRAFT_BLOCKS';
