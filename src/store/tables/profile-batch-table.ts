/** `profile_batch`: what one profile measured at one batch size, with every block's time. */
import { endianness } from 'node:os';
import type { BatchProfile } from '../../profile/profile-result.js';
import { execute, queryBuilder, rows, type Store } from '../store.js';

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
}

const db = queryBuilder<{ profile_batch: ProfileBatchRow }>();

/** Little-endian float64, readable elsewhere with `numpy.frombuffer(blob, '<f8')`. */
export function packSamples(samples: readonly number[]): Buffer {
  const bytes = Buffer.from(new Float64Array(samples).buffer);
  return endianness() === 'LE' ? bytes : bytes.swap64();
}

export function unpackSamples(blob: Buffer): number[] {
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
    }),
  );
}

function fromRow(row: ProfileBatchRow): BatchProfile {
  const optional = <K extends string, V>(key: K, value: V | null): { [P in K]?: V } =>
    value === null ? {} : ({ [key]: value } as { [P in K]: V });
  const parsed = (text: string | null): unknown => (text === null ? null : (JSON.parse(text) as unknown));
  const samples = (packed: Buffer | null): number[] | null =>
    packed === null ? null : unpackSamples(packed);
  return {
    batch: row.batch,
    status: row.status,
    reason: row.reason,
    flags: JSON.parse(row.flags) as BatchProfile['flags'],
    ...optional('stepMs', parsed(row.step_ms)),
    ...optional('imagesPerSecond', parsed(row.images_per_second)),
    ...optional('latencyMs', parsed(row.latency_ms)),
    ...optional('peakBytes', row.peak_bytes),
    ...optional('peakOf', row.peak_of),
    ...optional('buildMs', row.build_ms),
    ...optional('firstRunMs', row.first_run_ms),
    ...optional('warmupMs', row.warmup_ms),
    ...optional('samplesMs', samples(row.samples_ms)),
    ...optional('anchorRatio', parsed(row.anchor_ratio)),
    ...optional('anchorSamplesMs', samples(row.anchor_samples_ms)),
    ...optional('outliers', parsed(row.outliers)),
    ...optional('latencySamplesMs', samples(row.latency_samples_ms)),
    ...optional('passesPerBlock', row.passes_per_block),
    ...optional('overheadShare', row.overhead_share),
    ...optional('enqueueShare', row.enqueue_share),
    ...optional('ceilingShare', row.ceiling_share),
    ...optional('rejectedBlocks', row.rejected_blocks),
    ...optional('bytesPerPass', row.bytes_per_pass),
    ...optional('copyShare', row.copy_share),
  } as BatchProfile;
}

/** Batches of one profile, in order of batch size. */
export function profileBatches(store: Store, profileId: number): BatchProfile[] {
  return rows(
    store,
    db.selectFrom('profile_batch').selectAll().where('profile_id', '=', profileId).orderBy('batch'),
  ).map(fromRow);
}
