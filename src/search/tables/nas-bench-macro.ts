/**
 * NAS-Bench-Macro: 3^8 networks of eight places in three stages, each trained three times on CIFAR-10. Su et
 * al. 2021, https://arxiv.org/abs/2103.11922; data: https://github.com/xiusu/NAS-Bench-Macro (Apache-2.0).
 * Choice 0 is an identity, 1 an inverted residual of expansion 3 and kernel 3, 2 one of expansion 6 and
 * kernel 5. An identity at a place that keeps the resolution does nothing, so networks that differ by its
 * position alone are one candidate.
 */
import { UserError } from '../../util/errors.js';
import { choiceSpace } from '../spaces/choice-space.js';
import type { BenchmarkTable, TableRun } from './benchmark-table.js';

/** Blocks per stage; the first of each has stride 2, where the identity is a strided convolution. */
const STAGES = [2, 3, 3];
const firstPlaces = new Set([0, 2, 5]);

interface Row {
  readonly test_acc: readonly number[];
  readonly params: number;
  readonly flops: number;
}

const genesOf = (key: string): number[] => [...key].map(Number);

/** Stages without the identities that do nothing: equal texts, equal functions. */
export function functionOf(genes: readonly number[]): string {
  let place = 0;
  return STAGES.map((blocks) => {
    const own = genes.slice(place, place + blocks);
    const kept = own.filter((choice, index) => choice !== 0 || firstPlaces.has(place + index));
    place += blocks;
    return kept.join('');
  }).join('-');
}

/**
 * @param json the published file, parsed: eight digits to `{test_acc (percent), params, flops}`
 * @throws UserError for a file of another form
 */
export function nasBenchMacro(json: unknown): BenchmarkTable {
  const rows = new Map<string, TableRun[]>();
  const members: number[][] = [];
  for (const [key, value] of Object.entries(json as Readonly<Record<string, Row>>).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    const { test_acc: scores, params, flops } = value ?? {};
    if (!/^[012]{8}$/.test(key) || !Array.isArray(scores) || !(params > 0) || !(flops > 0))
      throw new UserError(
        'nas-bench-macro: ' +
          `a row must be eight digits 0..2 with test_acc, params and flops, got ${JSON.stringify(key)}`,
      );
    members.push(genesOf(key));
    rows.set(
      genesOf(key).join(','),
      scores.map((percent) => ({ values: { 'top-1': percent / 100, params, macs: flops } })),
    );
  }
  const first = (genes: readonly number[]) => rows.get(genes.join(','))![0]!.values;
  return {
    name: 'nas-bench-macro',
    source: 'https://github.com/xiusu/NAS-Bench-Macro (Apache-2.0)',
    space: choiceSpace({
      name: 'nas-bench-macro',
      genes: Array.from({ length: 8 }, (_, index) => ({ name: `block ${index + 1}`, choices: 3 })),
      members,
      keyOf: functionOf,
      exactOf: (genes) => ({ params: first(genes).params!, macs: first(genes).macs! }),
    }),
    quantities: { 'top-1': 'higher', params: 'lower', macs: 'lower' },
    runs: ({ genes }) => rows.get(genes.join(','))!,
  };
}
