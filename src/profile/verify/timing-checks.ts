/**
 * Whether times of a runtime can be believed: the clock resolves a timed block, time scales with the number
 * of passes and with depth, the read-back waits for the passes before it, and equal networks take equal
 * times.
 * Ratios of the shortest of interleaved rounds, since other load only adds.
 */
import type { Architecture } from '../../architecture/architecture.js';
import { blocks } from '../../blocks/block-table.js';
import { oneBlock } from '../../network/block-networks.js';
import type { Execution, Inference, Runtime } from '../../runtime/runtime.js';
import { median } from '../../util/statistics/order-statistics.js';
import { comparePaired } from '../../util/statistics/paired.js';
import { type MeasurementHost, timeBlock } from '../protocol/measure.js';
import { type Check, rangeCheck } from './verification.js';

type Host = Pick<MeasurementHost, 'now'>;

const batch = 8;
const blockMs = 40;
const rounds = 9;
const pairs = 24;
const mostTries = 3;
/** So that passes which no read-back waits for cannot pile up for minutes. */
const mostPasses = 128;
/** Wider half-widths of the interval, relative, tell nothing. */
const widestUseful = 0.25;
/** How much longer the larger of two works is. */
const factor = 4;

const network = (depth: number): Architecture => {
  const { stages, ...rest } = oneBlock(blocks['fused-mbconv'], { side: 16, width: 32, depth });
  return { ...rest, stages: stages.slice(0, 1) };
};

/** Passes of a block of at least `blockMs`, by doubling; by the shortest of a few tries, since load adds. */
async function passesOf(target: Inference, host: Host): Promise<number> {
  for (let passes = 1; ; passes *= 2) {
    let shortestMs = Infinity;
    for (let tries = 0; tries < mostTries; tries++)
      shortestMs = Math.min(shortestMs, (await timeBlock(target, passes, host.now)).totalMs);
    if (shortestMs >= blockMs || passes >= mostPasses) return passes;
  }
}

/** Smallest step of the clock, ms. */
function clockStepMs({ now }: Host): number {
  let smallest = Infinity;
  for (let tries = 0; tries < 200; tries++) {
    const start = now();
    let end = now();
    for (let reads = 0; end === start && reads < 1e6; reads++) end = now();
    if (end > start) smallest = Math.min(smallest, end - start);
  }
  return smallest;
}

interface Opened {
  readonly shallow: Inference;
  readonly deep: Inference;
  readonly twin: Inference;
}

export async function timingChecks(runtime: Runtime, execution: Execution, host: Host): Promise<Check[]> {
  const opened: { dispose(): void }[] = [];
  const open = (depth: number): Inference => {
    const model = runtime.instantiate(network(depth), { seed: 1 });
    const inference = model.inference({ batch, execution });
    opened.push(model, inference);
    return inference;
  };
  try {
    const targets: Opened = { shallow: open(3), deep: open(3 * factor), twin: open(3) };
    for (const target of Object.values(targets) as Inference[]) await timeBlock(target, 3, host.now);
    const passes = await passesOf(targets.shallow, host);
    const checks = [clockCheck(host)];
    for (const check of [readBackCheck, passCheck, depthCheck, twinCheck])
      checks.push(await bestOf(() => check(targets, passes, host)));
    return underLoad(checks);
  } finally {
    for (const thing of opened.reverse()) thing.dispose();
  }
}

const twinName = 'equal networks take equal times';

/**
 * Where other load hides that equal networks take equal times, a work that takes longer than it should tells
 * nothing either. One that takes too short is a fault whatever the load.
 */
export const underLoad = (checks: readonly Check[]): Check[] =>
  checks.map((check) => {
    const { group, name, text, outcome, measured = -Infinity, high = Infinity } = check;
    const isSlow = outcome === 'failed' && name.startsWith('time scales') && measured > high;
    const isLoaded = checks.some((each) => each.name === twinName && each.outcome === 'unknown');
    return isSlow && isLoaded
      ? { group, name, text: `too much other load: ${text}`, outcome: 'unknown' }
      : check;
  });

const timing = (name: string, text: string): Pick<Check, 'group' | 'name' | 'text'> => ({
  group: 'timing',
  name,
  text,
});

const clockCheck = (host: Host): Check =>
  rangeCheck(
    timing('clock resolves', `smallest step of the clock, ms; a block is ${blockMs} ms`),
    clockStepMs(host),
    {
      high: blockMs / 1000,
    },
  );

/** The first of a few tries that does not fail: other load may spoil one, a fault spoils all. */
async function bestOf(check: () => Promise<Check>): Promise<Check> {
  let found = await check();
  for (let tries = 1; tries < mostTries && found.outcome === 'failed'; tries++) found = await check();
  return found;
}

/** Shortest times of two works that alternate. */
async function shortest(
  first: () => Promise<number>,
  second: () => Promise<number>,
): Promise<[first: number, second: number]> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    times[0].push(await first());
    times[1].push(await second());
  }
  return [Math.min(...times[0]), Math.min(...times[1])];
}

async function passCheck({ shallow }: Opened, passes: number, { now }: Host): Promise<Check> {
  const time = (count: number) => async (): Promise<number> => (await timeBlock(shallow, count, now)).totalMs;
  const [one, many] = await shortest(time(passes), time(factor * passes));
  return rangeCheck(
    timing('time scales with passes', `time of ${factor * passes} passes over that of ${passes}`),
    many / one,
    { low: 0.7 * factor, high: 1.5 * factor },
  );
}

async function depthCheck({ shallow, deep }: Opened, passes: number, { now }: Host): Promise<Check> {
  const count = Math.max(1, Math.ceil(passes / factor));
  const time = (target: Inference) => async (): Promise<number> =>
    (await timeBlock(target, count, now)).perPassMs;
  const [thin, thick] = await shortest(time(shallow), time(deep));
  return rangeCheck(
    timing('time scales with depth', `time of a pass of ${factor} times the blocks over that of once`),
    thick / thin,
    { low: 1.5, high: 2 * factor },
  );
}

/** A read of values after a block must find the device idle: what it takes longer is unfinished work. */
async function readBackCheck({ shallow }: Opened, passes: number, { now }: Host): Promise<Check> {
  const { height, width, channels } = network(3).input;
  const images = new Float32Array(batch * height * width * channels).fill(0.5);
  const read = async (): Promise<number> => {
    const start = now();
    await shallow.logits(images);
    return now() - start;
  };
  await read();
  const late: number[] = [];
  const block: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const idle = await read();
    const { totalMs } = await timeBlock(shallow, passes, now);
    late.push((await read()) - idle);
    block.push(totalMs);
  }
  return rangeCheck(
    timing(
      'read-back waits',
      'time that reading values takes longer after a block than before, over the block',
    ),
    median(late) / Math.max(median(block), blockMs),
    { high: 0.25 },
  );
}

async function twinCheck({ shallow, twin }: Opened, passes: number, { now }: Host): Promise<Check> {
  const times: [number[], number[]] = [[], []];
  for (let pair = 0; pair < pairs; pair++)
    for (const at of pair % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const))
      times[at].push((await timeBlock(at === 0 ? shallow : twin, passes, now)).perPassMs);
  const { ratio } = comparePaired(...times);
  const half = (100 * (ratio.high - ratio.low)) / 2;
  const interval = `95 % interval ± ${half.toFixed(1)} %`;
  const text = `time of a network over that of the same, ${pairs} pairs; ${interval}`;
  const margin = Math.max(0.03, 1.5 * (ratio.high - ratio.low)); // three half-widths: chance alone is rare
  if (half > 100 * widestUseful)
    return { ...timing(twinName, `too much other load: ${text}`), outcome: 'unknown' };
  return rangeCheck(timing(twinName, text), ratio.value, {
    low: 1 - margin,
    high: 1 + margin,
  });
}
