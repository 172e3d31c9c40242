/** `relevance 2%`: the difference of two times below which networks count as the same. */
import { standardRelevance } from '../../util/statistics/verdict.js';
import { profileSetting } from './profile-setting.js';
import { singleTerm, termText } from './read-terms.js';
import type { Setting } from './setting.js';

export const relevanceSetting: Setting<number> = {
  keyword: 'relevance',
  summary: 'difference of two times below which networks count as the same: 2%',
  example: 'relevance  2%',
  reference:
    'Default: 1%. Two networks are the SAME where the interval of their ratio lies within it (an ' +
    'equivalence test), and tie where they differ by less. It is independent of the resolution, which the ' +
    'launches decide: where the resolution is larger, the answer is NOT TOLD APART. Needs `profile`.',
  read(source, context) {
    if (!source) return standardRelevance;
    const { diagnostics } = context;
    const term = singleTerm(source, diagnostics);
    if (!term) return undefined;
    if (term.kind !== 'number' || !(term.value > 0 && term.value < 1))
      return diagnostics.error(
        term.span,
        `relevance must be a fraction between 0 and 1, got ${JSON.stringify(termText(term))}`,
        relevanceSetting.example,
      );
    if (!context.has(profileSetting.keyword))
      return diagnostics.error(
        source.keywordSpan,
        'relevance compares times and needs profile, got none',
        profileSetting.example,
      );
    return term.value;
  },
  meaning: (relevance) => (relevance === undefined || relevance === standardRelevance ? {} : { relevance }),
};
