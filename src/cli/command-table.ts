/**
 * The commands. A module is loaded when its command is asked for, so that `count` does not wait for a
 * database or an engine.
 */
import type { CommandModule } from './options/option-parsers.js';

interface Entry {
  readonly summary: string;
  /** Runs networks: the device that STAGECRAFT_DEVICE names is looked for first. */
  readonly computes?: true;
  load(): Promise<CommandModule>;
}

export const commands = {
  setup: {
    summary: 'install the native engine, once per user',
    load: () => import('./commands/installation/setup-command.js'),
  },
  doctor: {
    summary: 'say what measures here, on what, and how fast',
    load: () => import('./commands/installation/doctor-command.js'),
  },
  check: {
    summary: 'check space, experiment and architecture files',
    load: () => import('./commands/files/check-command.js'),
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
    load: () => import('./commands/network/show-command.js'),
  },
  diff: {
    summary: 'show what tells two architectures apart',
    load: () => import('./commands/network/diff-command.js'),
  },
  classes: {
    summary: 'group members that are one function',
    load: () => import('./commands/space/classes-command.js'),
  },
  stats: {
    summary: 'show how the members of a space spread, exactly',
    load: () => import('./commands/space/stats-command.js'),
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
    computes: true,
    load: () => import('./commands/measure/profile-command.js'),
  },
  predict: {
    summary: 'predict the time of the members of a space from measured ones',
    computes: true,
    load: () => import('./commands/measure/predict-command.js'),
  },
  train: {
    summary: 'train one architecture and score it',
    computes: true,
    load: () => import('./commands/measure/train-command.js'),
  },
  score: {
    summary: 'score untrained networks by zero-cost measures',
    computes: true,
    load: () => import('./commands/measure/score-command.js'),
  },
  run: {
    summary: 'run an experiment: sample, measure, train, report',
    computes: true,
    load: () => import('./commands/experiment/run-command.js'),
  },
  test: {
    summary: 'score the chosen network on the test split, once',
    computes: true,
    load: () => import('./commands/experiment/test-command.js'),
  },
  report: {
    summary: 'write the report of a database',
    load: () => import('./commands/experiment/report-command.js'),
  },
  fidelity: {
    summary: 'show which cheaper training ranks networks alike',
    load: () => import('./commands/experiment/fidelity-command.js'),
  },
  explore: {
    summary: 'browse results in the terminal, also while a run writes them',
    load: () => import('./commands/experiment/explore-command.js'),
  },
} as const satisfies Record<string, Entry>;

export type CommandName = keyof typeof commands;
