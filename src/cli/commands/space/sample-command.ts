/** `sample SPACE`: distinct members, uniform over members or by the weights of the grammar. */
import type { Command } from 'commander';
import { sampleByLayout } from '../../../space/inspect/sample-by-layout.js';
import { UserError } from '../../../util/errors.js';
import { seededRandom } from '../../../util/random.js';
import { examples, wholeNumber } from '../../options/option-parsers.js';
import { addWhere, openSpace, type WhereOption } from '../../options/space-argument.js';
import { summaryJson, summaryLine } from '../../output/architecture-summary.js';
import { type Io, printLine } from '../../output/io.js';

interface Options extends WhereOption {
  readonly json?: boolean;
  readonly count: number;
  readonly seed: number;
  readonly byWeight?: boolean;
  readonly byLayout?: boolean;
}

export function configure(command: Command, io: Io): void {
  addWhere(command.argument('<space>', 'space file'))
    .option('-n, --count <count>', 'number of distinct members', wholeNumber(1), 1)
    .option('-s, --seed <seed>', 'the same seed draws the same members', wholeNumber(0), 1)
    .option(
      '--by-weight',
      'draw by the weights of the grammar and print probabilities; ' +
        'without weights, alternatives are equally likely',
    )
    .option('--by-layout', 'draw evenly over layouts instead of members: no layout twice before each once')
    .option(
      '--json',
      'one object per line: id, layout, symmetry, params, macs, activationBytes, architecture',
    )
    .addHelpText(
      'after',
      examples(
        'sample search-spaces/ascan-cpu.space -n 8 --seed 7 --where asymmetric',
        'sample search-spaces/ascan.space -n 8 --by-layout',
        'sample search-spaces/grammar.space -n 5 --by-weight',
      ),
    )
    .action(async (file: string, options: Options) => {
      const space = openSpace(file, options);
      if (options.byWeight && options.byLayout)
        throw new UserError('sample: must draw by layout or by weight, got --by-layout and --by-weight');
      const weighted = options.byWeight ? space.byWeight() : undefined;
      const random = seededRandom(options.seed);
      const drawn = options.byLayout
        ? sampleByLayout(space, options.count, random)
        : (weighted ?? space).sampleDistinct(options.count, random);
      for (const architecture of drawn) {
        const probability = weighted?.probability(architecture);
        await printLine(
          io,
          options.json ? summaryJson(architecture, probability) : summaryLine(architecture, io, probability),
        );
      }
    });
}
