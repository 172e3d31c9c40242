/** `factors {block(letter: C, to: mbconv), …}`: what an ablation changes. */
import type { Term } from '../../language/experiment-file.js';
import type { Factor, LevelContext } from './ablation/factor.js';
import { factorKinds, factorTable } from './ablation/factor-table.js';
import { asCall, lookUp, readParams, singleTerm, termItems, termText } from './read-terms.js';
import { callDocs, callTables, type ReadContext, type Setting } from './setting.js';
import { recipeCallOf } from './train-setting.js';

const perTraining = ['stopping', 'fidelities'] as const;

export const factorsSetting: Setting<readonly Factor[]> = {
  keyword: 'factors',
  summary: `changes of an ablation: ${Object.keys(factorKinds).join(', ')}, with levels in to: {…}`,
  example: 'factors  {block(letter: C, to: {mbconv, convnext}), recipe(parameter: weight-decay, to: 0)}',
  reference:
    'Makes the experiment an ablation: its networks are the arms of the design, in place of `sample`. ' +
    '`name` is what tables call the factor, `to` its levels besides the baseline.',
  calls: callTables(factorKinds),
  callDocs: callDocs(factorKinds),
  read(source, context) {
    if (!source) return undefined;
    const { diagnostics } = context;
    for (const keyword of [...perTraining, 'sample'].filter((each) => context.has(each)))
      diagnostics.error(
        source.keywordSpan,
        keyword === 'sample'
          ? 'an ablation takes its networks from factors, got a sample too'
          : `the trainings of an ablation must be alike, got ${keyword}`,
        `leave out ${keyword}`,
      );
    const items = termItems(singleTerm(source, diagnostics));
    const factors = items.map((item) => readFactor(item, context));
    const valid = factors.filter((factor) => factor !== undefined);
    return valid.length > 0 && valid.length === items.length ? valid : undefined;
  },
  meaning: (factors) =>
    factors
      ? {
          factors: factors.map(({ name, kind, params, levels }) => ({
            name,
            kind,
            params,
            levels: levels.map(({ meaning }) => meaning),
          })),
        }
      : {},
};

function readFactor(item: Term, context: ReadContext): Factor | undefined {
  const { diagnostics } = context;
  const call = asCall(item, 'factors', diagnostics);
  const kind = call && lookUp(call, factorTable, 'factors', diagnostics);
  const params = call && kind && readParams(call, kind.params, diagnostics, ['name', 'to']);
  if (!call || !kind || !params) return undefined;
  const to = call.args.find(({ name }) => name === 'to');
  if (!to) return diagnostics.error(call.span, `${call.name}: to must be given`, kind.doc);
  const levelContext: LevelContext = { diagnostics, recipe: recipeCallOf(context) };
  const terms = termItems(to.value);
  const levels = terms.map((term) => kind.level(term, params, levelContext));
  const valid = levels.filter((level) => level !== undefined);
  if (valid.length === 0 || valid.length < terms.length)
    return terms.length === 0
      ? diagnostics.error(to.value.span, `${call.name}: to must hold at least one level, got {}`)
      : undefined;
  const named = call.args.find(({ name }) => name === 'name');
  return {
    name: named ? termText(named.value) : kind.nameOf(params),
    kind: call.name,
    params,
    levels: valid,
    current: (variant) => kind.current(variant, params, levelContext),
  };
}
