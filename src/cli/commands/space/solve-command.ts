/** `solve ARCH --macs 12M`: scales a network's widths or depths to meet a cost. */
import { type Command, Option } from 'commander';
import { costScalings, solveCost } from '../../../lab/settings/ablation/solve-cost.js';
import { readNumber } from '../../../language/numbers.js';
import { networkCost } from '../../../network/network-cost.js';
import { UserError } from '../../../util/errors.js';
import { architectureHelp, findArchitecture } from '../../options/architecture-argument.js';
import { examples } from '../../options/option-parsers.js';
import { summaryJson } from '../../output/architecture-summary.js';
import { type Io, print } from '../../output/io.js';
import { compact, table } from '../../output/text-format.js';
import { describe } from '../network/show-command.js';

interface Options {
  readonly macs?: string;
  readonly params?: string;
  readonly by: (typeof costScalings)[number];
  readonly tolerance: string;
  readonly db?: string;
  readonly json?: boolean;
}

/** `12M`, or a network whose cost is meant. */
async function targetOf(
  option: 'macs' | 'params',
  text: string | undefined,
  database: string | undefined,
): Promise<number | undefined> {
  if (text === undefined) return undefined;
  const number = readNumber(text);
  if (number > 0) return number;
  if (!/[.@#]|^[0-9a-f]{6,}$/.test(text))
    throw new UserError(
      `--${option}: must be a count such as 12M, or a network, got ${JSON.stringify(text)}`,
    );
  return networkCost(await findArchitecture(text, database)).total[option];
}

function toleranceOf(text: string): number {
  const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (value >= 0 && value < 1 && text.trim() !== '') return value;
  throw new UserError(
    `--tolerance: must be 0 or more and below 1, such as 2% or 0.02, got ${JSON.stringify(text)}`,
  );
}

export function configure(command: Command, io: Io): void {
  command
    .argument('<arch>', architectureHelp)
    .option('--macs <count>', 'multiply-accumulates to meet: a count such as 12M, or a network that has them')
    .option('--params <count>', 'parameters to meet, likewise')
    .addOption(
      new Option('--by <what>', 'what is scaled: widths of stages, or their numbers of blocks')
        .choices(costScalings)
        .default('width'),
    )
    .option('--tolerance <share>', 'largest relative difference', '2%')
    .option('--db <file>', 'look ids up in this database')
    .option('--json', 'print one object, which every command reads as a network')
    .addHelpText(
      'after',
      examples(
        'solve search-spaces/ascan-cpu.space@C-CCCT-CCTT-CTTT --macs 12M --tolerance 1%',
        "solve search-spaces/ascan-cpu.space@C-CCCC-CCCC-TTTT --macs 'search-spaces/ascan-cpu.space#7'",
      ),
    )
    .action(async (name: string, options: Options) => {
      const given = await findArchitecture(name, options.db);
      const [macs, params] = [
        await targetOf('macs', options.macs, options.db),
        await targetOf('params', options.params, options.db),
      ];
      const solved = solveCost(
        given,
        { ...(macs !== undefined && { macs }), ...(params !== undefined && { params }) },
        { by: options.by, tolerance: toleranceOf(options.tolerance) },
      );
      if (options.json) return print(io, summaryJson(solved));
      const [before, after] = [networkCost(given).total, networkCost(solved).total];
      const rows = (['params', 'macs'] as const).map((cost) => [
        cost,
        compact(before[cost]),
        compact(after[cost]),
        `${(100 * (after[cost] / before[cost] - 1)).toFixed(1)} %`,
      ]);
      const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
      const costs = table(
        [{ title: '' }, right('before'), right('after'), right('change')],
        rows,
        io.colours.dim,
      );
      print(io, `${describe(solved, io)}\n\n${costs}`);
    });
}
