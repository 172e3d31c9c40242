/**
 * A database of 100,000 trials, written by the store's own recording functions. Networks are drawn from a space; their
 * scores and times follow invented rules with noise, since what is measured is the reading, not the networks.
 */

import { architectureRow } from '../../src/lab/plan.js';
import type { BatchProfile } from '../../src/profile/profile-result.js';
import type { DeviceKey } from '../../src/runtime/runtime.js';
import { spaceFromText } from '../../src/space/load.js';
import { openStore } from '../../src/store/open-store.js';
import {
  recordExperiment,
  recordProfile,
  recordSession,
  recordTraining,
} from '../../src/store/record-results.js';
import { transaction } from '../../src/store/store.js';
import type { ArchitectureRow } from '../../src/store/tables/architecture-table.js';
import type { TrialRow } from '../../src/store/tables/trial-table.js';
import type { EpochRow } from '../../src/train/train-result.js';
import { canonicalJson, textHash } from '../../src/util/canonical-json.js';
import { type Random, seededRandom } from '../../src/util/random.js';
import type { Estimate } from '../../src/util/statistics/interval.js';

export interface LargeDatabase {
  readonly networks: number;
  /** Launches and seeds of each network: one trial each. */
  readonly launches: number;
  readonly seeds: number;
  readonly batches: readonly number[];
  /** Timed blocks of each launch at each batch size. */
  readonly samples: number;
  readonly epochs: number;
}

/** 100,000 trials: every network is measured and trained once. */
export const largeDatabase: LargeDatabase = {
  networks: 50_000,
  launches: 1,
  seeds: 1,
  batches: [1, 64],
  samples: 40,
  epochs: 6,
};

const key: DeviceKey = {
  device: 'Invented CPU',
  kind: 'cpu',
  threads: 2,
  driver: '',
  runtime: 'tensorflow',
  runtimeVersion: '2.21.0',
  execution: 'compiled',
  precision: 'float32',
  xla: false,
  layout: 'NHWC',
};
const spaceText = `space large
  input 32x32x3
  classes 10
  block C = fused-mbconv(expand: {2, 4}, kernel: 3)
  block T = transformer(head-dim: 16, mlp: {2, 4})
  stem conv(width: 16, stride: 1)
  stage 1  width {16, 24}  C{1,3}
  stage 2  width {32, 48}  (C | T){1,4}
  stage 3  width {64, 96}  (C | T){2,6}
  stage 4  width 128  (C | T){1,4}
  head pool-linear
`;
const perTransaction = 1000;

/** @param note is called with the number of networks written so far */
export function writeLargeDatabase(file: string, size: LargeDatabase, note: (done: number) => void): void {
  const random = seededRandom('large-database');
  const space = spaceFromText(spaceText, 'large.space').space!;
  const members = space.count();
  const networks = distinctNetworks(() => architectureRow(space.sample(random)), size.networks, note);
  const store = openStore(file);
  store.sqlite.pragma('synchronous = OFF'); // a file that can be made again
  const experiment = textHash(canonicalJson({ ...size }), 16);
  const trialOf = (job: TrialRow['job'], { id }: ArchitectureRow, replicate: number): TrialRow => ({
    id: textHash(`${job} ${id} ${replicate}`, 16),
    job,
    architecture_id: id,
    replicate,
    settings: job === 'profile' ? '{"batches":[1,64]}' : '{"recipe":{"epochs":6}}',
  });
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
  recordExperiment(
    store,
    {
      id: experiment,
      name: 'large',
      text: 'experiment large\n',
      space_text: spaceText,
      space_count: String(members.exact ? members.count : members.estimate),
      dataset_name: 'motif',
      protocol: '{}',
      recipe: '{}',
      objectives: '["top-1","images-per-second@64"]',
      created_at: '2026-01-01T00:00:00.000Z',
    },
    networks,
    [
      ...numbers(size.launches).flatMap((launch) => networks.map((row) => trialOf('profile', row, launch))),
      ...numbers(size.seeds).flatMap((seed) => networks.map((row) => trialOf('train', row, seed))),
    ],
  );
  const { sessionId } = recordSession(store, experiment, key, { load: 0.1 });
  for (let from = 0; from < networks.length; from += perTransaction) {
    transaction(store, () => {
      for (const row of networks.slice(from, from + perTransaction)) {
        const speed = 2e9 * Math.exp(0.3 * random.normal());
        const skill = 0.45 + 0.04 * Math.log10(row.macs) + 0.03 * random.normal();
        for (const launch of numbers(size.launches)) {
          const batches = size.batches.map((batch) => batchProfile(row, batch, speed, size.samples, random));
          recordProfile(
            store,
            { trialId: trialOf('profile', row, launch).id, sessionId },
            { deviceKey: key, coldStartMs: 900, batches, environment: { load: 0.2 } },
          );
        }
        for (const seed of numbers(size.seeds)) {
          const epochs = curve(skill + 0.01 * random.normal(), size.epochs, random);
          const last = epochs.at(-1)!;
          recordTraining(
            store,
            { trialId: trialOf('train', row, seed).id, sessionId },
            {
              status: 'ok',
              reason: '',
              deviceKey: key,
              datasetHash: 'motif',
              epochs,
              validationTop1: last.validationTop1!,
              validationLoss: last.validationLoss,
              validationCount: 1000,
              steps: 125 * size.epochs,
              seconds: 12 * size.epochs,
              resumedFromEpoch: 0,
              firstStepMs: 800,
            },
          );
        }
      }
    });
    note(Math.min(networks.length, from + perTransaction));
  }
  store.sqlite.pragma('wal_checkpoint(TRUNCATE)');
  store.close();
}

function distinctNetworks(
  draw: () => ArchitectureRow,
  count: number,
  note: (done: number) => void,
): ArchitectureRow[] {
  const found = new Map<string, ArchitectureRow>();
  while (found.size < count) {
    const row = draw();
    found.set(row.id, row);
    if (found.size % 1000 === 0) note(found.size);
  }
  return [...found.values()];
}

const estimate = (value: number, relative: number, samples: number): Estimate => ({
  value,
  low: value * (1 - relative),
  high: value * (1 + relative),
  samples,
});

function batchProfile(
  { macs }: ArchitectureRow,
  batch: number,
  speed: number,
  samples: number,
  random: Random,
): BatchProfile {
  const stepMs = (1 + (batch * macs) / speed) * Math.exp(0.01 * random.normal());
  const times = (spread: number): number[] =>
    Array.from({ length: samples }, () => stepMs * Math.exp(spread * random.normal()));
  return {
    batch,
    status: 'ok',
    reason: '',
    flags: [],
    stepMs: estimate(stepMs, 0.004, samples),
    imagesPerSecond: estimate((batch / stepMs) * 1000, 0.004, samples),
    latencyMs: { p50: stepMs, p90: 1.1 * stepMs, p99: 1.3 * stepMs, samples },
    peakBytes: Math.round(1e8 + 4e5 * batch),
    peakOf: 'process',
    buildMs: 300,
    firstRunMs: 900,
    warmupMs: 250,
    samplesMs: times(0.02),
    load: { cpuMs: times(0.02), stealMs: times(0.1) },
    outliers: [],
    latencySamplesMs: times(0.05),
    passesPerBlock: 4,
    overheadShare: 0.001,
    enqueueShare: 0.1,
    ceilingShare: 0.4,
    bytesPerPass: 1e7,
    copyShare: 0.1,
  };
}

function curve(final: number, epochs: number, random: Random): EpochRow[] {
  return Array.from({ length: epochs }, (_, index) => {
    const share = Math.exp(-(epochs - 1 - index) / 2);
    const top1 = Math.min(0.999, Math.max(0.1, 0.1 + (final - 0.1) * (0.3 + 0.7 * share)));
    return {
      epoch: index + 1,
      trainLoss: 2.3 * (1 - top1),
      trainTop1: top1,
      validationLoss: 2.3 * (1 - top1) + 0.01 * random.normal() ** 2,
      validationTop1: top1,
      learningRate: 1e-3,
      gradientNorm: 1,
      imagesPerSecond: 900,
      seconds: 12,
    };
  });
}
