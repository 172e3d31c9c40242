/** Arms brought to the baseline's measured latency: over simulated devices, and over a real database. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyseAblation } from '../../../../src/analysis/ablation/analyse-ablation.js';
import type { Architecture } from '../../../../src/architecture/architecture.js';
import { architectureId } from '../../../../src/architecture/canonical.js';
import type { Experiment } from '../../../../src/lab/experiment.js';
import { experimentFromText } from '../../../../src/lab/load-experiment.js';
import { armRows, type Plan, planExperiment } from '../../../../src/lab/plan.js';
import { holdLatency } from '../../../../src/lab/run/hold-latency.js';
import type { Ablation } from '../../../../src/lab/settings/ablation/ablation.js';
import {
  type LatencyState,
  latencyState,
  mostTries,
} from '../../../../src/lab/settings/ablation/equal-latency.js';
import { networkCost } from '../../../../src/network/network-cost.js';
import { openStore, readExperimentResult, type Store } from '../../../../src/store/open-store.js';
import { recordAblation } from '../../../../src/store/record-ablation.js';
import { recordExperiment, recordProfile, recordSession } from '../../../../src/store/record-results.js';
import { seededRandom } from '../../../../src/util/random.js';
import { batchProfile, deviceKey, temporaryFolder } from '../../../store/stored-experiment.js';

const space = `space small
  input 16x16x3
  classes 4
  block C = fused-mbconv(expand: 2, kernel: 3)
  block T = transformer(head-dim: 4, mlp: 2)
  stem conv(width: 32, layers: 1, stride: 1)
  stage 1  width 32  C{1,2}
  stage 2  width 64  (C | T){2,4}
  head pool-linear
`;

function load(hold: string, factors: string): Experiment {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'small.space'), space);
  const text = `experiment try
  space small.space
  question "does it help?"
  baseline CC-CCTT
  factors ${factors}
  hold ${hold}
  rule better(looks: once)
  data motif(train: 40, validation: 20, seed: 1)
  profile throughput(batches: {16}, launches: 2)
  train adamw(epochs: 1) seeds {1, 2}
`;
  return experimentFromText(text, join(folder, 'x.experiment'));
}

/** A device on which MACs mispredict time: exponent, cost of a block, and cost of attention differ. */
interface Device {
  readonly exponent: number;
  readonly blockMs: number;
  readonly attention: number;
  readonly noise: number;
  readonly seed: number;
}

function stepMs(architecture: Architecture, { exponent, blockMs, attention, noise, seed }: Device): number {
  const blocks = architecture.stages.flatMap((stage) => stage.blocks);
  const attending = blocks.filter(({ letter }) => letter === 'T').length / blocks.length;
  const work = (networkCost(architecture).total.macs / 1e6) ** exponent * (1 + attention * attending);
  const scatter = seededRandom(`${seed} ${architectureId(architecture)}`).normal();
  return (work + blockMs * blocks.length) * Math.exp(noise * scatter);
}

const devices = fc.record({
  exponent: fc.double({ min: 0.5, max: 1.3, noNaN: true }),
  blockMs: fc.double({ min: 0, max: 0.5, noNaN: true }),
  attention: fc.double({ min: 0, max: 2, noNaN: true }),
  noise: fc.constantFrom(0, 0.01, 0.05),
  seed: fc.integer({ min: 0, max: 1e6 }),
});

/** Measures what is proposed until nothing is; returns the last state and how many networks were tried. */
function settle(
  arm: Architecture,
  baseline: Architecture,
  hold: Parameters<typeof latencyState>[2],
  on: Device,
) {
  const times = new Map([[architectureId(baseline), stepMs(baseline, on)]]);
  let tries = 0;
  for (;;) {
    const state = latencyState(arm, baseline, hold, times);
    if (state.kind !== 'measure') return { state, tries, times };
    tries++;
    expect(times.has(architectureId(state.architecture))).toBe(false);
    times.set(architectureId(state.architecture), stepMs(state.architecture, on));
  }
}

const ratioOf = (
  { architecture }: LatencyState,
  baseline: Architecture,
  times: ReadonlyMap<string, number>,
): number => times.get(architectureId(architecture))! / times.get(architectureId(baseline))!;

describe('latencyState', () => {
  const example = (): Ablation =>
    load(
      'equal(latency: 0.05, batch: 16)',
      '{block(letter: C, to: {mbconv(expand: 4), convnext}), layout(to: CC-TTTT)}',
    ).ablation!;

  it('ends within the tolerance, or says that it is outside, after a bounded number of networks', () => {
    const { baseline, arms, hold } = example();
    let [within, settled] = [0, 0];
    fc.assert(
      fc.property(devices, fc.integer({ min: 1, max: arms.length - 1 }), (device, index) => {
        const { state, tries, times } = settle(arms[index]!.architecture, baseline, hold, device);
        expect(tries).toBeLessThanOrEqual(mostTries);
        const difference = Math.abs(ratioOf(state, baseline, times) - 1);
        expect(state.kind === 'within').toBe(difference <= hold.latency! + 1e-9);
        settled++;
        if (state.kind === 'within') within++;
      }),
      { numRuns: 12, seed: 1 },
    );
    expect(within / settled).toBeGreaterThan(0.9);
  });

  it('is a function of the set of times: their order does not count', () => {
    const { baseline, arms, hold } = example();
    const device: Device = { exponent: 0.7, blockMs: 0.1, attention: 1, noise: 0.05, seed: 3 };
    const { state, times } = settle(arms[3]!.architecture, baseline, { ...hold, latency: 0.01 }, device);
    const again = latencyState(
      arms[3]!.architecture,
      baseline,
      { ...hold, latency: 0.01 },
      new Map([...times].reverse()),
    );
    expect(again).toEqual(state);
  });

  it('keeps the other held costs', () => {
    const both = load(
      'equal(latency: 0.05, batch: 16, macs: 0.1)',
      '{block(letter: C, to: {mbconv(expand: 4), convnext})}',
    ).ablation!;
    const device: Device = { exponent: 0.8, blockMs: 0.1, attention: 1, noise: 0, seed: 1 };
    const target = networkCost(both.baseline).total.macs;
    for (const { architecture } of both.arms.slice(1)) {
      const { state } = settle(architecture, both.baseline, both.hold, device);
      expect(Math.abs(networkCost(state.architecture).total.macs / target - 1)).toBeLessThanOrEqual(0.1);
    }
  });

  it('a network that fails is passed over', () => {
    const { baseline, arms, hold } = example();
    const times = new Map<string, number | 'failed'>([
      [architectureId(baseline), 1],
      [architectureId(arms[1]!.architecture), 'failed'],
    ]);
    const state = latencyState(arms[1]!.architecture, baseline, hold, times);
    expect(state.kind).toBe('measure');
    expect(architectureId(state.architecture)).not.toBe(architectureId(arms[1]!.architecture));
  });
});

/** Measures a plan on a simulated device, into the store, as a run does; `most` profiles at most. */
function measureOn(device: Device, store: Store, most = Infinity) {
  let left = most;
  const measured: string[] = [];
  const run = (experiment: Experiment, plan: Plan): Promise<void> => {
    recordExperiment(store, plan.experiment, plan.architectures, plan.trials);
    const { ablation } = experiment;
    recordAblation(
      store,
      {
        experimentId: experiment.id,
        name: experiment.name,
        planHash: ablation!.planHash,
        plan: ablation!.plan,
      },
      armRows(experiment),
    );
    const { sessionId } = recordSession(store, plan.experiment.id, deviceKey, {});
    for (const job of plan.jobs) {
      if (job.kind !== 'profile') continue;
      const known = store.sqlite
        .prepare('SELECT count(*) FROM profile WHERE trial_id = ?')
        .pluck()
        .get(job.id);
      if (known !== 0) continue;
      if (left-- <= 0) return Promise.reject(new Error('interrupted'));
      measured.push(job.id);
      const launch = 1 + 0.02 * seededRandom(`${job.id} ${sessionId}`).normal();
      const time = batchProfile(16, stepMs(job.architecture, device) * launch);
      recordProfile(
        store,
        { trialId: job.id, sessionId },
        { deviceKey, coldStartMs: 1, environment: {}, batches: [time] },
      );
    }
    return Promise.resolve();
  };
  return { run, measured };
}

describe('holdLatency over a database', () => {
  const example = (): Experiment =>
    load(
      'equal(latency: 0.06, batch: 16)',
      '{block(letter: C, to: {mbconv(expand: 4), convnext}), layout(to: CC-TTTT)}',
    );
  const open = (): Store => openStore(join(temporaryFolder(), 'results.sqlite'));

  it('an ablation at equal latency never compares outside its tolerance', async () => {
    const experiment = example();
    let compared = 0;
    for (let seed = 0; seed < 2; seed++) {
      const random = seededRandom(`device ${seed}`);
      const device: Device = {
        exponent: 0.6 + 0.6 * random.next(),
        blockMs: 0.3 * random.next(),
        attention: 2 * random.next(),
        noise: 0.03,
        seed,
      };
      const store = open();
      const { run } = measureOn(device, store);
      const held = await holdLatency(experiment, store, run);
      await run(held, planExperiment(held, ''));
      const result = readExperimentResult(store, experiment.id);
      const [base, ...others] = result.candidates;
      const time = ({ profiles }: typeof base & object): number => profiles[0]!.stepMs!.value;
      const { effects } = analyseAblation(result)!;
      others.forEach((candidate, index) => {
        const isWithin = Math.abs(time(candidate) / time(base!) - 1) <= 0.06;
        expect(effects[index]!.refused === undefined).toBe(isWithin);
        expect(held.ablation!.arms[index + 1]!.isUnequal === true).toBe(!isWithin);
        if (isWithin) compared++;
      });
      const trained = planExperiment(held, '').jobs.filter(({ kind }) => kind === 'train');
      expect(new Set(trained.map(({ architectureId: id }) => id)).size).toBe(
        held.ablation!.arms.filter(({ isUnequal }) => !isUnequal).length,
      );
      store.close();
    }
    expect(compared).toBeGreaterThan(3);
  });

  it('an interrupted search goes on, measures nothing twice, and keeps what it stored', async () => {
    const device: Device = { exponent: 0.7, blockMs: 0.2, attention: 1.5, noise: 0.02, seed: 4 };
    const experiment = example();
    const store = open();
    const measured: string[] = [];
    let held: Experiment | undefined;
    for (let attempt = 0; held === undefined; attempt++) {
      expect(attempt).toBeLessThan(40);
      const part = measureOn(device, store, 3);
      try {
        held = await holdLatency(experiment, store, part.run);
      } catch (error) {
        expect(String(error)).toContain('interrupted');
      }
      measured.push(...part.measured);
    }
    expect(new Set(measured).size).toBe(measured.length);
    const { run } = measureOn(device, store);
    await run(held, planExperiment(held, ''));
    const later = measureOn(device, store);
    const again = await holdLatency(experiment, store, later.run);
    expect(again.ablation!.arms).toEqual(held.ablation!.arms);
    expect(later.measured).toEqual([]);
    store.close();
  });
});
