/** One wording for a name that the user misspelt. */
import { UserError } from '../../util/errors.js';
import { nameHint } from '../../util/nearest-name.js';

/**
 * @example unknownName('blocks', 'block', 'swim', ['swin']): 'blocks: must name a known block, got "swim"'
 */
export const unknownName = (where: string, kind: string, name: string, known: readonly string[]): UserError =>
  new UserError(`${where}: must name a known ${kind}, got ${JSON.stringify(name)}`, {
    fix: nameHint(name, known),
  });
