/**
 * The meaning of an experiment file: every setting checked against its table and completed with defaults.
 * The id is a hash of what was resolved, so that comments and spelling do not matter and any change of
 * meaning is another experiment (which shares with the old one all trials that both ask for).
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parseObjective, scoreNames } from '../analysis/objectives/objectives.js';
import { taskScores } from '../analysis/objectives/result-score.js';
import type { Architecture } from '../architecture/architecture.js';
import { layoutOf } from '../architecture/layout.js';
import { augmentationWarnings, datasets, describeCall } from '../data/dataset-table.js';
import type { ExperimentFile, Term } from '../language/experiment-file.js';
import { parseExperiment } from '../language/parse.js';
import { renderDiagnostics } from '../language/render-diagnostic.js';
import { architectureProblem } from '../network/architecture-problem.js';
import { taskOf } from '../network/task.js';
import type { Protocol } from '../profile/protocol/protocol.js';
import { protocolFrom, protocolParams } from '../profile/protocol/protocol.js';
import { type ComputeOptions, computeOf, computeParams, computeProblem } from '../runtime/compute.js';
import type { Execution, Precision, RuntimeId } from '../runtime/runtime.js';
import { type StoppingRuleName, stoppingRules } from '../search/stopping/stopping-rules.js';
import { loadSpace } from '../space/load.js';
import type { Space } from '../space/space.js';
import type { Recipe, RecipeStage } from '../train/recipe/recipe.js';
import { atResolution, stageFrom, stageParams, withStages } from '../train/recipe/recipe-stages.js';
import { completeRecipe, recipes } from '../train/recipe/recipe-table.js';
import {
  atFidelity,
  type Fidelity,
  fidelityFrom,
  fidelityParams,
  fidelityText,
} from '../train/recipe/training-fidelity.js';
import type { TrainRequest } from '../train/train-request.js';
import { type InheritMode, inheritModes } from '../train/weights/inherit/inherit.js';
import { weightsHash } from '../train/weights/weights-file.js';
import { type ZeroCostName, zeroCostNames } from '../train/zero-cost/zero-cost-table.js';
import { canonicalJson, textHash } from '../util/canonical-json.js';
import { type Diagnostic, DiagnosticError, type Span, UserError } from '../util/errors.js';
import { nameHint } from '../util/nearest-name.js';
import type { ParamTable, ParamValues } from '../util/params.js';
import { sampleTable } from './settings/sample-table.js';
import { asCall, Findings, lookUp, readParams, readWholeNumbers, termText } from './settings/terms.js';

export interface ProfileSettings {
  readonly batches: readonly number[];
  readonly launches: number /** 0: all cores. */;
  readonly threads: number;
  readonly anchor: boolean /** Whether each run begins with an A/A control. */;
  readonly control: boolean;
  readonly protocol: Protocol;
}
export interface TrainSettings {
  readonly dataset: { readonly name: string; readonly args: ParamValues };
  /** Canonical call, e.g. `motif(train: 4000, validation: 1000, seed: 1)`. */
  readonly datasetName: string;
  readonly recipe: Recipe;
  readonly seeds: readonly number[];
  /** Weights that every training starts from. */
  readonly initial?: NonNullable<TrainRequest['initial']>;
  /** Trainings at cheaper fidelities, beside the full ones. */
  readonly fidelities?: readonly Fidelity[];
  /** Scores of the untrained networks, on one batch of the training images. */
  readonly zeroCost?: {
    readonly measures: readonly ZeroCostName[];
    readonly batch: number;
    readonly seed: number;
  };
  /** Ends full trainings early. */
  readonly stopping?: { readonly rule: StoppingRuleName; readonly params: ParamValues };
}

export interface Experiment {
  readonly id: string;
  readonly name: string;
  /** The file as written. */
  readonly text: string;
  readonly spaceText: string;
  /** Decimal. */
  readonly spaceCount: string;
  /** Distinct, in the order in which they are measured. */
  readonly architectures: readonly Architecture[];
  readonly profile?: ProfileSettings;
  readonly train?: TrainSettings;
  readonly objectives: readonly string[];
  /**
   * What is off or `auto` is absent: its text, and with it the ids of trials, says only what is asked for.
   */
  readonly runtime: {
    readonly id: RuntimeId | 'auto';
    readonly execution: Execution | 'auto';
  } & ComputeOptions;
  /** Trainings side by side and threads of each; they decide the speed of a run, not its results. */
  readonly workers: { readonly trainings: number; readonly threads: number; readonly loaders: number };
  /** Paths of data are relative to it. */
  readonly baseFolder: string;
  readonly warnings: readonly Diagnostic[];
}

const mostThreads = 1024;
const threads = {
  kind: 'int',
  min: 0,
  max: mostThreads,
  default: 0,
  doc: 'threads of the engine; 0 for all cores',
} as const;
const throughputParams = {
  launches: {
    kind: 'int',
    min: 1,
    max: 1000,
    default: 3,
    doc: 'process launches per network; engines pick algorithms anew in each',
  },
  threads,
  anchor: {
    kind: 'bool',
    default: false,
    doc: 'alternate blocks with a fixed anchor network, and keep the ratio to it; doubles the time',
  },
  control: {
    kind: 'bool',
    default: true,
    doc: 'begin each run with the anchor network against itself, about 15 s; a run whose control is not SAME is marked VOID',
  },
  ...protocolParams,
} as const satisfies ParamTable;
const profilers = { throughput: throughputParams };
const runtimeParams = {
  execution: {
    kind: 'choice',
    oneOf: ['auto', 'compiled', 'eager'],
    default: 'auto',
    doc: 'how networks are executed; auto: compiled where the runtime can',
  },
  ...computeParams,
} as const satisfies ParamTable;
const runtimes = { auto: runtimeParams, tensorflow: runtimeParams, wasm: runtimeParams };
const workerParams = {
  count: {
    kind: 'int',
    min: 0,
    max: mostThreads,
    default: 0,
    doc: 'trainings side by side; 0 for one per thread count that fits the cores',
  },
  threads: {
    ...threads,
    min: 1,
    default: 1,
    doc: 'threads of each training; 1 makes them repeatable bit for bit and is fastest in sum',
  },
  loaders: {
    kind: 'int',
    min: 0,
    max: 64,
    default: 1,
    doc: 'threads of each training that make its batches ahead; 0: it makes them itself between steps',
  },
} as const satisfies ParamTable;

const zeroCostParams = {
  batch: { kind: 'int', min: 2, max: 4096, default: 32, doc: 'images of the one batch that is looked at' },
  seed: {
    kind: 'int',
    min: 0,
    max: 0xffffffff,
    default: 1,
    doc: 'of initial weights, of the batch, and of what measures draw',
  },
} as const satisfies ParamTable;

const initialParams = {
  file: { kind: 'text', doc: 'weights of a trained network, as `train --weights` and runs leave them' },
  mode: {
    kind: 'choice',
    oneOf: inheritModes,
    default: 'grow',
    doc: 'grow: keep the function while blocks are put in and widths grow; cut: a part of a supernet; match: equal names and shapes',
  },
} as const satisfies ParamTable;

type Setting = ExperimentFile['settings'][number];

/** Why some network cannot be trained so; undefined where all can. */
function fidelityProblem(
  fidelity: Fidelity,
  recipe: Recipe,
  architectures: readonly Architecture[],
): string | undefined {
  try {
    for (const architecture of architectures) {
      const at = atFidelity(architecture, recipe, fidelity);
      const problem = architectureProblem(atResolution(at.architecture, fidelity.resolution));
      if (problem)
        return `fidelity(${fidelityText(fidelity)}) of ${layoutOf(architecture)}: ${problem.part}: ${problem.message}`;
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
}

/** Keywords of an experiment file, in the order in which they are best written. */
export const keywords = {
  space: 'path of the space file, relative to this file',
  sample: `which members: ${Object.keys(sampleTable).join(', ')}`,
  data: 'data set to train on',
  train: 'recipe, and seeds {1, 2, 3}',
  stages: 'stages of the training: {stage(epochs: 2, resolution: 16), stage(epochs: 2)}',
  initial: 'weights(file: parent.safetensors, mode: grow): what trainings start from',
  fidelities: 'the same trainings cheaper, beside: {fidelity(epochs: 1), fidelity(data: 0.25, width: 0.5)}',
  stopping: `ends trainings early by a rule: ${Object.keys(stoppingRules).join(', ')}`,
  'zero-cost': `scores of untrained networks: measures(of: all) or measures(of: {${zeroCostNames.slice(0, 2).join(', ')}}, batch: 32, seed: 1)`,
  profile: 'throughput(batches: {1, 16, 64}, launches: 3)',
  objectives:
    'what the front is drawn over, the score first: {top-1, images-per-second@16}, {miou, latency@1}, {loss, macs}',
  runtime: 'auto, tensorflow or wasm: auto(execution: compiled, precision: bfloat16, xla: true)',
  workers: 'trainings(count: 2, threads: 1)',
} as const;
type Keyword = keyof typeof keywords;

class Resolver {
  readonly findings = new Findings();
  constructor(
    private readonly file: ExperimentFile,
    private readonly path: string,
  ) {
    for (const { keyword, keywordSpan } of file.settings) {
      if (!Object.hasOwn(keywords, keyword))
        this.findings.error(
          keywordSpan,
          `unknown setting, got ${JSON.stringify(keyword)}`,
          Object.hasOwn(runtimeParams, keyword)
            ? `it is a parameter of runtime: auto(${keyword}: …)`
            : nameHint(keyword, Object.keys(keywords)),
        );
    }
  }

  setting(keyword: Keyword): Setting | undefined {
    return this.file.settings.find((setting) => setting.keyword === keyword);
  }

  /** The first term, and no more. */
  private single(setting: Setting): Term | undefined {
    const extra = setting.terms[1];
    if (extra)
      return this.findings.error(
        extra.span,
        `${setting.keyword} takes one value, got ${JSON.stringify(termText(extra))} too`,
      );
    return setting.terms[0];
  }

  private call<T extends ParamTable>(
    setting: Setting,
    table: Readonly<Record<string, T>>,
    term: Term | undefined = this.single(setting),
    others: readonly string[] = [],
  ) {
    const call = term && asCall(term, setting.keyword, this.findings);
    const params = call && lookUp(call, table, setting.keyword, this.findings);
    const values = params && readParams(call, params, this.findings, others);
    return values && { call, values };
  }

  space(): Space | undefined {
    const setting = this.setting('space');
    if (!setting)
      return this.findings.error(
        this.file.nameSpan,
        'an experiment needs a space, got none',
        'space  ../search-spaces/ascan-cpu.space',
      );
    const term = this.single(setting);
    if (!term) return undefined;
    if (term.kind !== 'text')
      return this.findings.error(term.span, `space must be a path, got ${JSON.stringify(termText(term))}`);
    try {
      return loadSpace(resolve(dirname(this.path), term.value));
    } catch (error) {
      if (error instanceof DiagnosticError || !(error instanceof UserError)) throw error; // its own file, its own places
      return this.findings.error(term.span, error.message, error.fix);
    }
  }

  sample(
    space: Space | undefined,
  ): { name: string; values: ParamValues; architectures: Architecture[] } | undefined {
    const setting = this.setting('sample');
    if (!setting)
      return this.findings.error(
        this.file.nameSpan,
        'an experiment needs a sample, got none',
        'sample  balanced(symmetric: 4, asymmetric: 4, seed: 1)',
      );
    const read = this.call(
      setting,
      Object.fromEntries(Object.entries(sampleTable).map(([name, { params }]) => [name, params])),
    );
    if (!read || !space) return undefined;
    try {
      const architectures = sampleTable[read.call.name]!.draw(space, read.values);
      if (architectures.length === 0)
        return this.findings.error(read.call.span, 'sample must draw at least one member, got none');
      return { name: read.call.name, values: read.values, architectures };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return this.findings.error(read.call.span, error.message, error.fix);
    }
  }

  train(architectures: readonly Architecture[]): TrainSettings | undefined {
    const [data, train] = [this.setting('data'), this.setting('train')];
    if (!train)
      return (
        data &&
        this.findings.error(
          data.keywordSpan,
          'data is there to train on, got no train setting',
          'train  adamw(epochs: 4)  seeds {1, 2, 3}',
        )
      );
    const seeds = this.seeds(train);
    const recipe = this.call(
      train,
      Object.fromEntries(Object.entries(recipes).map(([name, { params }]) => [name, params as ParamTable])),
      train.terms[0],
    );
    if (!data)
      return this.findings.error(
        train.keywordSpan,
        'training needs data, got no data setting',
        'data  motif(train: 4000, validation: 1000, seed: 1)',
      );
    const dataset = this.call(
      data,
      Object.fromEntries(Object.entries(datasets).map(([name, { params }]) => [name, params as ParamTable])),
    );
    if (!recipe || !dataset || !seeds) return undefined;
    const stages = this.stages();
    const plain = this.recipe(recipe.call, recipe.values);
    const initial = this.initial();
    const [fidelities, zeroCost, stopping] = [
      this.fidelities(plain && stages ? withStages(plain, stages) : plain, architectures),
      this.zeroCost(),
      this.stopping(),
    ];
    if (
      !plain ||
      stages === null ||
      initial === null ||
      fidelities === null ||
      zeroCost === null ||
      stopping === null
    )
      return undefined;
    const settings = {
      dataset: { name: dataset.call.name, args: dataset.values },
      datasetName: describeCall(dataset.call.name, dataset.values),
      recipe: stages ? withStages(plain, stages) : plain,
      seeds,
      ...(initial && { initial }),
      ...(fidelities && { fidelities }),
      ...(zeroCost && { zeroCost }),
      ...(stopping && { stopping }),
    };
    for (const warning of augmentationWarnings(settings.dataset.name, settings.recipe))
      this.findings.warn(recipe.call.span, warning);
    return settings;
  }

  private recipe(
    call: { readonly name: string; readonly span: Span },
    values: ParamValues,
  ): Recipe | undefined {
    try {
      return completeRecipe(call.name, values);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return this.findings.error(call.span, error.message, error.fix);
    }
  }

  /** Undefined where there is no such setting, null where it is wrong. */
  private stages(): RecipeStage[] | undefined | null {
    const setting = this.setting('stages');
    if (!setting) return undefined;
    const term = this.single(setting);
    const items = term?.kind === 'set' ? term.items : term ? [term] : [];
    const stages = items.map((item) => {
      const call = asCall(item, 'stages', this.findings);
      const params = call && lookUp(call, { stage: stageParams }, 'stages', this.findings);
      const values = params && readParams(call, params, this.findings, ['data']);
      const given = call?.args.find(({ name }) => name === 'data');
      const data =
        given &&
        this.call(
          setting,
          Object.fromEntries(
            Object.entries(datasets).map(([name, definition]) => [name, definition.params as ParamTable]),
          ),
          given.value,
        );
      return values && (given === undefined || data)
        ? stageFrom(values, data && { name: data.call.name, args: data.values })
        : undefined;
    });
    const last = stages.at(-1);
    if (last?.dataset)
      this.findings.error(
        items.at(-1)!.span,
        "the last stage trains on the experiment's data, which is what is scored and compared, got data of its own",
        'give data to earlier stages',
      );
    if (items.length === 0)
      this.findings.error(
        setting.keywordSpan,
        'stages must hold at least one stage, got none',
        'stages  {stage(epochs: 2, resolution: 16), stage(epochs: 2)}',
      );
    return items.length > 0 && !last?.dataset && stages.every((stage) => stage !== undefined) ? stages : null;
  }

  /** Undefined where there is no such setting, null where it is wrong. */
  private initial(): TrainSettings['initial'] | null {
    const setting = this.setting('initial');
    if (!setting) return undefined;
    const read = this.call(setting, { weights: initialParams });
    if (!read) return null;
    const file = resolve(dirname(this.path), String(read.values.file));
    try {
      return { file, sha256: weightsHash(file), mode: read.values.mode as InheritMode };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.findings.error(read.call.span, error.message);
      return null;
    }
  }

  /** Undefined where there is no such setting, null where it is wrong. */
  private fidelities(
    recipe: Recipe | undefined,
    architectures: readonly Architecture[],
  ): Fidelity[] | undefined | null {
    const setting = this.setting('fidelities');
    if (!setting) return undefined;
    const term = this.single(setting);
    const items = term?.kind === 'set' ? term.items : term ? [term] : [];
    const found = items.map((item) => {
      const call = asCall(item, 'fidelities', this.findings);
      const params = call && lookUp(call, { fidelity: fidelityParams }, 'fidelities', this.findings);
      const values = params && readParams(call, params, this.findings);
      const fidelity = values && fidelityFrom(values);
      if (values && !fidelity)
        this.findings.error(
          item.span,
          'a fidelity must be cheaper than the training, got nothing that differs',
          'fidelity(epochs: 1)',
        );
      const problem = fidelity && recipe && fidelityProblem(fidelity, recipe, architectures);
      if (problem === undefined) return fidelity;
      this.findings.error(item.span, problem);
      return undefined;
    });
    const whole = found.filter((fidelity) => fidelity !== undefined);
    return items.length > 0 && whole.length === items.length ? whole : null;
  }

  /** Undefined where there is no such setting, null where it is wrong. */
  private zeroCost(): TrainSettings['zeroCost'] | null {
    const setting = this.setting('zero-cost');
    if (!setting) return undefined;
    const read = this.call(setting, { measures: zeroCostParams }, undefined, ['of']);
    if (!read) return null;
    const of = read.call.args.find(({ name }) => name === 'of')?.value;
    const all = !of || (of.kind === 'text' && of.value === 'all');
    const items = all ? [] : of.kind === 'set' ? of.items : [of];
    const strange = items.filter((item) => !zeroCostNames.includes(termText(item) as ZeroCostName));
    for (const item of strange)
      this.findings.error(
        item.span,
        `zero-cost: a measure must be a known one, got ${JSON.stringify(termText(item))}`,
        nameHint(termText(item), zeroCostNames),
      );
    if (strange.length > 0) return null;
    return {
      measures: all ? zeroCostNames : [...new Set(items.map((item) => termText(item) as ZeroCostName))],
      batch: Number(read.values.batch),
      seed: Number(read.values.seed),
    };
  }

  /** Undefined where there is no such setting, null where it is wrong. */
  private stopping(): TrainSettings['stopping'] | null {
    const setting = this.setting('stopping');
    if (!setting) return undefined;
    const read = this.call(
      setting,
      Object.fromEntries(
        Object.entries(stoppingRules).map(([name, rule]) => [name, rule.params as ParamTable]),
      ),
    );
    return read ? { rule: read.call.name as StoppingRuleName, params: read.values } : null;
  }

  /** `seeds {1, 2, 3}` after the recipe; {1} where not given. */
  private seeds(setting: Setting): number[] | undefined {
    const [, word, value, extra] = setting.terms;
    if (!word) return [1];
    if (word.kind !== 'text' || word.value !== 'seeds')
      return this.findings.error(
        word.span,
        `expected seeds, got ${JSON.stringify(termText(word))}`,
        'train  adamw(epochs: 4)  seeds {1, 2, 3}',
      );
    if (!value)
      return this.findings.error(
        word.span,
        'seeds must be followed by numbers, got the end of the line',
        'seeds {1, 2, 3}',
      );
    if (extra)
      return this.findings.error(
        extra.span,
        `train ends after its seeds, got ${JSON.stringify(termText(extra))} too`,
      );
    return readWholeNumbers(value, 'seeds', { min: 0, max: 0xffffffff }, this.findings);
  }

  profile(): ProfileSettings | undefined {
    const setting = this.setting('profile');
    if (!setting) return undefined;
    const [first] = setting.terms;
    const given = first?.kind === 'call' ? first.args.find((arg) => arg.name === 'batches') : undefined;
    const batches = given
      ? readWholeNumbers(given.value, 'batches', { min: 1, max: 65_536 }, this.findings)
      : [1, 16, 64];
    const read = this.call(setting, profilers, undefined, ['batches']);
    if (!read || !batches) return undefined;
    return {
      batches: [...batches].sort((a, b) => a - b),
      launches: Number(read.values.launches),
      threads: Number(read.values.threads),
      anchor: read.values.anchor === true,
      control: read.values.control !== false,
      protocol: protocolFrom(read.values),
    };
  }

  /** @param first of the architectures: its head says the task, and so the score where none is named */
  objectives(profile: ProfileSettings | undefined, first: Architecture | undefined): string[] {
    const setting = this.setting('objectives');
    const term = setting && this.single(setting);
    const task = first ? taskOf(first) : 'classification';
    if (!term)
      return [
        this.setting('train') ? taskScores[task][0] : 'params',
        profile ? `images-per-second@${Math.max(...profile.batches)}` : 'macs',
      ];
    const items = term.kind === 'set' ? term.items : [term];
    if (items.length < 2 || items.length > 3)
      this.findings.error(term.span, `objectives must be two or three, got ${items.length}`);
    for (const item of items) {
      const objective = item.kind === 'text' ? parseObjective(item.value) : undefined;
      if (!objective)
        this.findings.error(
          item.span,
          `an objective must be a stored one, got ${JSON.stringify(termText(item))}`,
          'e.g. top-1, images-per-second@16, latency@1, params, macs, peak-bytes@64',
        );
      else if (objective.batch !== undefined && profile && !profile.batches.includes(objective.batch))
        this.findings.error(
          item.span,
          `an objective's batch must be one that profile measures (${profile.batches.join(', ')}), got ${objective.batch}`,
        );
      else if (scoreNames.includes(objective.name) && !this.setting('train'))
        this.findings.error(item.span, `${objective.name} needs a train setting, got none`);
      else if (
        first &&
        scoreNames.includes(objective.name) &&
        !taskScores[task].some((name) => name === objective.name)
      )
        this.findings.error(
          item.span,
          `a score of ${task} must be ${taskScores[task].join(' or ')}, got ${objective.name}`,
        );
    }
    return items.map(termText);
  }

  runtime(): Experiment['runtime'] {
    const setting = this.setting('runtime');
    const read = setting && this.call(setting, runtimes);
    if (!read) return { id: 'auto', execution: 'auto' };
    const [id, execution] = [
      read.call.name as RuntimeId | 'auto',
      read.values.execution as Execution | 'auto',
    ];
    const compute = computeOf({
      precision: read.values.precision as Precision | 'auto',
      xla: read.values.xla === true,
    });
    const problem = computeProblem(id, execution, compute);
    if (problem) this.findings.error(read.call.span, `runtime: ${problem.message}`, problem.fix);
    return { id, execution, ...compute };
  }

  workers(): Experiment['workers'] {
    const setting = this.setting('workers');
    const read = setting && this.call(setting, { trainings: workerParams });
    const { count, threads: each, loaders } = read?.values ?? { count: 0, threads: 1, loaders: 1 };
    return {
      threads: Number(each),
      loaders: Number(loaders),
      trainings: Number(count) || Math.max(1, Math.floor(availableParallelism() / Number(each))),
    };
  }
}

export interface ResolveOptions {
  /** Instead of `space` and `sample`: these architectures. */
  readonly architectures?: readonly Architecture[];
}

/** @param path where the text comes from; paths in it are relative to its folder */
export function resolveExperiment(
  file: ExperimentFile,
  path: string,
  options: ResolveOptions = {},
): { readonly experiment?: Experiment; readonly diagnostics: readonly Diagnostic[] } {
  const resolver = new Resolver(file, path);
  const given = options.architectures;
  const space = given ? undefined : resolver.space();
  const sample = given ? { name: 'given', values: {}, architectures: [...given] } : resolver.sample(space);
  const [profile, train, runtime, workers] = [
    resolver.profile(),
    resolver.train(sample?.architectures ?? []),
    resolver.runtime(),
    resolver.workers(),
  ];
  const objectives = resolver.objectives(profile, sample?.architectures[0]);
  const wanted = resolver.setting('profile') ?? resolver.setting('train') ?? resolver.setting('data');
  if (!wanted)
    resolver.findings.error(
      file.nameSpan,
      'an experiment must profile, train or both, got neither',
      'profile  throughput(batches: {1, 16, 64})',
    );
  const diagnostics = [...resolver.findings.list].sort(
    (a, b) => a.span.line - b.span.line || a.span.column - b.span.column,
  );
  if (!sample || diagnostics.some(({ severity }) => severity === 'error')) return { diagnostics };
  const count = space?.count();
  const spaceText = space?.text ?? '';
  const meaning = {
    name: file.name,
    space: spaceText,
    sample: given
      ? given.map((architecture) => canonicalJson(architecture))
      : { name: sample.name, values: sample.values },
    profile: profile ?? null,
    train: train
      ? {
          dataset: train.datasetName,
          recipe: train.recipe,
          seeds: train.seeds,
          ...(train.initial && { initial: { sha256: train.initial.sha256, mode: train.initial.mode } }),
          ...(train.fidelities && { fidelities: train.fidelities }),
          ...(train.stopping && { stopping: train.stopping }),
          ...(train.zeroCost && { zeroCost: train.zeroCost }),
        }
      : null,
    objectives,
    runtime,
  };
  return {
    diagnostics,
    experiment: {
      id: textHash(canonicalJson(meaning)),
      name: file.name,
      text: file.text,
      spaceText,
      spaceCount: count
        ? String(count.exact ? count.count : count.estimate)
        : String(sample.architectures.length),
      architectures: sample.architectures,
      ...(profile ? { profile } : {}),
      ...(train ? { train } : {}),
      objectives,
      runtime,
      workers,
      baseFolder: dirname(resolve(path)),
      warnings: diagnostics,
    },
  };
}

/**
 * Parses and resolves a text.
 * @throws DiagnosticError with every finding, at file, line and column
 */
export function experimentFromText(text: string, path: string, options: ResolveOptions = {}): Experiment {
  const parsed = parseExperiment(text, path);
  const resolved = parsed.experiment ? resolveExperiment(parsed.experiment, path, options) : undefined;
  const diagnostics = [...parsed.diagnostics, ...(resolved?.diagnostics ?? [])];
  if (resolved?.experiment) return resolved.experiment;
  throw new DiagnosticError(diagnostics, renderDiagnostics(diagnostics, text));
}

/** @throws UserError where the file cannot be read, DiagnosticError for what stands in it */
export function loadExperiment(path: string): Experiment {
  return experimentFromText(readTextFile(path), path);
}

function readTextFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(
      `${path}: ${code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'a file is needed, got a folder' : message}`,
      { cause: error },
    );
  }
}
