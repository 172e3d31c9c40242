/**
 * The commands. A module is loaded only for its own command, so that `count` loads neither a database nor an
 * engine.
 */
import type { CommandModule } from './options/option-parsers.js';

interface Entry {
  readonly summary: string;
  /** Runs networks: the device that STAGECRAFT_DEVICE names is selected first. */
  readonly computes?: true;
  /**
   * May open a result database: an SQLite addon that does not load is reported as such. `for ids`: where an
   * argument is an id; `where named`: where an argument or `--db` is given.
   */
  readonly opensDatabase?: true | 'for ids' | 'where named';
  load(): Promise<CommandModule>;
}

export const commandTable = {
  setup: {
    summary: 'install the native engine, once per user',
    load: () => import('./commands/installation/setup-command.js'),
  },
  doctor: {
    summary: 'report the engine and device, and how fast they are',
    opensDatabase: 'where named',
    load: () => import('./commands/installation/doctor-command.js'),
  },
  'verify-device': {
    summary: 'check blocks, timing and memory of a device against float32 on the CPU',
    computes: true,
    load: () => import('./commands/installation/verify-device-command.js'),
  },
  init: {
    summary: 'write a commented space and experiment to start from',
    load: () => import('./commands/files/init-command.js'),
  },
  check: {
    summary: 'check space, experiment and architecture files',
    load: () => import('./commands/files/check-command.js'),
  },
  explain: {
    summary: 'explain the settings of experiment files',
    load: () => import('./commands/files/explain-command.js'),
  },
  count: {
    summary: 'count the architectures of a space',
    load: () => import('./commands/space/count-command.js'),
  },
  list: {
    summary: 'list the architectures of a space in order',
    load: () => import('./commands/space/list-command.js'),
  },
  sample: {
    summary: 'draw architectures uniformly from a space',
    load: () => import('./commands/space/sample-command.js'),
  },
  show: {
    summary: 'show one architecture with its costs',
    opensDatabase: 'for ids',
    load: () => import('./commands/network/show-command.js'),
  },
  export: {
    summary: 'write a network for PyTorch, ONNX or TensorFlow, or a result as Parquet',
    opensDatabase: 'for ids',
    load: () => import('./commands/network/export-command.js'),
  },
  import: {
    summary: 'take the results of a bundle, or weights of a PyTorch module or of timm',
    opensDatabase: true,
    load: () => import('./commands/network/import-command.js'),
  },
  diff: {
    summary: 'show the differences between two architectures',
    opensDatabase: 'for ids',
    load: () => import('./commands/network/diff-command.js'),
  },
  classes: {
    summary: 'group members that compute the same function',
    load: () => import('./commands/space/classes-command.js'),
  },
  stats: {
    summary: 'show exact distributions over the members of a space',
    load: () => import('./commands/space/stats-command.js'),
  },
  solve: {
    summary: 'scale a network to meet a cost',
    opensDatabase: 'for ids',
    load: () => import('./commands/space/solve-command.js'),
  },
  fmt: {
    summary: 'print space files in canonical form',
    load: () => import('./commands/files/fmt-command.js'),
  },
  blocks: {
    summary: 'list blocks, stems and heads with their parameters',
    load: () => import('./commands/network/blocks-command.js'),
  },
  profile: {
    summary: 'measure throughput and latency of architectures',
    opensDatabase: true,
    computes: true,
    load: () => import('./commands/measure/profile-command.js'),
  },
  predict: {
    summary: 'predict the time of the members of a space from measured ones',
    opensDatabase: true,
    computes: true,
    load: () => import('./commands/measure/predict-command.js'),
  },
  train: {
    summary: 'train one architecture and score it',
    opensDatabase: true,
    computes: true,
    load: () => import('./commands/measure/train-command.js'),
  },
  score: {
    summary: 'score untrained networks by zero-cost measures',
    opensDatabase: true,
    computes: true,
    load: () => import('./commands/measure/score-command.js'),
  },
  run: {
    summary: 'run an experiment: sample, measure, train, report',
    opensDatabase: true,
    computes: true,
    load: () => import('./commands/experiment/run-command.js'),
  },
  bundle: {
    summary: 'write an experiment as a folder that a Python with torch runs',
    load: () => import('./commands/experiment/bundle-command.js'),
  },
  test: {
    summary: 'evaluate the selected network on the test split',
    opensDatabase: true,
    computes: true,
    load: () => import('./commands/experiment/test-command.js'),
  },
  figure: {
    summary: 'write one figure of a report as SVG or PNG',
    opensDatabase: true,
    load: () => import('./commands/experiment/figure-command.js'),
  },
  report: {
    summary: 'write the report of a database',
    opensDatabase: true,
    load: () => import('./commands/experiment/report-command.js'),
  },
  reproduce: {
    summary: 'run again what made a report, and say which conclusions hold',
    opensDatabase: true,
    computes: true,
    load: () => import('./commands/experiment/reproduce-command.js'),
  },
  fidelity: {
    summary: 'show which cheaper training ranks networks as the full one does',
    opensDatabase: true,
    load: () => import('./commands/experiment/fidelity-command.js'),
  },
  devices: {
    summary: 'show fronts on several devices, and the networks on all of them',
    opensDatabase: true,
    load: () => import('./commands/experiment/devices-command.js'),
  },
  'compare-strategies': {
    summary: 'compare search strategies on a table of published results',
    load: () => import('./commands/search/compare-strategies-command.js'),
  },
  'import-optuna': {
    summary: 'print a study of Optuna as a CSV table',
    opensDatabase: true,
    load: () => import('./commands/search/import-optuna-command.js'),
  },
  ablation: {
    summary: 'show verdict, tables and forest plot of an ablation',
    opensDatabase: true,
    load: () => import('./commands/experiment/ablation-command.js'),
  },
  serve: {
    summary: 'serve the report of a database, live while a run writes it',
    opensDatabase: true,
    load: () => import('./commands/experiment/serve-command.js'),
  },
  explore: {
    summary: 'browse results in the terminal, also during a run',
    opensDatabase: true,
    load: () => import('./commands/experiment/explore-command.js'),
  },
} as const satisfies Record<string, Entry>;

export type CommandName = keyof typeof commandTable;
