/** `question "…"`: the question that an ablation answers. */
import { singleTerm } from './read-terms.js';
import type { ReadContext, Setting, SettingSource } from './setting.js';

const factorsKeyword = 'factors';

/** Reports a setting of an ablation in a file without factors. */
export function assertAblation(source: SettingSource, { has, diagnostics }: ReadContext): void {
  if (!has(factorsKeyword))
    diagnostics.error(
      source.keywordSpan,
      `${source.keyword} belongs to an ablation, got no factors`,
      'factors  {block(letter: C, to: mbconv)}',
    );
}

export const questionSetting: Setting<string> = {
  keyword: 'question',
  summary: 'the question of an ablation, in quotes',
  example: 'question  "does MBConv serve as well as FusedMBConv at equal MACs?"',
  reference: 'Required by `factors`; part of the frozen plan.',
  read(source, context) {
    if (!source) {
      if (context.has(factorsKeyword))
        context.diagnostics.error(
          context.file.nameSpan,
          'an ablation must state a question, got none',
          questionSetting.example,
        );
      return undefined;
    }
    assertAblation(source, context);
    const term = singleTerm(source, context.diagnostics, questionSetting.example);
    if (!term) return undefined;
    if (term.kind === 'text' && term.value.trim() !== '') return term.value.trim();
    return context.diagnostics.error(term.span, 'question must be a text in quotes', questionSetting.example);
  },
  meaning: (question) => (question === undefined ? {} : { question }),
};
