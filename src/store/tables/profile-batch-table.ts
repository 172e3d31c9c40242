/** `profile_batch`: the measurements of one profile at one batch size, with the time of every block. */
import { endianness } from 'node:os';
import { z } from 'zod';
import { type BatchProfile, profileFlags } from '../../profile/profile-result.js';
import type { Mutable } from '../../util/mutable.js';
import {
  count,
  doubles,
  finite,
  json as jsonOf,
  nullable,
  oneOf,
  positive,
  repeated,
  text,
  withFallback,
} from '../damage/column.js';
import {
  estimateForm,
  indicesForm,
  isEmptyList,
  isUsualEstimate,
  isUsualLatency,
  latencyForm,
} from '../damage/json-forms.js';
import { eachSoundRow, type SoundRow, soundRows, tableSchema } from '../damage/sound-rows.js';
import { addTo, groupBy } from '../group-by.js';
import { execute, idList, queryBuilder, type Store } from '../store.js';
import { withoutNulls } from '../without-nulls.js';

export interface ProfileBatchRow {
  profile_id: number;
  batch: number;
  status: BatchProfile['status'];
  reason: string;
  /** JSON array. */
  flags: string;
  /** JSON `{value, low, high, samples}`; null where nothing could be measured. */
  step_ms: string | null;
  images_per_second: string | null;
  /** JSON `{p50, p90, p99, samples}`. */
  latency_ms: string | null;
  peak_bytes: number | null;
  peak_of: 'device' | 'process' | null;
  base_bytes: number | null;
  build_ms: number | null;
  first_run_ms: number | null;
  warmup_ms: number | null;
  /** Every timed block, milliseconds per pass: little-endian float64. */
  samples_ms: Buffer | null;
  /** JSON `{value, low, high, samples}`: time over the anchor network's time. */
  anchor_ratio: string | null;
  /** The anchor's milliseconds beside `samples_ms`: little-endian float64. */
  anchor_samples_ms: Buffer | null;
  /** JSON array of indices into `samples_ms`. */
  outliers: string | null;
  /** Every singly timed call, milliseconds: little-endian float64. */
  latency_samples_ms: Buffer | null;
  passes_per_block: number | null;
  overhead_share: number | null;
  enqueue_share: number | null;
  ceiling_share: number | null;
  rejected_blocks: number | null;
  bytes_per_pass: number | null;
  copy_share: number | null;
  /** Of `step_ms`; null: the median of all blocks. Times of different estimators are not compared. */
  estimator: string | null;
  /** Beside `samples_ms`, milliseconds per pass: little-endian float64. */
  cpu_samples_ms: Buffer | null;
  steal_samples_ms: Buffer | null;
  wait_samples_ms: Buffer | null;
  pressure_samples_ms: Buffer | null;
}

const flagsForm = z.array(z.enum(profileFlags));
const estimate = nullable(jsonOf(estimateForm, isUsualEstimate));
const samples = withFallback(nullable(doubles), null);

export const profileBatchSchema = tableSchema('profile_batch', ['profile_id', 'batch'], {
  profile_id: count,
  batch: count,
  status: oneOf('ok', 'capped', 'out-of-memory', 'crashed', 'timed-out', 'failed'),
  reason: text,
  flags: repeated(jsonOf(flagsForm, isEmptyList)),
  step_ms: estimate,
  images_per_second: estimate,
  latency_ms: nullable(jsonOf(latencyForm, isUsualLatency)),
  peak_bytes: nullable(positive),
  peak_of: nullable(oneOf('device', 'process')),
  base_bytes: nullable(count),
  build_ms: nullable(positive),
  first_run_ms: nullable(positive),
  warmup_ms: nullable(positive),
  samples_ms: samples,
  anchor_ratio: estimate,
  anchor_samples_ms: samples,
  outliers: withFallback(nullable(jsonOf(indicesForm)), null),
  latency_samples_ms: samples,
  passes_per_block: nullable(positive),
  overhead_share: nullable(finite),
  enqueue_share: nullable(finite),
  ceiling_share: nullable(finite),
  rejected_blocks: nullable(count),
  bytes_per_pass: nullable(positive),
  copy_share: nullable(finite),
  estimator: withFallback(nullable(text), null),
  cpu_samples_ms: samples,
  steal_samples_ms: samples,
  wait_samples_ms: samples,
  pressure_samples_ms: samples,
});

const db = queryBuilder<{ profile_batch: ProfileBatchRow }>();

/** Little-endian float64, readable elsewhere with `numpy.frombuffer(blob, '<f8')`. */
function packSamples(samples: readonly number[]): Buffer {
  const bytes = Buffer.from(new Float64Array(samples).buffer);
  return endianness() === 'LE' ? bytes : bytes.swap64();
}

function unpackSamples(blob: Buffer): number[] {
  return Array.from({ length: blob.length / 8 }, (_, index) => blob.readDoubleLE(8 * index));
}

const blob = (samples: readonly number[] | undefined): Buffer | null =>
  samples === undefined ? null : packSamples(samples);
const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

export function insertProfileBatch(store: Store, profileId: number, row: BatchProfile): void {
  execute(
    store,
    db.insertInto('profile_batch').values({
      profile_id: profileId,
      batch: row.batch,
      status: row.status,
      reason: row.reason,
      flags: JSON.stringify(row.flags),
      step_ms: json(row.stepMs),
      images_per_second: json(row.imagesPerSecond),
      latency_ms: json(row.latencyMs),
      peak_bytes: row.peakBytes === undefined ? null : Math.round(row.peakBytes),
      peak_of: row.peakOf ?? null,
      base_bytes: row.baseBytes === undefined ? null : Math.round(row.baseBytes),
      build_ms: row.buildMs ?? null,
      first_run_ms: row.firstRunMs ?? null,
      warmup_ms: row.warmupMs ?? null,
      samples_ms: blob(row.samplesMs),
      anchor_ratio: json(row.anchorRatio),
      anchor_samples_ms: blob(row.anchorSamplesMs),
      outliers: json(row.outliers),
      latency_samples_ms: blob(row.latencySamplesMs),
      passes_per_block: row.passesPerBlock ?? null,
      overhead_share: row.overheadShare ?? null,
      enqueue_share: row.enqueueShare ?? null,
      ceiling_share: row.ceilingShare ?? null,
      rejected_blocks: row.rejectedBlocks ?? null,
      bytes_per_pass: row.bytesPerPass ?? null,
      copy_share: row.copyShare ?? null,
      estimator: row.estimator ?? null,
      cpu_samples_ms: blob(row.load?.cpuMs),
      steal_samples_ms: blob(row.load?.stealMs),
      wait_samples_ms: blob(row.load?.waitMs),
      pressure_samples_ms: blob(row.load?.pressureMs),
    }),
  );
}

type StoredBatch = SoundRow<typeof profileBatchSchema>;
type StoredSummary = Omit<StoredBatch, (typeof sampleColumns)[number]>;

/**
 * Assigned one by one: spreads of this many properties become hash tables, several times larger.
 * @param samples the same row, where its samples were read
 */
function fromRow(row: StoredSummary, samples?: StoredBatch): BatchProfile {
  const profile: Mutable<BatchProfile> = {
    batch: row.batch,
    status: row.status,
    reason: row.reason,
    flags: row.flags,
  };
  if (row.step_ms !== null) profile.stepMs = row.step_ms;
  if (row.images_per_second !== null) profile.imagesPerSecond = row.images_per_second;
  if (row.latency_ms !== null) profile.latencyMs = row.latency_ms;
  if (row.peak_bytes !== null) profile.peakBytes = row.peak_bytes;
  if (row.peak_of !== null) profile.peakOf = row.peak_of;
  if (row.base_bytes !== null) profile.baseBytes = row.base_bytes;
  if (row.build_ms !== null) profile.buildMs = row.build_ms;
  if (row.first_run_ms !== null) profile.firstRunMs = row.first_run_ms;
  if (row.warmup_ms !== null) profile.warmupMs = row.warmup_ms;
  if (samples?.samples_ms) profile.samplesMs = unpackSamples(samples.samples_ms);
  if (row.anchor_ratio !== null) profile.anchorRatio = row.anchor_ratio;
  if (samples?.anchor_samples_ms) profile.anchorSamplesMs = unpackSamples(samples.anchor_samples_ms);
  if (samples?.outliers) profile.outliers = samples.outliers;
  if (samples?.latency_samples_ms) profile.latencySamplesMs = unpackSamples(samples.latency_samples_ms);
  if (row.passes_per_block !== null) profile.passesPerBlock = row.passes_per_block;
  if (row.overhead_share !== null) profile.overheadShare = row.overhead_share;
  if (row.enqueue_share !== null) profile.enqueueShare = row.enqueue_share;
  if (row.ceiling_share !== null) profile.ceilingShare = row.ceiling_share;
  if (row.rejected_blocks !== null) profile.rejectedBlocks = row.rejected_blocks;
  if (row.bytes_per_pass !== null) profile.bytesPerPass = row.bytes_per_pass;
  if (row.copy_share !== null) profile.copyShare = row.copy_share;
  if (row.estimator !== null) profile.estimator = row.estimator;
  const load = samples && loadOf(samples);
  if (load) profile.load = load;
  return profile;
}

function loadOf(row: StoredBatch): BatchProfile['load'] | null {
  if (row.cpu_samples_ms === null) return null;
  const unpacked = (packed: Buffer | null): number[] | null => packed && unpackSamples(packed);
  return {
    cpuMs: unpackSamples(row.cpu_samples_ms),
    ...withoutNulls({
      stealMs: unpacked(row.steal_samples_ms),
      waitMs: unpacked(row.wait_samples_ms),
      pressureMs: unpacked(row.pressure_samples_ms),
    }),
  };
}

const sampleColumns = [
  'samples_ms',
  'anchor_samples_ms',
  'outliers',
  'latency_samples_ms',
  'cpu_samples_ms',
  'steal_samples_ms',
  'wait_samples_ms',
  'pressure_samples_ms',
] as const satisfies readonly (keyof ProfileBatchRow)[];
const isSample: ReadonlySet<string> = new Set(sampleColumns);
const summaryColumns = (Object.keys(profileBatchSchema.columns) as (keyof ProfileBatchRow)[]).filter(
  (name) => !isSample.has(name),
);
const batchesOf = (profileIds: readonly number[]) =>
  db
    .selectFrom('profile_batch')
    .where('profile_id', 'in', idList(profileIds))
    .orderBy('profile_id')
    .orderBy('batch');

/** Batches by profile id, in order of batch size, without the single samples. */
export function batchSummaries(store: Store, profileIds: readonly number[]): Map<number, BatchProfile[]> {
  const batches = new Map<number, BatchProfile[]>();
  eachSoundRow(store, batchesOf(profileIds).select(summaryColumns), profileBatchSchema, (row) =>
    addTo(batches, row.profile_id, fromRow(row)),
  );
  return batches;
}

/** Batches by profile id, in order of batch size, with every sample. */
export function batchesByProfile(store: Store, profileIds: readonly number[]): Map<number, BatchProfile[]> {
  const stored = soundRows(store, batchesOf(profileIds).selectAll(), profileBatchSchema);
  return groupBy(
    stored,
    (row) => row.profile_id,
    (row) => fromRow(row, row),
  );
}
