/** Jobs and their outcomes in one line each. */
import { significantText } from '../../../analysis/number-text.js';
import { percent } from '../../../analysis/summary/resolution-text.js';
import type { Job } from '../../../lab/job.js';
import type { RunEvent } from '../../../lab/run/run-event.js';
import { machineText } from '../../../profile/candidate/environment.js';
import type { ProfileProgress } from '../../../profile/candidate/run-profile.js';
import { fidelityText } from '../../../train/recipe/training-fidelity.js';
import { duration } from '../text-format.js';

/** What a phase does, by kind of job. */
export const phaseNames = { profile: 'measure', score: 'score', train: 'train' } as const;
const replicateNames = { profile: 'launch', score: 'seed', train: 'seed' } as const;

/** The layout or arm of a network of the plan; the anchor by what it is, since the space does not hold it. */
export const networkText = ({ layout, arm, anchorCopy }: Job): string =>
  anchorCopy === undefined ? (arm ?? layout) : `anchor network ${anchorCopy}`;

export const jobText = (job: Job): string =>
  `${networkText(job)} ${replicateNames[job.kind]} ` +
  `${job.replicate}${job.fidelity ? `, ${fidelityText(job.fidelity)}` : ''}`;

/** The outcome of a job in one line. */
export function outcomeText(event: Extract<RunEvent, { type: 'done' }>): string {
  if (event.status !== 'ok' && event.status !== 'partial') return `${event.status}: ${event.reason}`;
  if (event.job.kind === 'score') return event.reason;
  if (event.train) {
    const { validationTop1, validationMiou, validationLoss, seconds } = event.train;
    const share = (fraction: number): string => `${(fraction * 100).toFixed(1)} %`;
    const scores = [
      validationMiou === undefined ? '' : `mIoU ${share(validationMiou)}`,
      validationTop1 === undefined ? '' : `top-1 ${share(validationTop1)}`,
      validationLoss === undefined ? '' : `loss ${validationLoss.toFixed(3)}`,
    ];
    return `${scores.find(Boolean) ?? 'no score'} in ${duration(seconds)}`;
  }
  const batches = event.profile!.batches.map(
    ({ batch, stepMs, status }) => `${batch}: ${stepMs ? `${significantText(stepMs.value)} ms` : status}`,
  );
  return `batch ${batches.join(', ')}`;
}

/** @example 'batch 16 measure, 12 samples ±0.8 % (aim 0.5 %), 2100 MHz, 61 °C' */
export function profileText({ batch, phase, samples, halfWidth, aim, machine }: ProfileProgress): string {
  const width =
    halfWidth === undefined ? '' : ` ±${(100 * halfWidth).toFixed(1)} % (aim ${(100 * aim).toFixed(1)} %)`;
  return [
    `batch ${batch} ${phase}`,
    samples > 0 ? `${samples} samples${width}` : '',
    machine === undefined ? '' : machineText(machine),
  ]
    .filter(Boolean)
    .join(', ');
}

/** `launch 4 of at most 6: differences under 3.1 % cannot be told so far, the aim is 2.0 %` */
export function launchText({ launch, most, aim, resolution }: Extract<RunEvent, { type: 'launch' }>): string {
  const now =
    resolution === undefined
      ? 'the resolution is unknown'
      : `differences under ${percent(resolution)} cannot be told so far`;
  return `launch ${launch} of at most ${most}: ${now}, the aim is ${percent(aim)}`;
}
