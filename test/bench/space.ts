/** The space algebra: count under two budgets, draws, enumeration, costs of members. No engine. */
import { spaceFromText } from '../../src/space/load.js';
import { seededRandom } from '../../src/util/random.js';
import type { Bench } from './bench.js';

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

export const spaceBench = {
  summary: 'how fast is the exact algebra of spaces?',
  needsEngine: false,
  run({ quick }) {
    const { space } = spaceFromText(text, 'bench.space');
    if (!space) throw new Error('the space of the benchmark must open');
    const count = space.count();
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      space.where(budgets).count();
      times.push(performance.now() - start);
    }
    const within = space.where(budgets);
    const random = seededRandom(1);
    const scale = quick ? 0.1 : 1;
    const draws = (from: typeof space) => (n: number): void => { for (let i = 0; i < n; i++) from.sample(random); };
    const members = Array.from({ length: 2000 }, () => space.sample(random));
    const rows: [string, string, string][] = [
      ['count under two budgets, median of 5', `${times.sort((a, b) => a - b)[2]!.toFixed(0)} ms`, 'under 200 ms'],
      ['draws under the budgets', `${perSecond(draws(within), 50_000 * scale).toFixed(0)} /s`, 'over 20,000 /s'],
      ['draws, unconstrained', `${perSecond(draws(space), 200_000 * scale).toFixed(0)} /s`, 'over 200,000 /s'],
      ['enumeration', `${perSecond((n) => { let left = n; for (const _ of space.enumerate()) if (--left <= 0) break; }, 500_000 * scale).toFixed(0)} /s`, 'over 1,000,000 /s'],
      ['params, MACs and memory of a member', `${perSecond((n) => { for (let i = 0; i < n; i++) space.costOf(members[i % members.length]!); }, 20_000 * scale).toFixed(0)} /s`, 'over 50,000 /s'],
    ];
    return Promise.resolve([{ title: `a space of ${count.exact ? count.count : '?'} members`, columns: ['what', 'measured', 'aim'], rows, notes: [`budgets: ${budgets}`] }]);
  },
} as const satisfies Bench;
