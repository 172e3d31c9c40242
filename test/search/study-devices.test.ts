/** One search over several device keys: robust candidates and regrets, against brute force. */
import { describe, expect, it } from 'vitest';
import { openStudy } from '../../src/search/open-study.js';
import { choiceSpace } from '../../src/search/spaces/choice-space.js';
import { studyDevices } from '../../src/search/study-devices.js';
import { seededRandom } from '../../src/util/random.js';

const space = choiceSpace({
  name: 'own',
  genes: Array.from({ length: 4 }, (_, gene) => ({ name: `gene ${gene}`, choices: 3 })),
});
const objectives = [
  { name: 'accuracy', better: 'higher' },
  { name: 'ms on cpu', better: 'lower' },
  { name: 'ms on gpu', better: 'lower' },
] as const;
const devices = ['ms on cpu', 'ms on gpu'] as const;

interface Measured {
  readonly key: string;
  readonly accuracy: number;
  readonly times: readonly number[];
}

/** A whole space, with times that agree in part. */
function searched(): {
  readonly study: ReturnType<typeof openStudy<readonly number[]>>;
  readonly all: Measured[];
} {
  const random = seededRandom(7);
  const study = openStudy({
    space,
    objectives,
    strategy: 'nsga2',
    params: { population: 12 },
    budget: 81,
    seed: 2,
  });
  const all: Measured[] = [];
  for (let trial = study.ask(); trial; trial = study.ask()) {
    const { genes, key } = trial.candidate;
    const size = genes.reduce((sum, choice) => sum + choice, 0);
    const accuracy = Math.round(100 * (0.5 + 0.04 * size + 0.1 * random.next())) / 100;
    const times = [1 + size + 2 * random.next(), 2 + 0.5 * size + 3 * random.next()];
    study.tell(trial.number, { accuracy, 'ms on cpu': times[0]!, 'ms on gpu': times[1]! });
    all.push({ key, accuracy, times });
  }
  return { study, all };
}

describe('studyDevices', () => {
  const { study, all } = searched();
  const found = studyDevices(study, { score: 'accuracy', costs: devices });
  const isOnFront = (own: Measured, device: number): boolean =>
    !all.some(
      (other) =>
        other.accuracy >= own.accuracy &&
        other.times[device]! <= own.times[device]! &&
        (other.accuracy > own.accuracy || other.times[device]! < own.times[device]!),
    );

  it('robust are the candidates on both fronts, and they come first', () => {
    const robust = all.filter((own) => isOnFront(own, 0) && isOnFront(own, 1)).map(({ key }) => key);
    const first = found.filter(({ isRobust }) => isRobust).map(({ id }) => id);
    expect(robust.length).toBeGreaterThan(0);
    expect([...first].sort()).toEqual([...robust].sort());
    expect(found.slice(0, first.length).map(({ id }) => id)).toEqual(first);
  });
  it('regret is what the score lacks to the best candidate that is no slower there', () => {
    for (const { id, regret, onFront, costs, candidate } of found) {
      const own = all.find(({ key }) => key === id)!;
      expect(candidate.key).toBe(id);
      expect(costs).toEqual(own.times);
      regret.forEach((value, device) => {
        const rivals = all.filter(({ times }) => times[device]! <= own.times[device]!);
        expect(value).toBeCloseTo(Math.max(...rivals.map(({ accuracy }) => accuracy)) - own.accuracy, 12);
        expect(onFront[device]).toBe(isOnFront(own, device));
      });
    }
    expect(found.length).toBe(all.filter((own) => isOnFront(own, 0) || isOnFront(own, 1)).length);
  });
  it.each([
    [{ score: 'top-1', costs: devices }, 'search: must be an objective of the study, got "top-1"'],
    [{ score: 'accuracy', costs: ['ms on cpu'] }, 'search: devices need two costs or more, got 1'],
    [
      { score: 'ms on cpu', costs: ['ms on gpu', 'accuracy'] },
      'search: costs of devices must have one direction, got ms on gpu (lower) and accuracy (higher)',
    ],
  ])('%j: %s', (settings, message) => {
    expect(() => studyDevices(study, settings)).toThrow(message);
  });
});
