/** `history from FILE …`: results of earlier searches that inform the strategy. */
import { layoutSpace } from '../../search/spaces/layout-space.js';
import type { EarlierResult } from '../../search/study.js';
import { canonicalJson, textHash } from '../../util/canonical-json.js';
import { UserError } from '../../util/errors.js';
import { type EarlierNetworks, earlierNetworks } from './earlier-networks.js';
import { objectivesSetting } from './objectives-setting.js';
import { termText } from './read-terms.js';
import { pathIn, type ReadContext, type Setting } from './setting.js';
import { spaceSetting } from './space-setting.js';
import { whereSetting } from './where-setting.js';

export interface HistorySetting {
  readonly results: readonly EarlierResult[];
  /** As written. */
  readonly files: readonly string[];
}

export const historySetting: Setting<HistorySetting> = {
  keyword: 'history',
  summary: 'earlier results that inform a search: from old.sqlite, from table.csv, from study.db',
  example: 'history  from ../reports/search/results.sqlite',
  reference:
    'Default: none. Databases of stagecraft, studies of Optuna in SQLite, and tables in CSV (see ' +
    '`docs/benchmark-tables.md`), whose networks are named by their layout. A tenth of the budget tests ' +
    'them; the strategy sees them while they rank its own answers better than chance. The hash covers the ' +
    'results, not the path.',
  needs: 'strategy',
  read(source, context) {
    if (!source) return undefined;
    const { diagnostics, namedFolder } = context;
    const [from, ...files] = source.terms;
    if (from?.kind !== 'text' || from.value !== 'from' || files.length === 0)
      return diagnostics.error(
        (from ?? { span: source.keywordSpan }).span,
        `history must be from and files, got ${source.terms.map(termText).join(' ') || 'nothing'}`,
        historySetting.example,
      );
    const target = targetOf(context);
    if (!target) return undefined;
    const results: EarlierResult[] = [];
    for (const term of files) {
      try {
        const found = earlierNetworks(pathIn(namedFolder, termText(term)), target);
        results.push(...found.results);
        reportLeftOut(found, term, context);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        diagnostics.error(term.span, error.message, error.fix);
      }
    }
    return { results, files: files.map(termText) };
  },
  meaning: (history) => (history ? { history: textHash(canonicalJson(history.results)) } : {}),
};

function targetOf(context: ReadContext): Parameters<typeof earlierNetworks>[1] | undefined {
  const [whole, objectives] = [context.get(spaceSetting), context.get(objectivesSetting)];
  if (!whole || !objectives) return undefined;
  const condition = context.get(whereSetting)?.condition ?? '';
  const compiled = condition === '' ? whole : whole.where(condition);
  return { compiled, space: layoutSpace(compiled), objectives };
}

function reportLeftOut(
  { results, outside, incomplete }: EarlierNetworks,
  { span }: { readonly span: Parameters<ReadContext['diagnostics']['warning']>[0] },
  { diagnostics }: ReadContext,
): void {
  const left = `${outside} of networks outside of the space, ${incomplete} without every objective`;
  if (results.length === 0) diagnostics.error(span, `history must hold results of the space, got ${left}`);
  else if (outside + incomplete > 0)
    diagnostics.warning(span, `${results.length} results inform the search; left out: ${left}`);
}
