/** Searches in processes of their own, killed with SIGKILL at random and resumed. */
import { describe, expect, it } from 'vitest';
import { killCampaign } from './kill-campaign.js';

describe.skipIf(process.platform === 'win32')('tableSearch, killed with SIGKILL', () => {
  it.each(['nsga2', 'racing'] as const)(
    '%s on one worker: the log of an uninterrupted search',
    async (strategy) => {
      const outcome = await killCampaign({ strategy, workers: 1, trials: 60, kills: 6, delayMs: 0, seed: 1 });
      expect(outcome).toEqual({
        kills: 6,
        asked: 60,
        answered: 60,
        difference: undefined,
        isUninterrupted: true,
      });
    },
    60_000,
  );

  it.each(['predictor', 'multi-fidelity'] as const)(
    '%s on eight workers with random delays: nothing lost or doubled, and a sequential replay proposes the same',
    async (strategy) => {
      const outcome = await killCampaign({
        strategy,
        workers: 8,
        trials: 80,
        kills: 4,
        delayMs: 15,
        seed: 2,
      });
      expect(outcome).toEqual({
        kills: 4,
        asked: 80,
        answered: 80,
        difference: undefined,
        isUninterrupted: undefined,
      });
    },
    60_000,
  );
});
