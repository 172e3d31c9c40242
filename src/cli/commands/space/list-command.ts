/** `list SPACE`: the members in stable order. */
import type { Command } from 'commander';
import { bigNumber, examples, wholeNumber } from '../../options/option-parsers.js';
import { addWhere, openSpace, type WhereOption } from '../../options/space-argument.js';
import { summaryJson, summaryLine } from '../../output/architecture-summary.js';
import { type Io, printLine } from '../../output/io.js';

interface Options extends WhereOption {
  readonly json?: boolean;
  readonly count?: number;
  readonly from?: bigint;
  readonly byWeight?: boolean;
}

export function configure(command: Command, io: Io): void {
  addWhere(command.argument('<space>', 'space file'))
    .option('-n, --count <count>', 'number of members', wholeNumber(0))
    .option('--from <rank>', 'begin at this rank, from 0', bigNumber)
    .option('--by-weight', 'print the probability of each under the weights of the grammar')
    .option(
      '--json',
      'one object per line: id, layout, symmetry, params, macs, activationBytes, architecture',
    )
    .addHelpText(
      'after',
      examples(
        'list search-spaces/ascan-cpu.space -n 5',
        'list search-spaces/ascan-cpu.space --json | head -1',
      ),
    )
    .action(async (file: string, options: Options) => {
      const space = openSpace(file, options);
      let left = options.count ?? Infinity;
      for (const architecture of membersFrom(space, options.from)) {
        if (left-- <= 0) return;
        const probability = options.byWeight ? space.byWeight().probability(architecture) : undefined;
        await printLine(
          io,
          options.json ? summaryJson(architecture, probability) : summaryLine(architecture, io, probability),
        );
      }
    });
}

type Space = ReturnType<typeof openSpace>;

function* membersFrom(space: Space, from: bigint | undefined): Iterable<ReturnType<Space['unrank']>> {
  if (from === undefined) return yield* space.enumerate();
  const count = space.count();
  if (count.exact) {
    for (let rank = from; rank < count.count; rank++) yield space.unrank(rank);
    return;
  }
  let rank = 0n;
  for (const member of space.enumerate()) if (rank++ >= from) yield member;
}
