/** Fronts over several devices: definition of front, robust set and regret, by hand and by brute force. */
import { describe, expect, it } from 'vitest';
import { type DeviceCosts, deviceFronts } from '../../../src/analysis/pareto/device-fronts.js';
import { seededRandom } from '../../../src/util/random.js';

const network = (id: string, score: number, ...costs: number[]): DeviceCosts => ({
  id,
  layout: id,
  score,
  costs,
});

describe('deviceFronts', () => {
  it('puts networks on every front first, and says what the others lack', () => {
    const networks = [
      network('small', 0.5, 1, 1),
      network('wide', 0.7, 2, 4),
      network('deep', 0.6, 3, 2),
      network('large', 0.8, 5, 5),
      network('poor', 0.4, 4, 3),
    ];
    const standings = deviceFronts(networks, 'higher', 'lower');
    expect(standings.map(({ id, isRobust }) => [id, isRobust])).toEqual([
      ['small', true],
      ['wide', true],
      ['large', true],
      ['deep', false],
    ]);
    const deep = standings.at(-1)!;
    expect(deep.onFront).toEqual([false, true]);
    expect(deep.regret[0]).toBeCloseTo(0.1, 12);
    expect(deep.regret[1]).toBe(0);
  });
  it('no regret means on the front, up to equal costs, for scores and costs of either direction', () => {
    const random = seededRandom('devices');
    const networks = Array.from({ length: 60 }, (_, index) =>
      network(String(index), random.next(), random.next(), random.next(), random.next()),
    );
    for (const score of ['higher', 'lower'] as const)
      for (const cost of ['higher', 'lower'] as const) {
        const found = new Map(deviceFronts(networks, score, cost).map((standing) => [standing.id, standing]));
        for (const own of networks)
          own.costs.forEach((price, device) => {
            const isBeaten = networks.some((other) => {
              const isBetter = score === 'higher' ? other.score > own.score : other.score < own.score;
              const isNoDearer =
                cost === 'lower' ? other.costs[device]! <= price : other.costs[device]! >= price;
              return isBetter && isNoDearer;
            });
            expect(found.get(own.id)?.onFront[device] ?? false).toBe(!isBeaten);
            if (found.has(own.id)) expect(found.get(own.id)!.regret[device]! > 0).toBe(isBeaten);
          });
      }
  });
  it('is empty without networks', () => expect(deviceFronts([], 'higher', 'lower')).toEqual([]));
});
