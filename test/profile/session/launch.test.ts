/**
 * Sessions of children on the fake runtime: order, pairing, failures, interruption; and refinement on
 * simulated verdicts.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import type { Architecture } from '../../../src/architecture/architecture.js';
import { architectureProblem } from '../../../src/network/architecture-problem.js';
import { networkCost } from '../../../src/network/network-cost.js';
import { anchorNetwork } from '../../../src/profile/session/anchor-network.js';
import { runLaunch } from '../../../src/profile/session/launch.js';
import { firstGroups, frontContenders, nextGroup } from '../../../src/profile/session/refinement.js';
import { runSession, type SessionPlan } from '../../../src/profile/session/run-session.js';
import { comparisonText } from '../../../src/profile/session/session-text.js';
import { judgeSession } from '../../../src/profile/session/session-verdict.js';
import { InterruptedError } from '../../../src/util/errors.js';
import { seededRandom } from '../../../src/util/random.js';
import { simulateSession } from '../simulator.js';

const entry = resolve(import.meta.dirname, '../../runtime/child/fake-session-child.mjs');
const network = (classes: number): Architecture =>
  ({ input: { height: 8, width: 8, channels: 1 }, classes }) as Architecture;
const plan: SessionPlan = {
  candidates: [
    { name: 'a', architecture: network(1) },
    { name: 'b', architecture: network(2) },
  ],
  anchor: network(9),
  batch: 4,
  runtime: 'tensorflow',
  execution: 'compiled',
  threads: 1,
  rounds: 4,
  pairsPerTurn: 1,
  launches: 2,
  together: 6,
  budgetMs: 0,
  protocol: { warmupMs: 5, warmupCapMs: 20, minBlockMs: 1, halfWidth: 0.05, capMs: 50, latencySamples: 0 },
};
const faults = (of: Record<number, Record<string, string>>) => ({ FAULTS_OF: JSON.stringify(of) });

describe('runLaunch', () => {
  it('leaves a time per network and round, the anchor twice, in shuffled order', async () => {
    const order: string[] = [];
    const record = await runLaunch(plan, seededRandom(1), {
      entry,
      onProgress: ({ phase, name }) => {
        if (phase === 'measure') order.push(name);
      },
    });
    expect(
      Object.fromEntries(
        Object.entries(record.networks).map(([name, { stepMs, anchorMs }]) => [
          name,
          [stepMs.length, anchorMs.length],
        ]),
      ),
    ).toEqual({ a: [4, 4], b: [4, 4] });
    expect(record.control.map(({ stepMs }) => stepMs.length)).toEqual([4, 4]);
    expect(record.failures).toEqual({});
    const rounds = Array.from({ length: 4 }, (_, round) => order.slice(4 * round, 4 * round + 4));
    for (const round of rounds) expect([...round].sort()).toEqual(['a', 'b', 'control', 'control again']);
    expect(new Set(rounds.map(String)).size).toBeGreaterThan(1);
  });

  it('times several pairs in a turn', async () => {
    const {
      networks: { a },
      control,
    } = await runLaunch({ ...plan, pairsPerTurn: 3 }, seededRandom(1), { entry });
    expect([a!.stepMs.length, a!.anchorMs.length, control[1].stepMs.length]).toEqual([12, 12, 12]);
  });

  it('measures on while that has taken less time than loading did', async () => {
    const {
      networks: { a },
      control,
    } = await runLaunch({ ...plan, mostRounds: 12 }, seededRandom(1), { entry });
    expect(a!.stepMs.length).toBe(12); // a millisecond a block against processes that start
    expect(control[0].anchorMs.length).toBe(12);
  });

  it.each([
    ['throw', 'failed', 'made to fail'],
    ['abort', 'crashed', 'SIGABRT'],
    ['exhausted', 'out-of-memory', 'OOM'],
    ['killed', 'crashed', 'SIGKILL'],
    ['hang', 'timed-out', 'no sign of life'],
  ])('a network that ends by %s leaves as %s and the others stay whole', async (fault, status, reason) => {
    const record = await runLaunch(plan, seededRandom(1), {
      entry,
      environment: faults({ 1: { 4: fault } }),
      silenceLimitMs: fault === 'hang' ? 4000 : 180_000,
    });
    expect(record.failures['a']).toMatchObject({ status, reason: expect.stringContaining(reason) });
    expect(Object.keys(record.networks)).toEqual(['b']);
    expect(record.networks['b']!.stepMs).toHaveLength(4);
    expect(record.control[1].stepMs).toHaveLength(4);
  });

  it('ends every child when the caller aborts', async () => {
    const controller = new AbortController();
    const running = runLaunch({ ...plan, rounds: 10_000 }, seededRandom(1), {
      entry,
      signal: controller.signal,
      onProgress: ({ round }) => {
        if (round === 3) controller.abort();
      },
    });
    await expect(running).rejects.toBeInstanceOf(InterruptedError);
  });
});

describe.skipIf(process.platform !== 'linux')('a session whose parent is killed with SIGKILL', () => {
  it('leaves no child behind', async () => {
    const script = `
      import { runLaunch } from ${JSON.stringify(pathToFileURL(resolve(import.meta.dirname, '../../../dist/profile/session/launch.js')).href)};
      import { seededRandom } from ${JSON.stringify(pathToFileURL(resolve(import.meta.dirname, '../../../dist/util/random.js')).href)};
      await runLaunch(${JSON.stringify({ ...plan, rounds: 1_000_000 })}, seededRandom(1), { entry: ${JSON.stringify(entry)}, onProgress: ({ round }) => { if (round === 2) console.log('measuring'); } });`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((done) => {
      parent.stdout.once('data', () => done());
    });
    const children = readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8')
      .trim()
      .split(' ');
    expect(children).toHaveLength(4); // two networks and two controls
    parent.kill('SIGKILL');
    const left = (): string[] =>
      children.filter((pid) => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(statusOf(pid)));
    await vi.waitFor(() => expect(left()).toEqual([]), { timeout: 60_000, interval: 20 });
  });
});

const statusOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return 'State: Z';
  }
};

describe('runSession', () => {
  it('makes the launches that everybody gets, even without budget, and judges them', async () => {
    const seen: number[] = [];
    const result = await runSession(plan, seededRandom(1), {
      entry,
      onVerdict: (_, launches) => seen.push(launches),
    });
    expect(seen).toEqual([1, 2]);
    expect(result.records).toHaveLength(2);
    expect(result.verdict.pairs).toHaveLength(1);
    expect(result.verdict.ratios.map(({ name }) => name).sort()).toEqual(['a', 'b']);
  });
  it('goes on without a network that fails', async () => {
    const result = await runSession(plan, seededRandom(1), {
      entry,
      environment: faults({ 2: { 4: 'throw' } }),
    });
    expect(result.verdict.ratios.map(({ name }) => name)).toEqual(['a']);
    expect(result.records[0]!.failures['b']).toMatchObject({ status: 'failed' });
  });
});

describe('firstGroups, nextGroup', () => {
  it('groups are even, whole and in order', () => {
    expect(firstGroups(['a', 'b', 'c', 'd', 'e', 'f', 'g'], { together: 3 })).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f', 'g'],
    ]);
    expect(firstGroups(['a'], { together: 6 })).toEqual([['a']]);
  });
  const weather = { drift: 0, wander: 0, spikes: 0, noise: 0.02, processDeviation: 0.02, launchDeviation: 0 };
  it('takes neighbours whose order is open and nobody else', () => {
    const verdict = judgeSession(
      simulateSession({ a: 1, b: 1.012, c: 1.5, d: 2, e: 2.03 }, 3, 6, weather, seededRandom(3)),
    );
    const group = nextGroup(verdict, { together: 4 });
    expect(group).toEqual(expect.arrayContaining(['a', 'b']));
    expect(group).not.toContain('c');
    expect(nextGroup(verdict, { together: 2 }, new Set(['d', 'e'])).sort()).toEqual(['d', 'e']);
  });
  it('does not come back to a pair that stays open before the others have had as much', () => {
    const records = simulateSession(
      { a: 1, b: 1.01, d: 2, e: 2.02 },
      3,
      6,
      { ...weather, launchDeviation: 0.02 },
      seededRandom(3),
    );
    expect(new Set(nextGroup(judgeSession(records), { together: 2 }))).toEqual(new Set(['a', 'b']));
    const again = [
      ...records,
      ...simulateSession({ a: 1, b: 1.01 }, 2, 6, { ...weather, launchDeviation: 0.02 }, seededRandom(4)),
    ];
    const open = judgeSession(again)
      .pairs.filter(({ comparison }) => comparison.verdict === 'NOT TOLD APART')
      .map(({ first, second }) => first + second);
    expect(open).toEqual(['ab', 'de']);
    expect(new Set(nextGroup(judgeSession(again), { together: 2 }))).toEqual(new Set(['d', 'e']));
  });
  it('is empty when every pair is decided', () => {
    expect(
      nextGroup(
        judgeSession(simulateSession({ a: 1, b: 2 }, 3, 10, { ...weather, noise: 0.002 }, seededRandom(3))),
        { together: 4 },
      ),
    ).toEqual([]);
  });
});

describe('nearFront', () => {
  const at = (name: string, value: number) => ({
    name,
    stepMs: 1,
    ratio: { value, low: value * 0.98, high: value * 1.02, samples: 20 },
  });
  const ratios = [at('fast', 1), at('close', 1.03), at('slow', 1.5), at('slower', 2)];
  it('without scores holds whoever may be the fastest', () =>
    expect([...frontContenders({ ratios })]).toEqual(['fast', 'close']));
  it('with scores holds whom nobody surely beats in both', () => {
    expect([
      ...frontContenders(
        { ratios },
        new Map([
          ['fast', 0.5],
          ['close', 0.4],
          ['slow', 0.9],
          ['slower', 0.8],
        ]),
      ),
    ]).toEqual(['fast', 'close', 'slow']);
  });
});

describe('comparisonText', () => {
  it('says verdict, interval, control and what counts as nothing', () => {
    const quiet = {
      drift: 0,
      wander: 0,
      spikes: 0,
      noise: 0.001,
      processDeviation: 0.02,
      launchDeviation: 0,
    };
    const text = comparisonText(
      judgeSession(simulateSession({ 'CC-CT': 1, 'CC-TT': 1.1 }, 3, 10, quiet, seededRandom(1))),
    );
    expect(text).toMatch(/CC-CT\s+against\s+CC-TT\s+is FASTER, by 9\.\d %/);
    expect(text).toMatch(/differences under 0\.\d % cannot be told here now; SAME: closer than 1\.0 %/);
    expect(text).toContain('control: the anchor against itself: time ');
    expect(text).not.toContain('VOID');
  });
});

describe('anchorNetwork', () => {
  it('can be built, and what it computes has not changed', () => {
    expect(architectureProblem(anchorNetwork)).toBeUndefined();
    expect(networkCost(anchorNetwork).total).toMatchObject({ params: 50268, macs: 23645504 });
  });
});
