/** `sample SPACE`: distinct members, uniform over members. */
import type { Command } from 'commander';
import { seededRandom } from '../../util/random.js';
import { summaryJson, summaryLine } from '../architecture-row.js';
import { examples, wholeNumber } from '../command.js';
import { printLine, type Io } from '../io.js';
import { addWhere, openSpace, type WhereOption } from '../space-argument.js';

interface Options extends WhereOption { readonly json?: boolean; readonly count: number; readonly seed: number }

export function configure(command: Command, io: Io): void {
  addWhere(command.argument('<space>', 'space file'))
    .option('-n, --count <count>', 'how many, all distinct', wholeNumber(1), 1)
    .option('-s, --seed <seed>', 'same seed, same draw', wholeNumber(0), 1)
    .option('--json', 'one object a line: id, layout, symmetry, params, macs, activationBytes, architecture')
    .addHelpText('after', examples("sample search-spaces/ascan-cpu.space -n 8 --seed 7 --where asymmetric"))
    .action(async (file: string, options: Options) => {
      for (const architecture of openSpace(file, options).sampleDistinct(options.count, seededRandom(options.seed))) {
        await printLine(io, options.json ? summaryJson(architecture) : summaryLine(architecture, io));
      }
    });
}
