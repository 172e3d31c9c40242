import { describe, expect, it } from 'vitest';
import {
  batchesOf,
  costObjectives,
  mainCost,
  objective,
  objectiveKinds,
  parseObjective,
} from '../../../src/analysis/objectives/objectives.js';
import { frontOf } from '../../../src/analysis/pareto/pareto-front.js';
import type { CandidateResult } from '../../../src/store/experiment-result.js';
import { fixtureResult } from '../../fixtures/experiment-result.js';

const template = fixtureResult({ candidates: 1, failures: false }).candidates[0]!;
/** A candidate of given accuracy with half-width, and parameters. */
const made = (top1: number, half: number, params: number): CandidateResult => ({
  ...template,
  params,
  top1: { value: top1, low: top1 - half, high: top1 + half, samples: 3 },
});

describe('objectives', () => {
  const result = fixtureResult();
  it('lists what the result has, with batches settled', () => {
    expect(batchesOf(result)).toEqual([1, 16, 64]);
    expect(costObjectives(result).map((each) => each.id)).toEqual([
      'images-per-second@1',
      'images-per-second@16',
      'images-per-second@64',
      'latency@1',
      'latency@16',
      'latency@64',
      'params',
      'macs',
      'activation-bytes',
      'peak-bytes@1',
      'peak-bytes@16',
      'peak-bytes@64',
    ]);
  });
  it('every objective of the table parses back from its id and reads with a text', () => {
    for (const each of [objective('top-1'), ...costObjectives(result)]) {
      expect(parseObjective(each.id)?.label).toBe(each.label);
      expect(each.text(each.read(result.candidates[0]!)!)).toMatch(/\d/);
    }
    expect(Object.keys(objectiveKinds).length).toBe(10);
  });
  it('parseObjective knows nothing else', () => {
    for (const text of [
      '',
      'speed',
      'latency',
      'params@4',
      'latency@x',
      'latency@0',
      'latency@1@2',
      'toString',
    ])
      expect(parseObjective(text)).toBeUndefined();
  });
  it('objective(name) without a needed batch throws', () =>
    expect(() => objective('latency')).toThrow('needs a batch size, got undefined'));
  it('latency carries the spread of the launches and none with a single one', () => {
    const candidate = result.candidates[0]!;
    const many = objective('latency', 16).read(candidate)!;
    expect(many.high).toBeGreaterThan(many.value);
    const single = {
      ...candidate,
      profiles: candidate.profiles.map((profile) => ({ ...profile, launches: profile.launches.slice(0, 1) })),
    };
    const one = objective('latency', 16).read(single)!;
    expect(one.high).toBe(one.value);
  });
  it('mainCost is throughput at the largest batch that the most candidates have, else MACs', () => {
    expect(mainCost(result).id).toBe('images-per-second@16'); // at 64 one candidate ran out of memory
    expect(mainCost(fixtureResult({ failures: false })).id).toBe('images-per-second@64');
    expect(mainCost(fixtureResult({ batches: [] })).id).toBe('macs');
  });
  it('mainCost is the cost among the objectives where a candidate has it', () => {
    const named = (...objectives: string[]) =>
      mainCost({ ...result, experiment: { ...result.experiment, objectives } }).id;
    expect(named('loss', 'macs')).toBe('macs');
    expect(named('latency@1', 'top-1')).toBe('latency@1');
    expect(named('top-1', 'loss')).toBe('images-per-second@16');
    expect(named('top-1', 'latency@7')).toBe('images-per-second@16'); // nothing was measured at 7
  });
});

describe('frontOf', () => {
  const [params, top1] = [objective('params'), objective('top-1')];
  it('orders the front by x and leaves out candidates that lack an objective', () => {
    const candidates = [
      made(0.7, 0, 300),
      made(0.6, 0, 200),
      made(0.5, 0, 250),
      { ...template, top1: undefined } as unknown as CandidateResult,
      made(0.4, 0, 100),
    ];
    const front = frontOf(candidates, params, top1);
    expect(front.front).toEqual([4, 1, 0]);
    expect(front.points.map((point) => point.index)).toEqual([0, 1, 2, 4]);
    expect(front.ties).toEqual([]);
    expect(front.hypervolume!.reference[0]).toBeCloseTo(320, 9);
    expect(front.hypervolume!.reference[1]).toBeCloseTo(0.37, 12);
    expect(front.hypervolume!.value).toBeCloseTo(0.03 * 100 + 0.23 * 100 + 0.33 * 20, 9);
  });
  it('points tie when both intervals overlap, on the front or just behind it', () => {
    const candidates = [
      made(0.7, 0.01, 300),
      made(0.695, 0.01, 300),
      made(0.5, 0.01, 100),
      made(0.505, 0.001, 101),
    ];
    const front = frontOf(candidates, params, top1);
    expect(front.front).toEqual([2, 3, 0]);
    expect(front.ties).toEqual([[1, 0]]); // equal cost, overlapping accuracy; 100 and 101 parameters are exactly known to differ
  });
  it('a tie away from the front is no ring', () => {
    const candidates = [made(0.9, 0, 100), made(0.5, 0.1, 300), made(0.5, 0.1, 300)];
    expect(frontOf(candidates, params, top1).ties).toEqual([]);
  });
  it('is empty without measurements', () => {
    expect(frontOf([], params, top1)).toMatchObject({ points: [], front: [], ties: [] });
  });
});
