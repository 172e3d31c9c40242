/**
 * Error rates of whole sessions, looks and refinement included, at the scatter that machines show.
 * `npm run bench -- sessions` simulates more.
 */
import { describe, expect, it } from 'vitest';
import { mostLooks, plannedLooks } from '../../../src/profile/session/session-loop.js';
import type { SessionVerdict } from '../../../src/profile/session/session-verdict.js';
import { seededRandom } from '../../../src/util/random.js';
import { realisticScatter, type SimulatedPlan, simulatedSession } from '../simulated-session.js';

async function simulated(sessions: number, plan: SimulatedPlan, seed: string): Promise<SessionVerdict[]> {
  const found: SessionVerdict[] = [];
  for (let session = 0; session < sessions; session++)
    found.push(await simulatedSession(plan, seededRandom(`${seed}/${plan.scatter}/${session}`)));
  return found;
}

const isWin = ({ comparison: { verdict } }: SessionVerdict['pairs'][number]): boolean =>
  verdict === 'FASTER' || verdict === 'SLOWER';

describe.each(realisticScatter)('a session of at most 21 launches at a launch scatter of %f', (scatter) => {
  it('calls equal networks different in at most 5 %, and its interval holds the truth in at least 93 %', async () => {
    const sessions = await simulated(2500, { factors: { a: 1, b: 1 }, scatter }, 'equal');
    const share = (found: readonly SessionVerdict[]): number => found.length / sessions.length;
    expect(share(sessions.filter(({ pairs }) => isWin(pairs[0]!)))).toBeLessThanOrEqual(0.05);
    const covered = sessions.filter(({ pairs: [pair] }) => {
      const { low, high } = pair!.comparison.ratio;
      return low <= 1 && high >= 1;
    });
    expect(share(covered)).toBeGreaterThanOrEqual(0.93);
    expect(share(sessions.filter((each) => each.void))).toBeLessThanOrEqual(0.03);
  });
  it('finds a true 5 % in at least 99 %, never the wrong way round', async () => {
    const sessions = await simulated(200, { factors: { a: 1.05, b: 1 }, scatter }, 'five');
    const said = sessions.map(({ pairs }) => pairs[0]!.comparison.verdict);
    expect(said.filter((verdict) => verdict === 'SLOWER').length / 200).toBeGreaterThanOrEqual(0.99);
    expect(said).not.toContain('FASTER');
  });
  it('calls networks 1.3 % apart the SAME in at most 5 %', async () => {
    const sessions = await simulated(200, { factors: { a: 1.013, b: 1 }, scatter }, 'apart');
    const same = sessions.filter(({ pairs }) => pairs[0]!.comparison.verdict === 'SAME');
    expect(same.length / 200).toBeLessThanOrEqual(0.05);
  });
  it('over six equal networks, some pair is called different in at most 5 % of sessions', async () => {
    const factors = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`n${index}`, 1]));
    const sessions = await simulated(40, { factors, scatter, budget: 9 }, 'family');
    expect(sessions.filter(({ pairs }) => pairs.some(isWin)).length / 40).toBeLessThanOrEqual(0.05);
  });
});

describe('plannedLooks', () => {
  it('is one without time left, and otherwise leaves as much between looks as the first part took', () => {
    expect(plannedLooks(30_000, 20_000)).toBe(1);
    expect(plannedLooks(30_000, 40_000)).toBe(2);
    expect(plannedLooks(30_000, 120_000)).toBe(4);
    expect(plannedLooks(30_000, 3_600_000)).toBe(mostLooks);
  });
  it('a session that ends early was still corrected for all planned looks', async () => {
    const verdict = await simulatedSession({ factors: { a: 2, b: 1 }, scatter: 0.005 }, seededRandom(1));
    expect([verdict.launches, verdict.looks]).toEqual([3, mostLooks]);
  });
});
