/** `baseline LAYOUT` or `baseline RANK`: the network that an ablation changes. */
import type { Architecture } from '../../architecture/architecture.js';
import { canonicalText } from '../../architecture/canonical.js';
import { memberWithLayout } from '../../space/inspect/resolve-architecture.js';
import { UserError } from '../../util/errors.js';
import { assertAblation } from './question-setting.js';
import { singleTerm, termText } from './read-terms.js';
import type { Setting } from './setting.js';
import { spaceSetting } from './space-setting.js';

export const baselineSetting: Setting<Architecture> = {
  keyword: 'baseline',
  summary: 'the network that an ablation changes: a layout of the space, or a rank',
  example: 'baseline  C-CCCT-CCTT-CTTT',
  reference: 'Required by `factors`. A layout must name one member; a whole number is a rank.',
  read(source, context) {
    const { diagnostics } = context;
    if (!source) {
      if (context.has('factors'))
        diagnostics.error(
          context.file.nameSpan,
          'an ablation needs a baseline, got none',
          baselineSetting.example,
        );
      return undefined;
    }
    assertAblation(source, context);
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
  },
  meaning: (baseline) => (baseline ? { baseline: canonicalText(baseline) } : {}),
};
