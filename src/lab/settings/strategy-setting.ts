/** `strategy NAME(…) seed N`: the networks are searched for instead of drawn at once. */
import { type StrategyName, strategies } from '../../search/strategy-table.js';
import type { ParamValues } from '../../util/params.js';
import { readCall, readWholeNumbers, termText } from './read-terms.js';
import { callDocs, callTables, type ReadContext, type Setting, type SettingSource } from './setting.js';

export interface StrategySetting {
  readonly name: StrategyName;
  readonly params: ParamValues;
  /** Same seed, same answers in the same order: same proposals. */
  readonly seed: number;
}

const strategyCalls = callTables(strategies);
/** Settings that choose networks or trainings in another way, and why they do not go with a search. */
const others: Readonly<Record<string, string>> = {
  sample: 'the strategy chooses the networks',
  factors: 'an ablation names its networks',
  fidelities: 'strategy multi-fidelity(…) trains shorter first',
  stopping: 'strategy multi-fidelity(…) promotes trainings from rung to rung',
  'zero-cost': 'score networks with the command score',
};
/** Defaults of parameters that were added later: left out, so that the ids of older files stay. */
const younger: ParamValues = { mutation: 'edit' };
/** Settings that only a search has. */
const parts = ['budget', 'where', 'history', 'devices', 'prior'];
const partHints: Readonly<Record<string, string>> = {
  devices:
    'it names databases of other machines for a search; STAGECRAFT_DEVICE names the device of a run, ' +
    '`npx stagecraft devices` compares databases',
};

export const strategySetting: Setting<StrategySetting> = {
  keyword: 'strategy',
  summary: 'search instead of a sample: auto, nsga2(population: 24), predictor, racing, multi-fidelity, …',
  example: 'strategy  nsga2(population: 24)  seed 1',
  reference:
    'Default: none, the networks of `sample` are measured. With a strategy there is no `sample`; ' +
    'default `seed 1`. `auto` chooses by budget, size of the space and number of objectives.',
  calls: strategyCalls,
  callDocs: callDocs(strategies),
  read(source, context) {
    if (!source) return reportParts(context);
    const { diagnostics, file } = context;
    for (const { keyword, keywordSpan } of file.settings)
      if (Object.hasOwn(others, keyword))
        diagnostics.error(
          keywordSpan,
          `a search takes no ${keyword}, got one beside strategy`,
          others[keyword]!,
        );
    const read = readCall(source, strategyCalls, diagnostics, { term: source.terms[0] });
    const seed = readSeed(source, context);
    if (!read || seed === undefined) return undefined;
    return { name: read.call.name as StrategyName, params: read.values, seed };
  },
  meaning: (strategy) => (strategy ? { strategy: { ...strategy, params: meantParams(strategy) } } : {}),
};

/** Without parameters that are younger than stored experiments, where they have their default. */
const meantParams = ({ params }: StrategySetting): ParamValues =>
  Object.fromEntries(Object.entries(params).filter(([name, value]) => younger[name] !== value));

function reportParts({ file, diagnostics }: ReadContext): undefined {
  for (const { keyword, keywordSpan } of file.settings)
    if (parts.includes(keyword))
      diagnostics.error(
        keywordSpan,
        `${keyword} needs a strategy, got none`,
        partHints[keyword] ?? strategySetting.example,
      );
  return undefined;
}

function readSeed({ terms }: SettingSource, { diagnostics }: ReadContext): number | undefined {
  const [, word, value, extra] = terms;
  if (!word) return 1;
  const wrong = word.kind !== 'text' || word.value !== 'seed' || !value ? word : extra;
  if (wrong)
    return diagnostics.error(
      wrong.span,
      `a strategy must be followed by its seed or nothing, got ${JSON.stringify(termText(wrong))}`,
      strategySetting.example,
    );
  return readWholeNumbers(value!, 'seed', { min: 0, max: Number.MAX_SAFE_INTEGER }, diagnostics)?.[0];
}
