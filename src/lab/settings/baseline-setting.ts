/** `baseline LAYOUT` or `baseline RANK`: the network that an ablation changes. */
import type { Architecture } from '../../architecture/architecture.js';
import { canonicalText } from '../../architecture/canonical.js';
import { assertAblation } from './question-setting.js';
import { readMember } from './read-member.js';
import type { Setting } from './setting.js';

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
    return readMember(source, context);
  },
  meaning: (baseline) => (baseline ? { baseline: canonicalText(baseline) } : {}),
};
