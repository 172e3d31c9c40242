/** Launches that are added while the resolution is above the aim: real rows with planted scatter. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadExperiment } from '../../../src/lab/load-experiment.js';
import { type PlannedJob, planExperiment } from '../../../src/lab/plan.js';
import { extraLaunches, needsLaunch } from '../../../src/lab/run/extra-launches.js';
import type { RunEvent } from '../../../src/lab/run/run-event.js';
import { openStore, readExperimentResult } from '../../../src/store/open-store.js';
import {
  recordExperiment,
  recordProfile,
  recordSession,
  trialState,
} from '../../../src/store/record-results.js';
import { seededRandom } from '../../../src/util/random.js';
import { fitLaunches, type LaunchTime } from '../../../src/util/statistics/resolution.js';
import { batchProfile, deviceKey, profileResult, temporaryFolder } from '../../store/stored-experiment.js';
import { spaceText } from '../tiny.js';

function loaded(throughput: string, networks = 'sample all') {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'tiny.space'), spaceText);
  writeFileSync(
    join(folder, 'x.experiment'),
    `experiment x\n  space tiny.space\n  ${networks}\n  profile throughput(batches: {16}, ${throughput})\n`,
  );
  return { folder, experiment: loadExperiment(join(folder, 'x.experiment')) };
}

/** A database whose launches scatter by `scatter`; each time follows from its job alone. */
function plannedRun(throughput: string, scatter: number) {
  const { folder, experiment } = loaded(throughput);
  const store = openStore(join(folder, 'r.sqlite'));
  const plan = planExperiment(experiment, '2026-01-01T00:00:00.000Z');
  recordExperiment(store, plan.experiment, plan.architectures, plan.trials);
  const measured: string[] = [];
  const events: RunEvent[] = [];
  const session = () => recordSession(store, experiment.id, deviceKey, {});
  const { deviceId: device } = session();
  /** @param most jobs before the process is killed */
  const runOf =
    (sessionId: number, most = Infinity) =>
    async (jobs: readonly PlannedJob[]) => {
      for (const job of jobs) {
        if (trialState(store, { id: job.id, job: 'profile' }, device) === 'done') continue;
        if (most-- <= 0) throw new Error('killed');
        const shared = 1 + 0.2 * seededRandom(`launch ${job.replicate}`).next();
        const ms = 10 * shared * (1 + scatter * seededRandom(job.id).normal());
        recordProfile(store, { trialId: job.id, sessionId }, profileResult(batchProfile(16, ms)));
        measured.push(job.id);
      }
    };
  const extra = (most?: number) =>
    extraLaunches(experiment, store, {
      device,
      onEvent: (event) => events.push(event),
      run: runOf(session().sessionId, most),
    });
  const planned = () => runOf(session().sessionId)(plan.jobs);
  return {
    store,
    experiment,
    plan,
    measured,
    events,
    planned,
    extra,
    result: () => readExperimentResult(store),
  };
}

const launchesOf = (jobs: readonly PlannedJob[]) => [...new Set(jobs.map(({ replicate }) => replicate))];

describe('extraLaunches', () => {
  it('adds whole launches with both anchors until the aim is reached', async () => {
    const run = plannedRun('launches: 2, resolve: 2%, extra-launches: 20', 0.015);
    await run.planned();
    expect(run.result().resolutions[0]!.relative).toBeGreaterThan(0.02);
    const jobs = await run.extra();
    const launches = launchesOf(jobs);
    expect(launches.length).toBeGreaterThan(0);
    expect(launches.length).toBeLessThan(20);
    expect(launches[0]).toBe(3);
    for (const launch of launches) {
      const own = jobs.filter(({ replicate }) => replicate === launch);
      expect(own.map(({ anchorCopy }) => anchorCopy ?? 0).sort()).toEqual([0, 0, 0, 1, 2]);
    }
    const { resolutions, jobs: counts } = run.result();
    expect(resolutions[0]!.relative).toBeLessThanOrEqual(0.02);
    expect(resolutions[0]!.launches).toBe(2 + launches.length);
    expect(counts).toEqual({ planned: 10 + jobs.length, done: 10 + jobs.length, failed: 0 });
    expect(run.events).toHaveLength(launches.length);
  });
  it('adds as many launches again as planned at most, and none where the aim is met or not set', async () => {
    const added = async (throughput: string, scatter: number): Promise<number[]> => {
      const run = plannedRun(throughput, scatter);
      await run.planned();
      return launchesOf(await run.extra());
    };
    expect(await added('launches: 3, resolve: 0.1%', 0.02)).toEqual([4, 5, 6]);
    expect(await added('launches: 1, resolve: 50%', 0.02)).toEqual([2]); // one launch resolves nothing
    expect(await added('launches: 3, resolve: 5%', 0.005)).toEqual([]);
    expect(await added('launches: 3', 0.02)).toEqual([]);
  });
  it('finishes a launch that was interrupted, and measures nothing twice', async () => {
    const run = plannedRun('launches: 2, resolve: 0.1%', 0.02);
    await run.planned();
    await expect(run.extra(3)).rejects.toThrow('killed');
    expect(run.result().jobs).toMatchObject({ planned: 15, done: 13 });
    expect(launchesOf(await run.extra())).toEqual([3, 4]);
    expect(run.result().jobs).toEqual({ planned: 20, done: 20, failed: 0 });
    expect(new Set(run.measured).size).toBe(20);
    expect(run.measured).toHaveLength(20);
    await run.extra();
    expect(run.measured).toHaveLength(20);
  });
});

/** Share of pairs of equal networks beyond X, where launches are added up to as many again as planned. */
function beyondResolution(networks: number, launches: number, scatter: number, aim: number): number {
  const [runs, random] = [600, seededRandom(`${networks} ${launches} ${scatter} ${aim}`)];
  let beyond = 0;
  for (let run = 0; run < runs; run++) {
    const times: LaunchTime[] = [];
    let done = 0;
    let fit: ReturnType<typeof fitLaunches>;
    while (done < launches || (done < 2 * launches && needsLaunch(done, fit?.resolution.relative, aim))) {
      const launch = String(done++);
      for (let network = 0; network < networks + 2; network++)
        times.push({ network: String(network), launch, stepMs: Math.exp(scatter * random.normal()) });
      fit = fitLaunches(times);
    }
    const logs = [...fit!.stepMs.values()].slice(0, networks).map(({ value }) => Math.log(value));
    const step = Math.log1p(fit!.resolution.relative);
    for (const [index, a] of logs.entries())
      for (const b of logs.slice(0, index)) if (Math.abs(a - b) > step) beyond++;
  }
  return beyond / ((runs * networks * (networks - 1)) / 2);
}

describe('needsLaunch', () => {
  // 600 runs: the standard error of a share is below 0.8 points.
  const cases = [2, 3].flatMap((launches) =>
    [0.0055, 0.011, 0.02].flatMap((scatter) =>
      [1, 2].map((factor) => [launches, scatter, 2 * scatter * factor] as const),
    ),
  );
  it.each(cases)('%i launches that scatter by %f, aim %f: equal pairs lie within X', (...of) =>
    expect(beyondResolution(3, ...of)).toBeLessThan(0.07),
  );
});

describe('profile throughput(resolve: …)', () => {
  it('leaves ids of experiments without it, and of its trials, as they are', () => {
    const [plain, off, on] = ['launches: 2', 'launches: 2, resolve: 0', 'launches: 2, resolve: 2%'].map(
      (text) => loaded(text).experiment,
    );
    expect(off!.id).toBe(plain!.id);
    expect(on!.id).not.toBe(plain!.id);
    const ids = (of: typeof plain) =>
      planExperiment(of!, '')
        .jobs.map(({ id }) => id)
        .sort();
    expect(ids(on)).toEqual(ids(plain));
  });
  it('is refused where nothing adds launches', () => {
    expect(() => loaded('resolve: 2%', 'strategy uniform')).toThrow(
      /throughput: a search repeats networks itself, got resolve: 0.02/,
    );
    expect(() => loaded('extra-launches: 2')).toThrow(/throughput: extra-launches needs resolve, got 2/);
  });
});
