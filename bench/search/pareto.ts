/** Times fronts, sorting, hypervolume and a whole table through the simulated search: CPU time of this process. */

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { strategies } from '../../src/search/strategy-table.js';
import { plantedTable } from '../../src/search/tables/planted-table.js';
import { readTable, usualObjectives } from '../../src/search/tables/read-table.js';
import { simulateSearch, tableTruth } from '../../src/search/tables/simulated-search.js';
import { frontIndices, nonDominatedRanks } from '../../src/util/pareto/front.js';
import { hypervolumeOf } from '../../src/util/pareto/hypervolume.js';
import { seededRandom } from '../../src/util/random.js';
import { median } from '../../src/util/statistics/order-statistics.js';
import type { Bench } from '../benchmark.js';

const points = (count: number, objectives: number): number[][] => {
  const random = seededRandom(`pareto/${count}/${objectives}`);
  return Array.from({ length: count }, () => Array.from({ length: objectives }, () => random.next()));
};
/** Points that do not dominate each other: on a sphere. */
const onSphere = (count: number, objectives: number): number[][] =>
  points(count, objectives).map((point) => {
    const length = Math.hypot(...point);
    return point.map((value) => 1 - value / length);
  });

function cpuMs(work: () => unknown, rounds: number): number {
  const times: number[] = [];
  work();
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  return median(times);
}

export const paretoBench = {
  summary: 'front, sorting, hypervolume, and a whole table of 6,561 networks through the search',
  needsEngine: false,
  async run({ quick, table: file }) {
    const rounds = quick ? 3 : 15;
    const table = file ? readTable(readFileSync(file, 'utf8'), basename(file)) : plantedTable({ seed: 1 });
    const objectives = usualObjectives(table);
    const { reference } = tableTruth(table, objectives);
    const [million, sorted] = [points(1_000_000, 2), points(10_000, 3)];
    const [three, four, five] = [onSphere(1000, 3), onSphere(300, 4), onSphere(100, 5)];
    const corner = (objectives: number): number[] => new Array<number>(objectives).fill(1.1);
    const cases: readonly (readonly [string, () => unknown, string])[] = [
      ['front of 1,000,000 × 2', () => frontIndices(million), '500'],
      ['sorting of 10,000 × 3', () => nonDominatedRanks(sorted), '10'],
      ['hypervolume of 1,000 in 3-D', () => hypervolumeOf(three, corner(3)), '2'],
      ['hypervolume of 300 in 4-D', () => hypervolumeOf(four, corner(4)), '5'],
      ['hypervolume of 100 in 5-D', () => hypervolumeOf(five, corner(5)), ''],
      [
        `${table.name} whole, in memory`,
        () =>
          simulateSearch({ table, objectives, strategy: strategies.exhaustive, seed: 0 }, reference).curve,
        '2000',
      ],
    ];
    return [
      {
        title: 'Pareto tools and the table evaluator, CPU ms (median)',
        columns: ['work', 'ms', 'limit ms'],
        rows: cases.map(([name, work, limit]) => [name, cpuMs(work, rounds).toFixed(2), limit]),
        notes: ['hypervolume: points that do not dominate each other'],
      },
    ];
  },
} as const satisfies Bench;
