/** Stopping rules on worked cases: those of the papers where they print one, else small ones done by hand. */
import { describe, expect, it } from 'vitest';
import { survivors } from '../../src/search/stopping/layers.js';
import { type Curve, rungEpochs } from '../../src/search/stopping/stopping-rule.js';
import { stoppingRules } from '../../src/search/stopping/stopping-rules.js';
import { frontIndices } from '../../src/util/pareto/front.js';
import { seededRandom } from '../../src/util/random.js';

const curve = (network: string, scores: readonly number[], more: Partial<Curve> = {}): Curve => ({
  network,
  scores,
  finished: false,
  ...more,
});
const { asha, hyperband, halving, median, front } = stoppingRules;

describe('asha', () => {
  const params = { reduction: 3, first: 1 };
  const others = [0.5, 0.4, 0.3, 0.2, 0.1].map((score, index) => curve(`${index}`, [score]));
  it('rungs are 1, 3, 9', () => expect(rungEpochs(1, 3, 27)).toEqual([1, 3, 9]));
  it.each([
    [0.45, true], // 6 at the rung, the best 2 go on, this one is second
    [0.35, false], // third
  ])('score %f of six at the first rung goes on: %s', (score, goesOn) => {
    const reason = asha.stops({ own: curve('own', [score]), others, epochs: 9 }, params);
    if (goesOn) expect(reason).toBeUndefined();
    else expect(reason).toBe('asha: 2 of 5 others were better after 1 epoch, the best 2 go on');
  });
  it('asks at rungs alone, and of those that reached them', () => {
    expect(asha.stops({ own: curve('own', [0.5, 0.01]), others, epochs: 9 }, params)).toBeUndefined();
    expect(asha.stops({ own: curve('own', [0, 0, 0.01]), others, epochs: 9 }, params)).toBeUndefined(); // first at rung 3
  });
  it('the first to come always goes on', () =>
    expect(asha.stops({ own: curve('own', [0]), others: [], epochs: 9 }, params)).toBeUndefined());
});

describe('median', () => {
  const params = { after: 2, others: 3 };
  // means up to epoch 2: 0.25, 0.35, 0.45; their median 0.35
  const others = [[0.2, 0.3, 0.9], [0.3, 0.4], [0.4, 0.5], [0.9]].map((scores, index) =>
    curve(`${index}`, scores),
  );
  it('stops a best score below the median of means', () =>
    expect(median.stops({ own: curve('own', [0.34, 0.1]), others, epochs: 5 }, params)).toBe(
      'median: best 34.0 % after 2 epochs, 2 of 3 others were better',
    ));
  it('keeps one that once was above', () =>
    expect(median.stops({ own: curve('own', [0.36, 0.1]), others, epochs: 5 }, params)).toBeUndefined());
  it('waits for its epochs and for company', () => {
    expect(median.stops({ own: curve('own', [0.01]), others, epochs: 5 }, params)).toBeUndefined();
    expect(
      median.stops({ own: curve('own', [0.01, 0.01]), others: others.slice(0, 2), epochs: 5 }, params),
    ).toBeUndefined();
  });
});

describe('hyperband', () => {
  const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `t${index}`);
  it('R = 81, η = 3: the brackets of the paper, table 1', () => {
    // n_s = 81, 34 (⌈5/4·27⌉), 15, 8 (⌈5/2·3⌉), 5; r_s = 1, 3, 9, 27, 81
    const brackets = hyperband.brackets(ids(81 + 34 + 15 + 8 + 5), 81, { reduction: 3, first: 1 });
    expect(brackets.map(({ networks, rungs }) => [networks.length, rungs])).toEqual([
      [81, [1, 3, 9, 27, 81]],
      [34, [3, 9, 27, 81]],
      [15, [9, 27, 81]],
      [8, [27, 81]],
      [5, [81]],
    ]);
    // 81 → 27 → 9 → 3 → 1
    expect([81, 27, 9, 3, 1].map((alive) => hyperband.keeps(alive, { reduction: 3 }))).toEqual([
      27, 9, 3, 1, 1,
    ]);
  });
  it.each([1, 2, 7, 40])('deals each of %i networks to one bracket', (count) => {
    const dealt = hyperband
      .brackets(ids(count), 9, { reduction: 3, first: 1 })
      .flatMap(({ networks }) => networks);
    expect(dealt).toEqual(ids(count));
  });
  it('few epochs have one bracket and nothing to halve', () =>
    expect(hyperband.brackets(ids(3), 1, { reduction: 3, first: 1 })).toEqual([
      { networks: ids(3), rungs: [1] },
    ]));
  it('halving is one bracket', () =>
    expect(halving.brackets(ids(4), 10, { reduction: 2, first: 2 })).toEqual([
      { networks: ids(4), rungs: [2, 4, 8, 10] },
    ]));
});

describe('front', () => {
  const params = { after: 1, level: 0.95 };
  // gains of 0.4 from the first to the last of three epochs, give or take a hundredth
  const finished = [0, 1, 2, 3, 4, 5].map((index) =>
    curve(`${index}`, [0.2 + 0.05 * index, 0.4 + 0.05 * index, 0.6 + 0.05 * index + 0.01 * (index % 2)], {
      finished: true,
      cost: index,
    }),
  );
  it('stops what cannot reach a finished network that costs no more', () => {
    const reason = front.stops(
      { own: curve('own', [0.1], { cost: 10 }), others: finished, epochs: 3 },
      params,
    );
    expect(reason).toMatch(
      /^front: predicted 50\.\d %, at most 5\d\.\d %, from 1 of 3 epochs; a network that costs no more has 86\.0 %$/,
    );
  });
  it('keeps what is cheaper than all that are better, and what may still reach them', () => {
    expect(
      front.stops({ own: curve('own', [0.1], { cost: -1 }), others: finished, epochs: 3 }, params),
    ).toBeUndefined();
    expect(
      front.stops({ own: curve('own', [0.44], { cost: 10 }), others: finished, epochs: 3 }, params),
    ).toBeUndefined();
  });
  it('predicts nothing from fewer than five finished', () =>
    expect(
      front.stops({ own: curve('own', [0.01], { cost: 10 }), others: finished.slice(2), epochs: 3 }, params),
    ).toBeUndefined());
});

/**
 * Planted tables: final scores rise with the logarithm of the cost and scatter, scores at early epochs predict
 * them with noise. What matters is the share of the true front that a rule ends before its last epoch.
 */
describe('the true front survives early stopping', () => {
  const epochs = 9;
  const table = (label: string, withCost: boolean, noise: number): Curve[] => {
    const random = seededRandom(label);
    return Array.from({ length: 30 }, (_, index) => {
      const cost = Math.exp(2.3 * random.next());
      const final = 0.5 + 0.1 * Math.log(cost) + 0.04 * random.normal();
      const scores = Array.from({ length: epochs }, (_unused, epoch) => {
        const left = (epochs - 1 - epoch) / epochs;
        return final - 0.25 * left ** 2 + noise * left * random.normal();
      });
      return { network: `n${index}`, scores, finished: true, ...(withCost ? { cost } : {}) };
    });
  };
  const upTo = (each: Curve, epoch: number): Curve => ({
    ...each,
    scores: each.scores.slice(0, epoch),
    finished: epoch === epochs,
  });
  /** Networks that ran to the end; asynchronous ones side by side, an epoch at a time. */
  const finishers = (name: 'asha' | 'median' | 'hyperband' | 'halving', curves: readonly Curve[]) => {
    const rule = stoppingRules[name];
    const byId = new Map(curves.map((each) => [each.network, each]));
    if (rule.kind === 'synchronous')
      return rule
        .brackets(
          curves.map(({ network }) => network),
          epochs,
          { reduction: 2, first: 1 },
        )
        .flatMap(({ networks, rungs }) =>
          rungs.slice(0, -1).reduce<readonly string[]>((alive, rung) => {
            const points = alive.map((id) => ({ ...byId.get(id)!, score: byId.get(id)!.scores[rung - 1]! }));
            return survivors(points, rule.keeps(points.length, { reduction: 2 })).map((at) => alive[at]!);
          }, networks),
        );
    const reached = new Map<string, number>();
    let alive = curves.map(({ network }) => network);
    for (let epoch = 1; epoch < epochs; epoch++)
      for (const id of [...alive]) {
        reached.set(id, epoch);
        const others = [...reached].filter(([other]) => other !== id);
        const query = {
          own: upTo(byId.get(id)!, epoch),
          others: others.map(([other, at]) => upTo(byId.get(other)!, at)),
          epochs,
        };
        const reason =
          name === 'asha'
            ? asha.stops(query, { reduction: 2, first: 1 })
            : median.stops(query, { after: 1, others: 4 });
        if (reason !== undefined) alive = alive.filter((other) => other !== id);
      }
    return alive;
  };
  const stoppedShare = (name: Parameters<typeof finishers>[0], withCost: boolean, noise: number): number => {
    let [lost, members] = [0, 0];
    for (let round = 0; round < 100; round++) {
      const planted = table(`table/${round}`, true, noise);
      const left = new Set(finishers(name, table(`table/${round}`, withCost, noise)));
      for (const at of frontIndices(planted.map(({ cost, scores }) => [cost!, -scores.at(-1)!]))) {
        members++;
        if (!left.has(planted[at]!.network)) lost++;
      }
    }
    return lost / members;
  };
  // by score alone 69, 44, 49 and 65 %; by layers 2.8, 0.9, 2.2 and 5.3 %
  it.each(['asha', 'median', 'hyperband', 'halving'] as const)('%s, rungs that rank well', (name) => {
    expect(stoppedShare(name, false, 0.005)).toBeGreaterThan(0.4);
    expect(stoppedShare(name, true, 0.005)).toBeLessThanOrEqual(name === 'halving' ? 0.06 : 0.05);
  });
  // a rung's noise half of the networks' scatter: layers lose some, still under two fifths of what scores lose
  it.each(['asha', 'median', 'hyperband', 'halving'] as const)('%s, noisy rungs', (name) =>
    expect(stoppedShare(name, true, 0.02)).toBeLessThan(stoppedShare(name, false, 0.02) / 2.5),
  );
});
