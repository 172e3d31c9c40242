/** Simulated sessions: drift, wander, spikes, noise and differences between launches on a made-up clock. */
import type { LaunchRecord } from '../../src/profile/session/launch.js';
import type { Random } from '../../src/util/random.js';

export interface Weather {
  /** Relative change of every time from a launch's begin to its end. */
  readonly drift: number;
  /** Standard deviation of a slow wander that all share (first-order autoregressive over the blocks). */
  readonly wander: number;
  /** Probability of a spike per block, which makes it up to twice as long. */
  readonly spikes: number;
  /** Standard deviation of each block. */
  readonly noise: number;
  /** Standard deviation of a process's speed, which all its networks share. */
  readonly processDeviation: number;
  /** Standard deviation of a network's time between launches, on top. */
  readonly launchDeviation: number;
}

export const rough: Weather = {
  drift: 0.03,
  wander: 0.01,
  spikes: 0.03,
  noise: 0.01,
  processDeviation: 0.02,
  launchDeviation: 0.001,
};

/** @param factors true time of each candidate, as a multiple of the anchor's */
export function simulateSession(
  factors: Readonly<Record<string, number>>,
  launches: number,
  rounds: number,
  weather: Weather,
  random: Random,
): LaunchRecord[] {
  return Array.from({ length: launches }, () => {
    const seats = [...Object.entries(factors), ['control', 1], ['control again', 1]] as [string, number][];
    const truth = new Map(
      seats.map(([name, factor]) => {
        const process = 10 * Math.exp(weather.processDeviation * random.normal());
        return [
          name,
          {
            network: process * factor * Math.exp(weather.launchDeviation * random.normal()),
            anchor: process,
          },
        ];
      }),
    );
    const total = 2 * rounds * seats.length;
    const series = new Map(
      seats.map(([name]) => [name, { stepMs: [] as number[], anchorMs: [] as number[] }]),
    );
    let [wander, block] = [0, 0];
    const timed = (trueMs: number): number => {
      wander = 0.95 * wander + Math.sqrt(1 - 0.95 ** 2) * weather.wander * random.normal();
      const spike = random.next() < weather.spikes ? 1 + random.next() : 1;
      return (
        trueMs *
        (1 + (weather.drift * block++) / total) *
        Math.exp(wander + weather.noise * random.normal()) *
        spike
      );
    };
    for (let round = 0; round < rounds; round++) {
      for (const [name] of random.shuffled(seats)) {
        const [{ network, anchor }, { stepMs, anchorMs }] = [truth.get(name)!, series.get(name)!];
        const anchorFirst = random.integer(2) === 0;
        if (anchorFirst) anchorMs.push(timed(anchor));
        stepMs.push(timed(network));
        if (!anchorFirst) anchorMs.push(timed(anchor));
      }
    }
    const networks = Object.fromEntries(Object.keys(factors).map((name) => [name, series.get(name)!]));
    return {
      batch: 1,
      deviceKey: undefined,
      networks,
      control: [series.get('control')!, series.get('control again')!],
      failures: {},
    };
  });
}

/** What timing A fully and then B gives under the same weather: no pairing, no anchor. */
export function simulateOneAfterTheOther(
  factorB: number,
  blocks: number,
  weather: Weather,
  random: Random,
): [number[], number[]] {
  let wander = 0;
  const all = Array.from({ length: 2 * blocks }, (_, block) => {
    wander = 0.95 * wander + Math.sqrt(1 - 0.95 ** 2) * weather.wander * random.normal();
    const spike = random.next() < weather.spikes ? 1 + random.next() : 1;
    return (
      10 *
      (block < blocks ? 1 : factorB) *
      (1 + (weather.drift * block) / (2 * blocks)) *
      Math.exp(wander + weather.noise * random.normal()) *
      spike
    );
  });
  return [all.slice(0, blocks), all.slice(blocks)];
}
