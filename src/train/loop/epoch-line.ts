/** The log line of an epoch, for log files and terminals. Pure. */
import type { EpochRow } from '../train-result.js';

const percent = (fraction: number): string => `${(fraction * 100).toFixed(1)} %`;

/**
 * @example epochLine(row, 4)
 * // 'epoch 2/4  loss 1.834  top-1 34.2 %  validation loss 1.790, top-1 36.0 %  rate 8.5e-4  gradient 1.21
 * 812 images/s  413 MB'
 */
export function epochLine(row: EpochRow, epochs: number): string {
  const validation = [
    `loss ${row.validationLoss.toFixed(3)}`,
    ...(row.validationTop1 === undefined ? [] : [`top-1 ${percent(row.validationTop1)}`]),
    ...(row.validationTop5 === undefined ? [] : [`top-5 ${percent(row.validationTop5)}`]),
    ...(row.validationMiou === undefined ? [] : [`mIoU ${percent(row.validationMiou)}`]),
  ];
  return [
    `epoch ${row.epoch}/${epochs}`,
    `loss ${row.trainLoss.toFixed(3)}`,
    ...(row.trainTop1 === undefined ? [] : [`top-1 ${percent(row.trainTop1)}`]),
    `validation ${validation.join(', ')}`,
    `rate ${row.learningRate.toExponential(1)}`,
    `gradient ${row.gradientNorm.toPrecision(3)}`,
    `${Math.round(row.imagesPerSecond)} images/s`,
    ...(row.skippedSteps === undefined
      ? []
      : [`${row.skippedSteps} ${row.skippedSteps === 1 ? 'step' : 'steps'} skipped`]),
    ...(row.peakBytes === undefined ? [] : [`${Math.round(row.peakBytes / 1e6)} MB`]),
    ...(row.dataShare === undefined ? [] : [`data ${percent(row.dataShare)}`]),
  ].join('  ');
}
