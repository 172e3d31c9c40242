/** The values of every arm by what pairs them: the seed of a training, the launch of a measurement. */
import type { AblationPlan } from '../../store/ablation-plan.js';
import type { CandidateResult, ExperimentResult } from '../../store/experiment-result.js';
import { type Objective, parseObjective, scoreNames } from '../objectives/objectives.js';
import { type Score, score } from '../objectives/result-score.js';

export interface Response {
  readonly objective: Objective;
  /** `score`: of a seed. `log-rate`: logarithm of a time or rate of a launch; differences are relative. */
  readonly kind: 'score' | 'log-rate';
  /** 1 where higher is better, else −1. */
  readonly sign: 1 | -1;
  /** Factor to displayed units: points, or % for relative differences. */
  readonly scale: number;
  /** Unit of differences. */
  readonly unit: string;
  /** Smallest step between two values; 0 where it is not known. */
  readonly step: number;
}

/** @throws RangeError for a response that nothing measures, such as params */
export function responseOf({ response }: AblationPlan, result: ExperimentResult): Response {
  const objective = parseObjective(response);
  const kind = objective && (scoreNames.includes(objective.name) ? 'score' : 'log-rate');
  const isRate = objective && ['images-per-second', 'latency'].includes(objective.name);
  if (!objective || !kind || (kind === 'log-rate' && !isRate))
    throw new RangeError(`ablation: the response must be a score, throughput or latency, got ${response}`);
  const images = result.splits?.find(({ split }) => split === 'validation')?.count;
  const isFraction = kind === 'score' && objective.unit === '%';
  return {
    objective,
    kind,
    sign: objective.better === 'higher' ? 1 : -1,
    scale: kind === 'log-rate' ? 100 : objective.scale,
    unit: kind === 'log-rate' ? '%' : (isFraction && 'points') || '',
    step: isFraction && images ? 1 / images : 0,
  };
}

/** By seed or launch; failed runs are missing. */
export type ArmValues = ReadonlyMap<number, number>;

export function armValues(candidate: CandidateResult, { objective, kind }: Response): ArmValues {
  if (kind === 'score') {
    const of: Score = score(objective.name as Score['name']);
    return new Map(
      candidate.scores.flatMap((run) => {
        const value = of.ofSeed(run);
        return value === undefined ? [] : [[run.seed, value] as const];
      }),
    );
  }
  const launches = candidate.profiles.find(({ batch }) => batch === objective.batch)?.launches ?? [];
  return new Map(
    launches.flatMap((launch, index) => {
      const value = objective.name === 'latency' ? launch.latencyMs?.p50 : launch.imagesPerSecond?.value;
      return value === undefined ? [] : [[index + 1, Math.log(value)] as const];
    }),
  );
}

/** Milliseconds of a step at a batch size. */
export const stepMsAt = ({ profiles }: CandidateResult, batch: number | undefined): number | undefined =>
  profiles.find((profile) => profile.batch === batch)?.stepMs?.value;

/**
 * Why the arm must not be compared with the baseline: a held cost outside its tolerance, or not measured yet.
 * Undefined where it may.
 */
export function costRefusal(
  arm: CandidateResult,
  baseline: CandidateResult,
  hold: AblationPlan['hold'],
): string | undefined {
  const held = [
    ['params', hold.params, arm.params, baseline.params],
    ['macs', hold.macs, arm.macs, baseline.macs],
    ['latency', hold.latency, stepMsAt(arm, hold.batch), stepMsAt(baseline, hold.batch)],
  ] as const;
  for (const [name, tolerance, value, target] of held) {
    if (tolerance === undefined) continue;
    if (value === undefined || target === undefined) return `${name} is not measured yet`;
    const difference = value / target - 1;
    if (Math.abs(difference) > tolerance + 1e-12)
      return (
        `${name} must lie within ${Number((100 * tolerance).toPrecision(3))} % of the baseline's, ` +
        `got ${difference > 0 ? '+' : '−'}${Math.abs(100 * difference).toFixed(1)} %`
      );
  }
  return undefined;
}
