/**
 * Measures the exact algebra of spaces: count under two budgets, draws, enumeration, costs of members. Needs no
 * engine. Expect the aims in the table on an idle machine. Under a minute.
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { spaceFromText } from '../../src/space/load.js';
import { seededRandom } from '../../src/util/random.js';
import type { Bench } from '../benchmark.js';

const text = `space bench
  input 32x32x3
  classes 10
  block C = fused-mbconv(expand: 4)
  block T = transformer(head-dim: 8)
  stem conv(width: 16)
  stage 1  width {16, 24}   downsample conv  (C | T){2,16}
  stage 2  width {32, 48}   (C | T){2,16}
  stage 3  width {64, 96}   (C | T){2,20}
  stage 4  width {128, 160}  downsample conv(stride: 1)  (C | T){2,16}
  head pool-linear
`;
const budgets = 'params <= 8M and macs <= 60M';

function perSecond(run: (times: number) => void, times: number): number {
  run(Math.ceil(times / 5)); // tables are made on the way
  const start = performance.now();
  run(times);
  return (times / (performance.now() - start)) * 1000;
}

/** The built command as a user runs it, from start to exit. */
function fromShell(name: string): number {
  const root = resolve(import.meta.dirname, '../..');
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(root, 'dist/cli/main.js'), 'count', join(root, 'search-spaces', `${name}.space`)],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`the command must be built (npm run build): ${stderr}`);
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[2]!;
}

export const spaceBench = {
  summary: 'how fast is the exact algebra of spaces?',
  needsEngine: false,
  run({ quick }) {
    const { space } = spaceFromText(text, 'bench.space');
    if (!space) throw new Error('the space of the benchmark must open');
    const count = space.count();
    const random = seededRandom(1);
    const scale = quick ? 0.1 : 1;
    const draws =
      (from: typeof space) =>
      (n: number): void => {
        for (let i = 0; i < n; i++) from.sample(random);
      };
    // What needs no budget comes first: the tables of a budget leave much for the garbage collector to walk
    // over.
    const enumerated = perSecond((n) => {
      let left = n;
      for (const _ of space.enumerate()) if (--left <= 0) break;
    }, 2_000_000 * scale);
    const unconstrained = perSecond(draws(space), 400_000 * scale);
    const members = Array.from({ length: 2000 }, () => space.sample(random));
    const costs = perSecond((n) => {
      for (let i = 0; i < n; i++) space.costOf(members[i % members.length]!);
    }, 50_000 * scale);
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      space.where(budgets).count();
      times.push(performance.now() - start);
    }
    const within = perSecond(draws(space.where(budgets)), 100_000 * scale);
    const rows: [string, string, string][] = [
      [
        'count under two budgets, median of 5',
        `${times.sort((a, b) => a - b)[2]!.toFixed(0)} ms`,
        'under 200 ms',
      ],
      ['draws under the budgets', `${within.toFixed(0)} /s`, 'over 20,000 /s'],
      ['draws, unconstrained', `${unconstrained.toFixed(0)} /s`, 'over 200,000 /s'],
      ['enumeration', `${enumerated.toFixed(0)} /s`, 'over 1,000,000 /s'],
      ['params, MACs and memory of a member', `${costs.toFixed(0)} /s`, 'over 50,000 /s'],
      ...['ascan-cpu', 'ascan-equal-macs', 'coatnet', 'ofa-mobilenetv3', 'unet-mirror'].map(
        (name): [string, string, string] => [
          `stagecraft count ${name}.space, median of 5`,
          `${fromShell(name).toFixed(0)} ms`,
          'under 300 ms',
        ],
      ),
    ];
    return Promise.resolve([
      {
        title: `a space of ${count.exact ? count.count : '?'} members`,
        columns: ['what', 'measured', 'aim'],
        rows,
        notes: [`budgets: ${budgets}`],
      },
    ]);
  },
} as const satisfies Bench;
