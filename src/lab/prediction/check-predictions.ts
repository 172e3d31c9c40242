/**
 * Measures members of a space that the latency model has not seen, and compares the times with its
 * predictions.
 */
import type { Architecture } from '../../architecture/architecture.js';
import { architectureId } from '../../architecture/canonical.js';
import { checkLatencyModel, type ModelCheck } from '../../profile/latency-model/latency-model.js';
import type { Space } from '../../space/model/space.js';
import type { ExperimentResult } from '../../store/experiment-result.js';
import { UserError } from '../../util/errors.js';
import { seededRandom } from '../../util/random.js';
import { deviceText } from '../device-text.js';
import type { Experiment } from '../experiment.js';
import { experiment, fromOption, optionText } from '../experiment-builder.js';
import { experimentFromOptions } from '../load-experiment.js';
import { fitSource, type LatencySource } from './latency-source.js';

export interface CheckPlan {
  readonly batch: number;
  /** Members to measure. */
  readonly count: number;
  readonly launches: number;
  readonly protocol: string | undefined;
  readonly seed: number;
}

/**
 * @param execute measures into the database of the source
 * @throws UserError where fewer than two members are left to measure, or this machine has another device key
 */
export async function checkPredictions(
  space: Space,
  source: LatencySource,
  plan: CheckPlan,
  execute: (experiment: Experiment) => Promise<ExperimentResult>,
): Promise<ModelCheck> {
  const model = fitSource(source, plan.batch);
  const heldOut = drawHeldOut(space, source, plan);
  const result = await execute(heldOutExperiment(heldOut, source, plan));
  if (result.device.id !== source.deviceId)
    throw new UserError(
      `predict --check: this machine must have the model's device key (${deviceText(source.key)}), ` +
        `got ${deviceText(result.device.key)}`,
      { fix: 'check on the machine that measured, or measure some members here' },
    );
  return checkLatencyModel(
    model,
    result.candidates.flatMap(({ architecture, profiles }) =>
      profiles[0]?.stepMs === undefined ? [] : [{ architecture, stepMs: profiles[0].stepMs.value }],
    ),
  );
}

function drawHeldOut(space: Space, { times }: LatencySource, { count, seed }: CheckPlan): Architecture[] {
  const seen = new Set(times.map(({ id }) => id));
  const total = space.count();
  const members = total.exact ? Number(total.count) : Number.MAX_SAFE_INTEGER;
  const heldOut = space
    .sampleDistinct(Math.min(seen.size + count, members), seededRandom(seed))
    .filter((member) => !seen.has(architectureId(member)))
    .slice(0, count);
  if (heldOut.length < 2)
    throw new UserError(
      `predict --check: at least 2 members that are not measured yet are needed, got ${heldOut.length}`,
    );
  return heldOut;
}

/** The members under the settings of the model's device key. */
function heldOutExperiment(
  architectures: readonly Architecture[],
  { key }: LatencySource,
  { batch, launches, protocol }: CheckPlan,
): Experiment {
  const built = experiment({
    name: 'held-out',
    profile: {
      batches: fromOption('--batch', [batch]),
      launches: fromOption('--launches', launches),
      threads: key.threads,
      protocol: protocol === undefined ? undefined : optionText('--protocol', protocol),
    },
    runtime: {
      id: key.runtime,
      execution: key.execution,
      precision: key.precision,
      xla: key.xla || undefined,
      kernels: key.kernels === 'off' ? 'off' : undefined,
      channelsLast: key.layout === 'channels-last' || undefined,
      cudaGraphs: key.graphs === 'cuda' || undefined,
      device: key.runtime === 'pytorch' && key.kind === 'cpu' ? 'cpu' : undefined,
    },
  });
  return experimentFromOptions(built, architectures);
}
