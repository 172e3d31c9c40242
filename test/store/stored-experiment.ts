/**
 * Small stored experiments for tests: two architectures, two launches, two seeds, everything deterministic.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Architecture } from '../../src/architecture/architecture.js';
import type { BatchProfile, ProfileResult } from '../../src/profile/profile-result.js';
import type { DeviceKey } from '../../src/runtime/runtime.js';
import { openStore, type Store } from '../../src/store/open-store.js';
import { recordExperiment, recordSession } from '../../src/store/record-results.js';
import type { ArchitectureRow } from '../../src/store/tables/architecture-table.js';
import type { ExperimentRow } from '../../src/store/tables/experiment-table.js';
import type { TrialRow } from '../../src/store/tables/trial-table.js';
import type { TrainResult } from '../../src/train/train-result.js';
import { UserError } from '../../src/util/errors.js';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stagecraft-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const deviceKey: DeviceKey = {
  device: 'test cpu',
  kind: 'cpu',
  threads: 2,
  driver: '',
  runtime: 'tensorflow',
  runtimeVersion: 'none',
  execution: 'compiled',
  precision: 'float32',
  xla: false,
  layout: 'NHWC',
};

export const experiment: ExperimentRow = {
  id: 'e1',
  name: 'demo',
  text: 'experiment demo',
  space_text: 'space demo',
  space_count: '12345678901234567890',
  dataset_name: 'select(seed: 1)',
  protocol: '{"launches":2}',
  recipe: '{"epochs":2}',
  objectives: '["top1"]',
  created_at: '2026-01-01T00:00:00.000Z',
};

const params = {};

/** The form of an architecture of one stage; its parts have no parameters. */
const architectureOf = (layout: string): Architecture => ({
  input: { height: 8, width: 8, channels: 3 },
  classes: 2,
  stem: { type: 'conv', params, width: 8 },
  stages: [
    {
      width: 8,
      downsample: null,
      firstStride: 1,
      blocks: [...layout].map((letter) => ({ type: 'plain-conv', params, letter })),
    },
  ],
  head: { type: 'pool-linear', params },
});

export const architectures: ArchitectureRow[] = ['CC', 'CT'].map((layout, index) => ({
  id: `a${index}`,
  text: JSON.stringify(architectureOf(layout)),
  layout,
  symmetry: 'symmetric',
  params: 1000 + index,
  macs: 2000 + index,
  activation_bytes: 3000,
}));

export const trials: TrialRow[] = [1, 2].flatMap((replicate) =>
  architectures.flatMap(({ id }) =>
    (['profile', 'train'] as const).map((job) => ({
      id: `${job}-${id}-${replicate}`,
      job,
      architecture_id: id,
      replicate,
      settings: '{}',
    })),
  ),
);

export function batchProfile(batch: number, stepMs: number): BatchProfile {
  const estimate = (value: number): { value: number; low: number; high: number; samples: number } => ({
    value,
    low: value * 0.99,
    high: value * 1.01,
    samples: 50,
  });
  return {
    batch,
    status: 'ok',
    reason: '',
    flags: [],
    stepMs: estimate(stepMs),
    imagesPerSecond: estimate((batch * 1000) / stepMs),
    latencyMs: { p50: stepMs, p90: stepMs * 1.1, p99: stepMs * 1.5, samples: 200 },
    peakBytes: 5_000_000_000,
    peakOf: 'process',
    buildMs: 10,
    firstRunMs: 20,
    warmupMs: 200,
    samplesMs: [stepMs, stepMs * 1.001, stepMs * 0.999],
    anchorRatio: estimate(stepMs / 4),
    anchorSamplesMs: [4, 4.1, 3.9],
    outliers: [1],
    latencySamplesMs: [stepMs, 2 * stepMs],
    passesPerBlock: 7,
    overheadShare: 0.001,
    enqueueShare: 0.5,
    ceilingShare: 0.25,
    bytesPerPass: 5e6,
    copyShare: 0.125,
    rejectedBlocks: 0,
  };
}

export const failedBatch = (batch: number): BatchProfile => ({
  batch,
  status: 'out-of-memory',
  reason: 'the device has no more memory',
  flags: [],
});

export const profileResult = (...batches: BatchProfile[]): ProfileResult => ({
  deviceKey,
  coldStartMs: 400,
  batches,
  environment: { load: 0.5 },
});

export function trainResult(top1: number, overrides: Partial<TrainResult> = {}): TrainResult {
  return {
    status: 'ok',
    reason: '',
    deviceKey: { ...deviceKey, threads: 1 },
    datasetHash: 'd1',
    validationTop1: top1,
    validationLoss: 1.5,
    validationCount: 100,
    steps: 20,
    seconds: 2,
    resumedFromEpoch: 0,
    firstStepMs: 100,
    epochs: [1, 2].map((epoch) => ({
      epoch,
      trainLoss: 2 / epoch,
      trainTop1: top1 / 2,
      validationLoss: 1.5,
      validationTop1: top1,
      learningRate: 1e-3,
      gradientNorm: 1,
      imagesPerSecond: 100,
      seconds: 1,
    })),
    ...overrides,
  };
}

/** A new database with the experiment and one session. */
export function filled(file: string): { store: Store; sessionId: number } {
  const store = openStore(file);
  recordExperiment(store, experiment, architectures, trials);
  const { sessionId } = recordSession(store, experiment.id, deviceKey, { host: 'here' });
  return { store, sessionId };
}

/** The user error that `body` throws. */
export const userError = (body: () => unknown): UserError => {
  try {
    body();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return error as UserError;
  }
  throw new Error('no error was thrown');
};
