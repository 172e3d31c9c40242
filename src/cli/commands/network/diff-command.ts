/** `diff A B`: the differences between two architectures, and between their costs. */
import type { Command } from 'commander';
import type { Architecture } from '../../../architecture/architecture.js';
import { alignBlocks, architectureDifferences } from '../../../architecture/architecture-differences.js';
import { asymmetryScore } from '../../../architecture/layout.js';
import { architectureHelp, findArchitecture } from '../../options/architecture-argument.js';
import { examples } from '../../options/option-parsers.js';
import { summarise } from '../../output/architecture-summary.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { bytes, compact, table } from '../../output/text-format.js';

function change(from: number, to: number): string {
  if (from === to) return 'same';
  if (from === 0) return 'new';
  return `${to > from ? '+' : '−'}${Math.abs((to / from - 1) * 100).toPrecision(2)} %`;
}

/** The aligned layouts: matching blocks share a column, `·` marks a gap. */
function alignedLayouts(first: Architecture, second: Architecture): [string, string] {
  const rows: [string[], string[]] = [[], []];
  for (let index = 0; index < Math.max(first.stages.length, second.stages.length); index++) {
    const pairs = alignBlocks(first.stages[index]?.blocks ?? [], second.stages[index]?.blocks ?? []);
    const width = (pair: (typeof pairs)[number]): number =>
      Math.max(pair.first?.letter.length ?? 1, pair.second?.letter.length ?? 1);
    rows[0].push(pairs.map((pair) => (pair.first?.letter ?? '·').padEnd(width(pair))).join(''));
    rows[1].push(pairs.map((pair) => (pair.second?.letter ?? '·').padEnd(width(pair))).join(''));
  }
  return [rows[0].join('-'), rows[1].join('-')];
}

export function describeDifference(first: Architecture, second: Architecture, io: Io): string {
  const [a, b] = [summarise(first), summarise(second)];
  const { dim } = io.colours;
  const found = architectureDifferences(first, second);
  if (found.length === 0) return `the same architecture: ${a.layout}  ${a.id}`;
  const layouts = alignedLayouts(first, second);
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  const asymmetry = [asymmetryScore(a.layout), asymmetryScore(b.layout)] as const;
  return [
    `A  ${layouts[0]}  ${dim(a.id)}`,
    `B  ${layouts[1]}  ${dim(b.id)}`,
    '',
    table(
      [{ title: 'where' }, { title: 'A' }, { title: 'B' }],
      found.map((one) => [one.place, one.first ?? '·', one.second ?? '·']),
      dim,
    ),
    '',
    table(
      [{ title: 'cost' }, right('A'), right('B'), right('B against A')],
      [
        ['params', compact(a.params), compact(b.params), change(a.params, b.params)],
        ['MACs', compact(a.macs), compact(b.macs), change(a.macs, b.macs)],
        [
          'live memory',
          bytes(a.activationBytes),
          bytes(b.activationBytes),
          change(a.activationBytes, b.activationBytes),
        ],
        [
          'asymmetry',
          asymmetry[0].toFixed(2),
          asymmetry[1].toFixed(2),
          asymmetry[0] === asymmetry[1] ? 'same' : '',
        ],
      ],
      dim,
    ),
  ].join('\n');
}

export function configure(command: Command, io: Io): void {
  command
    .argument('<first>', architectureHelp)
    .argument('<second>', 'as the first')
    .option('--db <file>', 'database to look ids up in (default: newest under reports/)')
    .option(
      '--json',
      'print one object: first and second as `show` has them, differences with place, first, second',
    )
    .addHelpText(
      'after',
      examples(
        'diff search-spaces/ascan-cpu.space@C-CCCT-CCTT-CTTT search-spaces/ascan-cpu.space@C-CCTT-CCTT-CCTT',
      ),
    )
    .action(async (firstText: string, secondText: string, options: { db?: string; json?: boolean }) => {
      const [first, second] = [
        await findArchitecture(firstText, options.db),
        await findArchitecture(secondText, options.db),
      ];
      print(
        io,
        options.json
          ? jsonLine({
              first: summarise(first),
              second: summarise(second),
              differences: architectureDifferences(first, second),
            })
          : describeDifference(first, second, io),
      );
    });
}
