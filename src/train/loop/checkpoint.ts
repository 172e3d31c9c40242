/**
 * The state of a training after an epoch or within one, in one safetensors file that is replaced atomically:
 * a reader finds the old or the new one, whole. A checkpoint of another request is not resumed; a damaged one
 * is told from a good one by its checksum.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { WeightSet } from '../../runtime/runtime.js';
import { canonicalJson, textHash } from '../../util/canonical-json.js';
import type { TrainRequest } from '../train-request.js';
import type { EpochRow } from '../train-result.js';
import { decodeTensors, encodeTensors } from '../weights/safetensors.js';
import type { DivergenceState } from './divergence-monitor.js';

export interface Checkpoint {
  /** See `requestHash`. */
  readonly request: string;
  /** From 0; of a training in stages. */
  readonly stage?: number;
  /** Optimizer steps done in this stage. */
  readonly step: number;
  /** Optimizer steps of the stages before. */
  readonly stepsBefore?: number;
  readonly weights: WeightSet;
  readonly slots: WeightSet;
  /** Rows of all finished epochs. */
  readonly epochs: readonly EpochRow[];
  /** Seconds of training and scoring so far, over all runs. */
  readonly seconds: number;
  readonly firstStepMs: number;
  /** What the watch over divergence had seen. */
  readonly watch?: DivergenceState;
  /** Where the state was taken within an epoch: the sums so far. */
  readonly within?: EpochSums;
}

/** What an epoch's row is made of. */
export interface EpochSums {
  readonly steps: number;
  readonly loss: number;
  readonly correct: number;
  /** Images, or labelled pixels. */
  readonly units: number;
  readonly norm: number;
  /** Milliseconds so far, and of them waiting for batches. */
  readonly ms: number;
  readonly waitMs: number;
  /** Of the steps: those that a scaled loss has skipped; they count in nothing else. Absent: none. */
  readonly skipped?: number;
}

/**
 * What must be equal for a checkpoint to be resumed: everything that shapes the curve, the data's content
 * included.
 */
export function requestHash(request: TrainRequest, datasetHash: string, engine: string): string {
  const {
    checkpointFile,
    weightsFile,
    loaders,
    expectedHash,
    checkpointEveryMs,
    dataset,
    initial,
    ...shaping
  } = request;
  return textHash(
    canonicalJson({
      ...shaping,
      ...(initial && { initial: { sha256: initial.sha256, mode: initial.mode } }),
      datasetHash,
      engine,
    }),
    32,
  );
}

/**
 * Writes beside the file, flushes to disk, renames over it, flushes the folder. @throws where the disk is
 * full or not writable
 */
export function writeCheckpoint(file: string, checkpoint: Checkpoint): void {
  const { weights, slots, ...rest } = checkpoint;
  const tensors = new Map([
    ...[...weights].map(([path, value]) => [`weights/${path}`, value] as const),
    ...[...slots].map(([path, value]) => [`slots/${path}`, value] as const),
  ]);
  replaceFile(
    file,
    encodeTensors({ tensors, metadata: { format: 'stagecraft-checkpoint-1', state: JSON.stringify(rest) } }),
  );
}

/** A row that went through JSON, which knows no NaN. */
export const reviveRow = (row: EpochRow): EpochRow =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, (value as number | null) ?? Number.NaN]),
  ) as unknown as EpochRow;

export type CheckpointLookup =
  | { readonly kind: 'none' }
  /** Cut short, changed, or not a checkpoint. */
  | { readonly kind: 'damaged'; readonly reason: string }
  /** Whole, but of another request. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'fits'; readonly checkpoint: Checkpoint };

export function readCheckpoint(file: string, request: string): CheckpointLookup {
  if (!existsSync(file)) return { kind: 'none' };
  try {
    const { tensors, metadata } = decodeTensors(readFileSync(file), file);
    if (metadata['format'] !== 'stagecraft-checkpoint-1')
      return {
        kind: 'damaged',
        reason: `${file}: format must be "stagecraft-checkpoint-1", got ${JSON.stringify(metadata['format'] ?? null)}`,
      };
    const state = JSON.parse(metadata['state']!) as Omit<Checkpoint, 'weights' | 'slots'>;
    if (state.request !== request) return { kind: 'foreign' };
    return {
      kind: 'fits',
      checkpoint: {
        ...state,
        epochs: state.epochs.map(reviveRow),
        weights: under(tensors, 'weights/'),
        slots: under(tensors, 'slots/'),
      },
    };
  } catch (error) {
    return { kind: 'damaged', reason: (error as Error).message };
  }
}

/** Replaces a file so that it is at every moment the old or the new one, durably. */
export function replaceFile(file: string, bytes: Buffer): void {
  mkdirSync(dirname(file), { recursive: true });
  const beside = `${file}.tmp`;
  const handle = openSync(beside, 'w');
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(beside, file);
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

const under = (tensors: WeightSet, prefix: string): WeightSet =>
  new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
