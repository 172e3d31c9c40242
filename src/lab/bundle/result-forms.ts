/** The forms of the records that a bundle's Python writes. Numbers that are not finite are null there. */
import { z } from 'zod';
import { precisions } from '../../runtime/compute.js';

const text = z.string();
const instant = z.iso.datetime();
const size = z.number().min(0);
const count = z.int().min(0);
const sizes = z.array(size);
const number = z.number().nullable();
const environment = z.record(text, z.union([z.number(), z.string()]));

/** Of the process that ran a job; `precision` and `threads` as it had them. */
const factsForm = z.looseObject({
  device: z.looseObject({
    type: z.enum(['cpu', 'cuda', 'mps']),
    name: text.exactOptional(),
    uuid: text.exactOptional(),
  }),
  versions: z.record(text, text),
  python: text,
  processor: text,
  driver: text,
  threads: z.int().min(1),
  precision: z.enum(precisions),
});
export type Facts = z.infer<typeof factsForm>;

const ceilingsForm = z.looseObject({ macsPerSecond: size, bytesPerSecond: size });

export const sessionRecordForm = z.looseObject({
  kind: z.literal('session'),
  startedAt: instant,
  facts: factsForm,
  ceilings: ceilingsForm.nullable(),
  environment,
});

const common = {
  job: text,
  session: text,
  startedAt: instant,
  endedAt: instant,
  facts: factsForm.nullable(),
};
const failure = z.enum(['out-of-memory', 'crashed', 'timed-out', 'failed']);

const measuredForm = z.looseObject({
  batch: z.int().min(1),
  status: z.literal('measured'),
  warmupMs: size,
  warmupSteady: z.boolean(),
  overheadMs: size,
  passesPerBlock: z.int().min(1),
  samplesMs: sizes.min(1),
  anchorSamplesMs: sizes.exactOptional(),
  load: z.looseObject({
    cpuMs: sizes,
    stealMs: sizes.exactOptional(),
    waitMs: sizes.exactOptional(),
    pressureMs: sizes.exactOptional(),
  }),
  enqueueShare: size,
  rejectedBlocks: count,
  latencySamplesMs: sizes,
  peakBytes: count,
  peakOf: z.enum(['device', 'process']),
  baseBytes: count,
  buildMs: size,
  firstRunMs: size,
  busy: z.boolean(),
  throttled: z.boolean(),
  ceilings: ceilingsForm.partial(),
});
export type MeasuredRow = z.infer<typeof measuredForm>;
const failedForm = z.looseObject({ batch: z.int().min(1), status: failure, reason: text });

export const profileRecordForm = z.looseObject({
  kind: z.literal('profile'),
  ...common,
  coldStartMs: size,
  environment,
  rows: z.array(z.discriminatedUnion('status', [measuredForm, failedForm])).min(1),
});

const epochForm = z.looseObject({
  epoch: z.int().min(1),
  trainLoss: number,
  trainTop1: z.number(),
  validationLoss: number,
  validationTop1: z.number(),
  validationTop5: z.number().exactOptional(),
  learningRate: z.number(),
  gradientNorm: number,
  imagesPerSecond: size,
  seconds: size,
  dataShare: z.number(),
  peakBytes: count,
});

export const trainRecordForm = z.looseObject({
  kind: z.literal('train'),
  ...common,
  result: z.looseObject({
    status: z.enum(['ok', 'diverged', ...failure.options]),
    reason: text,
    epochs: z.array(epochForm),
    steps: count,
    seconds: size,
    firstStepMs: size,
    resumedFromEpoch: count,
    validationCount: count.exactOptional(),
    confusion: z.array(z.array(count)).exactOptional(),
    weights: z
      .looseObject({
        file: z.string().regex(/^weights\/[0-9a-f]+\.safetensors$/),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      })
      .exactOptional(),
  }),
});
