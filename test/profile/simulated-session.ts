/** Whole sessions on a made-up clock: launches, looks and refinement as on a real device, simulated times. */
import { sessionLoop } from '../../src/profile/session/session-loop.js';
import type { SessionVerdict } from '../../src/profile/session/session-verdict.js';
import type { Random } from '../../src/util/random.js';
import { rough, simulateSession } from './simulator.js';

export interface SimulatedPlan {
  /** True time of each candidate, as a multiple of the anchor's. */
  readonly factors: Readonly<Record<string, number>>;
  /** Standard deviation of a network's time between launches. */
  readonly scatter: number;
  /** Launches that every network gets; default 3. */
  readonly launches?: number;
  /** Time budget in launches; default 21. */
  readonly budget?: number;
}

/** Scatter between launches of one virtual machine: quiet, ordinary, beside other work. */
export const realisticScatter = [0.0055, 0.011, 0.02] as const;

const launchMs = 10_000;

export async function simulatedSession(
  { factors, scatter, launches = 3, budget = 21 }: SimulatedPlan,
  random: Random,
): Promise<SessionVerdict> {
  let now = 0;
  const { verdict } = await sessionLoop(
    { names: Object.keys(factors), launches, together: 6, budgetMs: budget * launchMs },
    {
      async launch(names) {
        now += launchMs;
        const present = Object.fromEntries(names.map((name) => [name, factors[name]!]));
        return simulateSession(present, 1, 10, { ...rough, launchDeviation: scatter }, random)[0]!;
      },
      now: () => now,
      refuse() {
        throw new Error('simulated session: every launch has controls');
      },
    },
  );
  return verdict;
}
