/**
 * The state of a training after or within an epoch, in one safetensors file that is replaced atomically. A
 * checkpoint of another request is not resumed. A checksum detects a damaged file.
 */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { WeightSet } from '../../runtime/runtime.js';
import { canonicalJson, textHash } from '../../util/canonical-json.js';
import type { TrainRequest } from '../train-request.js';
import type { EpochRow } from '../train-result.js';
import { replaceFile } from '../weights/replace-file.js';
import { decodeTensors, encodeTensors, jsonMetadata } from '../weights/safetensors.js';
import type { DivergenceState } from './divergence-monitor.js';
import type { EpochSums } from './epoch-sums.js';

export interface Checkpoint {
  /** See `requestHash`. */
  readonly request: string;
  /** Index from 0, of a multi-stage training. */
  readonly stage?: number;
  /** Optimizer steps done in this stage. */
  readonly step: number;
  /** Optimizer steps of the previous stages. */
  readonly stepsBefore?: number;
  readonly weights: WeightSet;
  readonly slots: WeightSet;
  /** Rows of all finished epochs. */
  readonly epochs: readonly EpochRow[];
  /** Seconds of training and evaluation so far, over all runs. */
  readonly seconds: number;
  readonly firstStepMs: number;
  /** State of the divergence monitor. */
  readonly watch?: DivergenceState;
  /** Sums of the running epoch, where the state was taken within one. */
  readonly within?: EpochSums;
}

/**
 * Hash of everything that determines the training curve, the data's content and the runtime with its versions
 * included. A checkpoint is resumed only by a request with an equal hash.
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
    python,
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

/** Writes the checkpoint atomically and durably. @throws where the disk is full or not writable */
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

/** Scores of an epoch's row: absent where there are none. Its other fields may be not finite. */
const scoreFields: ReadonlySet<string> = new Set<keyof EpochRow>(['trainTop1', 'validationTop1']);

/**
 * A row as it was before `JSON.stringify`, which writes numbers that are not finite as null. A score of null,
 * as older checkpoints have it, is left out.
 */
export const reviveRow = (row: EpochRow): EpochRow =>
  Object.fromEntries(
    Object.entries(row as unknown as Record<string, number | null>)
      .filter(([name, value]) => value !== null || !scoreFields.has(name))
      .map(([name, value]) => [name, value ?? Number.NaN]),
  ) as unknown as EpochRow;

export type CheckpointLookup =
  | { readonly kind: 'none' }
  /** Truncated, changed, or not a checkpoint. */
  | { readonly kind: 'damaged'; readonly reason: string }
  /** Intact, but of another request. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'fits'; readonly checkpoint: Checkpoint };

const whole = z.int().min(0);
const number = z.number().nullish();
const numbers = <K extends string>(...names: K[]): z.ZodObject<Record<K, z.ZodNullable<z.ZodNumber>>> =>
  z.looseObject(
    Object.fromEntries(names.map((name) => [name, z.number().nullable()])) as Record<
      K,
      z.ZodNullable<z.ZodNumber>
    >,
  );

/** JSON writes numbers that are not finite as null. */
const stateForm = z.looseObject({
  request: z.string(),
  stage: whole.optional(),
  step: whole,
  stepsBefore: whole.optional(),
  epochs: z.array(z.looseObject({ epoch: z.int().min(1) }).catchall(number)),
  seconds: z.number(),
  firstStepMs: z.number(),
  watch: numbers('high', 'still', 'same', 'last').optional(),
  within: numbers('steps', 'loss', 'correct', 'units', 'norm', 'ms', 'waitMs').optional(),
}) as unknown as z.ZodType<Omit<Checkpoint, 'weights' | 'slots'>>;

/** Looks up a checkpoint to resume. @param request hash of the request, see `requestHash` */
export function readCheckpoint(file: string, request: string): CheckpointLookup {
  if (!existsSync(file)) return { kind: 'none' };
  try {
    const { tensors, metadata } = decodeTensors(readFileSync(file), file);
    if (metadata['format'] !== 'stagecraft-checkpoint-1')
      return {
        kind: 'damaged',
        reason:
          `${file}: ` +
          `format must be "stagecraft-checkpoint-1", got ${JSON.stringify(metadata['format'] ?? null)}`,
      };
    const state = jsonMetadata(metadata, 'state', stateForm, file);
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

const under = (tensors: WeightSet, prefix: string): WeightSet =>
  new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
