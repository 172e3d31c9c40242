/**
 * The A/A control of a measuring run: the anchor against itself, in two processes, interleaved over at least
 * four launches. Most scatter lies between processes, so more launches help more than longer ones. If the
 * verdict is not SAME, comparisons of the run are void.
 */
import type { Random } from '../../util/random.js';
import type { Protocol } from '../protocol/protocol.js';
import { anchorNetwork } from './anchor-network.js';
import type { LaunchPlan, SessionHooks } from './launch.js';
import { runSession } from './run-session.js';
import type { SessionVerdict } from './session-verdict.js';

/** Noise floor of the control of a run, as a fraction: the resolution of a sweep of short measurements. */
export const controlNoiseFloor = 0.02;

/**
 * Takes half a minute on a CPU. If the verdict is AMBIGUOUS, it adds launches up to twenty times `capMs` (40
 * s by default).
 * @throws InterruptedError, and UserError where the anchor cannot run
 */
export async function measureControl(
  plan: Pick<LaunchPlan, 'runtime' | 'execution' | 'threads' | 'precision' | 'xla'> & {
    readonly batch: number;
    readonly protocol: Protocol;
  },
  random: Random,
  hooks: SessionHooks = {},
): Promise<SessionVerdict> {
  const { verdict } = await runSession(
    {
      ...plan,
      candidates: [],
      anchor: anchorNetwork,
      rounds: 2,
      pairsPerTurn: 8,
      launches: 4,
      together: 1,
      budgetMs: 20 * plan.protocol.capMs,
      comparison: { noiseFloor: controlNoiseFloor },
      protocol: {
        ...plan.protocol,
        warmupCapMs: Math.min(plan.protocol.warmupCapMs, 1500),
        minBlockMs: Math.max(plan.protocol.minBlockMs, 30),
      },
    },
    random,
    hooks,
  );
  return verdict;
}

/** @example 'SAME (-0.4 % to +0.6 %)', 'VOID: AMBIGUOUS (-1.8 % to +3.1 %)' */
export function controlText({ control }: Pick<SessionVerdict, 'control'>): string {
  const percent = (ratio: number): string =>
    `${ratio >= 1 ? '+' : '-'}${(100 * Math.abs(ratio - 1)).toFixed(1)} %`;
  return `${control.verdict === 'SAME' ? '' : 'VOID: '}${control.verdict} (${percent(control.ratio.low)} to ${percent(control.ratio.high)})`;
}
