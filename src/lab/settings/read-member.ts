/** Reads a member of the experiment's space: a layout, or a whole number as rank. */
import type { Architecture } from '../../architecture/architecture.js';
import { memberWithLayout } from '../../space/inspect/resolve-architecture.js';
import { UserError } from '../../util/errors.js';
import { singleTerm, termText } from './read-terms.js';
import type { ReadContext, SettingSource } from './setting.js';
import { spaceSetting } from './space-setting.js';

/** @returns undefined where there is no such member; the reason is then a diagnostic */
export function readMember(source: SettingSource, context: ReadContext): Architecture | undefined {
  const { diagnostics } = context;
  const term = singleTerm(source, diagnostics);
  const space = context.get(spaceSetting);
  if (!term || !space) return undefined;
  try {
    if (term.kind === 'number') return space.unrank(BigInt(term.value));
    return memberWithLayout(space, termText(term));
  } catch (error) {
    if (!(error instanceof UserError || error instanceof RangeError)) throw error;
    return diagnostics.error(term.span, error.message, error instanceof UserError ? error.fix : undefined);
  }
}
