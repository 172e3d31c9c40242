/** Results of a bundle as the lab's own: estimates are computed from the recorded blocks. Pure. */
import { batchProfile, failedBatch } from '../../profile/candidate/batch-profile.js';
import type { BatchProfile, ProfileResult } from '../../profile/profile-result.js';
import { measurementOf } from '../../profile/protocol/measure.js';
import { unopenedKey } from '../../runtime/child/unopened-key.js';
import { isLowPrecision } from '../../runtime/compute.js';
import { type PytorchMachine, pytorchKey } from '../../runtime/pytorch/pytorch-runtime.js';
import type { DeviceKey } from '../../runtime/runtime.js';
import { reviveRow } from '../../train/loop/checkpoint.js';
import type { TrainResult } from '../../train/train-result.js';
import type { BundleJob, BundlePlan } from './bundle-plan.js';
import type { ProfileRecord, TrainRecord } from './result-file.js';
import type { Facts, MeasuredRow } from './result-forms.js';

/** The key that the lab's own runtime would give these rows. */
export const keyOf = (facts: Facts, { runtime }: BundlePlan): DeviceKey =>
  pytorchKey(facts as PytorchMachine, { ...runtime, threads: facts.threads, precision: facts.precision });

/** Of a job whose process died before it opened the device: never equal to a measured row's. */
const lostKey = ({ runtime }: BundlePlan): DeviceKey =>
  unopenedKey({ runtime: 'pytorch', threads: 0, execution: runtime.execution });

export function profileResult(record: ProfileRecord, job: BundleJob, plan: BundlePlan): ProfileResult {
  const { facts, rows, coldStartMs, environment } = record;
  const deviceKey = facts ? keyOf(facts, plan) : lostKey(plan);
  return {
    deviceKey,
    coldStartMs,
    environment,
    batches: rows.map((row) =>
      row.status === 'measured' ? measuredBatch(row, job, plan, deviceKey) : failedBatch(row.batch, row),
    ),
  };
}

function measuredBatch(row: MeasuredRow, job: BundleJob, plan: BundlePlan, key: DeviceKey): BatchProfile {
  const { macs, bytesPerPass } = plan.networks[job.network]!;
  const { batch, anchorSamplesMs, ceilings } = row;
  const measured = measurementOf(
    {
      warm: { steady: row.warmupSteady, spentMs: row.warmupMs },
      overheadMs: row.overheadMs,
      passes: row.passesPerBlock,
      samplesMs: row.samplesMs,
      load: row.load,
      enqueueShare: row.enqueueShare,
      rejected: row.rejectedBlocks,
      latencySamplesMs: row.latencySamplesMs,
      ...(anchorSamplesMs && { anchorMs: anchorSamplesMs }),
    },
    plan.profile!.protocol,
  );
  const { macsPerSecond, bytesPerSecond } = ceilings;
  const [weightBytes, imageBytes] = bytesPerPass;
  const width = isLowPrecision(key.precision) ? 2 : 1;
  return batchProfile(batch, measured, {
    buildMs: row.buildMs,
    firstRunMs: row.firstRunMs,
    peakBytes: row.peakBytes,
    peakOf: row.peakOf,
    baseBytes: row.baseBytes,
    asynchronous: key.kind === 'gpu',
    busy: row.busy,
    throttled: row.throttled,
    ...(macsPerSecond !== undefined &&
      bytesPerSecond !== undefined && {
        ceilings: { macsPerSecond, bytesPerSecond },
        macsPerImage: macs,
        bytesPerPass: (weightBytes + batch * imageBytes) / width,
      }),
  });
}

/** @param weights the file of its final weights, where they were taken */
export function trainResult(
  { facts, result }: TrainRecord,
  plan: BundlePlan,
  weights: TrainResult['weights'],
): TrainResult {
  const { status, reason, steps, seconds, firstStepMs, resumedFromEpoch, validationCount, confusion } =
    result;
  const { hash, train, validation, classes } = plan.data!;
  const epochs = result.epochs.map((row) => reviveRow(row as TrainResult['epochs'][number]));
  const last = epochs.at(-1);
  return {
    status,
    reason,
    deviceKey: facts ? keyOf(facts, plan) : lostKey(plan),
    datasetHash: hash,
    epochs,
    ...{ steps, seconds, firstStepMs, resumedFromEpoch },
    splits: [
      { split: 'train', count: train.count, hash: train.hash },
      { split: 'validation', count: validation.count, hash: validation.hash },
    ],
    ...(validationCount !== undefined && { validationCount }),
    ...(last && { validationLoss: last.validationLoss, validationTop1: last.validationTop1! }),
    ...(last?.validationTop5 !== undefined && { validationTop5: last.validationTop5 }),
    ...(confusion && { classReport: { classes, confusion } }),
    ...(weights && { weights }),
  };
}
