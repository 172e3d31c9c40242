/** Reads every setting of a parsed experiment file and computes the id of the experiment. */
import { dirname, resolve } from 'node:path';
import type { Architecture } from '../../architecture/architecture.js';
import { DiagnosticCollector } from '../../language/diagnostic-collector.js';
import type { ExperimentFile } from '../../language/experiment-file.js';
import { canonicalJson, textHash } from '../../util/canonical-json.js';
import type { Diagnostic } from '../../util/errors.js';
import { nameHint } from '../../util/nearest-name.js';
import type { Experiment, NetworkSearch, Training } from '../experiment.js';
import { type Ablation, type Arms, frozen } from './ablation/ablation.js';
import { budgetSetting } from './budget-setting.js';
import { dataSetting } from './data-setting.js';
import { devicesSetting } from './devices-setting.js';
import { fidelitiesSetting } from './fidelities-setting.js';
import { guideSetting } from './guide-setting.js';
import { historySetting } from './history-setting.js';
import { initialSetting } from './initial-setting.js';
import { objectivesSetting } from './objectives-setting.js';
import { priorSetting } from './prior-setting.js';
import { profileSetting } from './profile-setting.js';
import { publishedSetting } from './published-setting.js';
import { questionSetting } from './question-setting.js';
import { relevanceSetting } from './relevance-setting.js';
import { ruleSetting } from './rule-setting.js';
import { runtimeParamNames, runtimeSetting } from './runtime-setting.js';
import { sampleSetting } from './sample-setting.js';
import type { ReadContext, Setting } from './setting.js';
import { settingTable } from './setting-table.js';
import { spaceSetting } from './space-setting.js';
import { stoppingSetting } from './stopping-setting.js';
import { strategySetting } from './strategy-setting.js';
import { trainSetting } from './train-setting.js';
import { whereSetting } from './where-setting.js';
import { workersSetting } from './workers-setting.js';
import { zeroCostSetting } from './zero-cost-setting.js';

export interface ResolveOptions {
  /** These architectures instead of `space` and `sample`. */
  readonly architectures?: readonly Architecture[];
  /** The text of the space, in place of the file that `space` names. */
  readonly spaceText?: string;
}

/** @param path where the text comes from; paths in it are relative to its folder */
export function resolveExperiment(
  file: ExperimentFile,
  path: string,
  options: ResolveOptions = {},
): { readonly experiment?: Experiment; readonly diagnostics: readonly Diagnostic[] } {
  const context = readContext(file, dirname(path), options);
  reportUnknownKeywords(context);
  for (const setting of settingTable) context.get(setting);
  if (!['profile', 'train', 'data'].some((keyword) => context.has(keyword)))
    context.diagnostics.error(
      file.nameSpan,
      'an experiment must profile, train or both, got neither',
      profileSetting.example,
    );
  const diagnostics = context.diagnostics.all;
  return context.diagnostics.hasErrors
    ? { diagnostics }
    : { diagnostics, experiment: experimentOf(context, diagnostics) };
}

function readContext(
  file: ExperimentFile,
  namedFolder: string,
  { architectures, spaceText }: ResolveOptions,
): ReadContext {
  const values = new Map<string, unknown>();
  const sourceOf = (keyword: string) => file.settings.find((setting) => setting.keyword === keyword);
  const context: ReadContext = {
    file,
    baseFolder: resolve(namedFolder),
    namedFolder,
    architectures,
    ...(spaceText !== undefined && { spaceText }),
    diagnostics: new DiagnosticCollector(),
    has: (keyword) => sourceOf(keyword) !== undefined,
    get<V>(setting: Setting<V>): V | undefined {
      if (setting.needs !== undefined && !context.has(setting.needs)) return undefined;
      if (!values.has(setting.keyword))
        values.set(setting.keyword, setting.read(sourceOf(setting.keyword), context));
      return values.get(setting.keyword) as V | undefined;
    },
  };
  return context;
}

/** Where the keyword is a parameter of a setting's call instead. */
function parameterHint(keyword: string): string | undefined {
  if (/^(device|gpu|cuda)s?$/.test(keyword))
    return 'STAGECRAFT_DEVICE names the device of a run; `npx stagecraft devices` compares databases';
  if (runtimeParamNames.includes(keyword)) return `it is a parameter of runtime: auto(${keyword}: …)`;
  if (keyword === 'seeds') return `it follows the recipe: ${trainSetting.example}`;
  if (keyword === 'batches') return `it is a parameter of profile: ${profileSetting.example}`;
  for (const { keyword: setting, calls = {} } of [trainSetting, profileSetting])
    for (const [call, params] of Object.entries(calls))
      if (Object.hasOwn(params, keyword)) return `it is a parameter of ${setting}: ${call}(${keyword}: …)`;
  return undefined;
}

function reportUnknownKeywords({ file, diagnostics }: ReadContext): void {
  const known = settingTable.map(({ keyword }) => keyword);
  for (const { keyword, keywordSpan } of file.settings) {
    if (known.includes(keyword)) continue;
    const hint = parameterHint(keyword) ?? nameHint(keyword, known);
    diagnostics.error(keywordSpan, `unknown setting, got ${JSON.stringify(keyword)}`, hint);
  }
}

/** The settings without errors, as an experiment. */
function experimentOf(context: ReadContext, warnings: readonly Diagnostic[]): Experiment {
  const { file, baseFolder } = context;
  const search = searchOf(context);
  const space = search?.space ?? context.get(spaceSetting);
  const { architectures, arms } = context.get(sampleSetting)!;
  const count = space?.count();
  const profile = context.get(profileSetting);
  const train = trainingOf(context);
  const ablation = arms && ablationOf(context, arms);
  return {
    id: experimentId(context),
    name: file.name,
    text: file.text,
    spaceText: space?.text ?? '',
    spaceCount: count ? String(count.exact ? count.count : count.estimate) : String(architectures.length),
    architectures,
    ...(search && { search }),
    ...(profile && { profile }),
    relevance: context.get(relevanceSetting)!,
    ...(train && { train }),
    ...(ablation && { ablation }),
    objectives: context.get(objectivesSetting)!,
    runtime: context.get(runtimeSetting)!,
    workers: context.get(workersSetting)!,
    baseFolder,
    warnings,
  };
}

function ablationOf(context: ReadContext, arms: Arms): Ablation {
  const train = context.get(trainSetting);
  return frozen(arms, {
    question: context.get(questionSetting)!,
    rule: context.get(ruleSetting)!,
    response: context.get(objectivesSetting)![0]!,
    dataset: context.get(dataSetting)?.datasetName,
    recipe: train?.recipe,
    seeds: train?.seeds,
    launches: context.get(profileSetting)?.launches,
    published: context.get(publishedSetting),
    guide: context.get(guideSetting),
  });
}

/** The search, with exact constraints as part of its space. */
function searchOf(context: ReadContext): NetworkSearch | undefined {
  const [strategy, whole] = [context.get(strategySetting), context.get(spaceSetting)];
  if (!strategy || !whole) return undefined;
  const { condition = '', measured = [] } = context.get(whereSetting) ?? {};
  const space = condition === '' ? whole : whole.where(condition);
  const history = context.get(historySetting);
  const [elsewhere, prior] = [context.get(devicesSetting), context.get(priorSetting)];
  return {
    ...strategy,
    budget: context.get(budgetSetting)!,
    space,
    constraints: measured,
    ...(history && { history }),
    ...(elsewhere && { elsewhere }),
    ...(prior && { prior }),
  };
}

function trainingOf(context: ReadContext): Training | undefined {
  const [data, train] = [context.get(dataSetting), context.get(trainSetting)];
  if (!data || !train) return undefined;
  const [initial, fidelities] = [context.get(initialSetting), context.get(fidelitiesSetting)];
  const guide = context.get(guideSetting);
  const [zeroCost, stopping] = [context.get(zeroCostSetting), context.get(stoppingSetting)];
  return {
    ...data,
    ...train,
    ...(initial && { initial }),
    ...(guide && { guide }),
    ...(fidelities && { fidelities }),
    ...(zeroCost && { zeroCost }),
    ...(stopping && { stopping }),
  };
}

/** Hash over the name and the `meaning` of every setting. */
function experimentId(context: ReadContext): string {
  const meaningOf = (settings: readonly Setting<unknown>[]): Record<string, unknown> =>
    Object.assign({}, ...settings.map((setting) => setting.meaning(context.get(setting))));
  const isTraining = (setting: Setting<unknown>): boolean =>
    setting.keyword === trainSetting.keyword || setting.needs === 'train';
  const training = settingTable.filter(isTraining);
  return textHash(
    canonicalJson({
      name: context.file.name,
      ...meaningOf(settingTable.filter((setting) => !isTraining(setting))),
      train: context.has(trainSetting.keyword) ? meaningOf(training) : null,
    }),
  );
}
