/** `figure NAME [DB]`: one figure of the report as a file, without a browser. */
import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseObjective, scoreNames } from '../../../analysis/objectives/objectives.js';
import { type FigureName, figures } from '../../../report/figures/figure-table.js';
import { availableFigures, figureNames, figureSvg, writePicture } from '../../../report/write-figure.js';
import { openStore, readExperimentResult } from '../../../store/open-store.js';
import { UserError } from '../../../util/errors.js';
import { databaseHelp, findDatabase } from '../../options/database-argument.js';
import { examples, themeOption } from '../../options/option-parsers.js';
import { unknownName } from '../../options/unknown-name.js';
import { type Io, jsonLine, print } from '../../output/io.js';

interface Options {
  readonly svg?: string;
  readonly png?: string;
  readonly width?: number;
  readonly cost?: string;
  readonly theme: 'light' | 'dark';
  readonly experiment?: string;
  readonly device?: string;
  readonly json?: boolean;
}

/** Millimetres of one and two columns, as most journals of the field have them. */
const columns: Readonly<Record<string, number>> = { column: 89, columns: 183 };

function widthMm(text: string): number {
  const width = columns[text] ?? Number(/^(\d+(?:\.\d+)?)(?:mm)?$/.exec(text)?.[1]);
  if (!(width >= 30 && width <= 1000))
    throw new InvalidArgumentError('must be millimetres from 30 to 1000 such as 120mm, column or columns');
  return width;
}

export function configure(command: Command, io: Io): void {
  command
    .argument('[name]', `figure: ${figureNames.join(', ')} (default: list those with data)`)
    .argument('[db]', databaseHelp)
    .option('--svg <file>', 'write it as SVG')
    .option('--png <file>', 'write it as PNG, 300 dots an inch with --width')
    .addOption(
      new Option(
        '--width <width>',
        'column (89 mm), columns (183 mm), or millimetres such as 120mm',
      ).argParser(widthMm),
    )
    .option('--cost <objective>', 'of front: the cost axis, e.g. latency@1 (default: the main one)')
    .addOption(themeOption('its colours'))
    .option('--experiment <id>', 'which experiment of the database (default: the latest)')
    .option('--device <id>', 'which device key (default: the latest)')
    .option('--json', 'without --svg or --png: print the values of the figure')
    .addHelpText(
      'after',
      examples(
        'figure',
        'figure reports/quickstart',
        'figure distribution reports/quickstart --svg distribution.svg --width column',
        'figure front reports/quickstart --png front.png --cost latency@1 --theme dark',
      ),
    )
    .action(async (first: string | undefined, second: string | undefined, options: Options) => {
      const [name, argument] = namedFigure(first, second);
      const store = openStore(findDatabase(argument), { readonly: true });
      try {
        const result = readExperimentResult(store, options.experiment, options.device);
        if (name === undefined) {
          for (const each of availableFigures(result)) print(io, each);
          return;
        }
        if (!Object.hasOwn(figures, name)) throw unknownName('figure', 'figure', name, figureNames);
        await writeFiles(name as FigureName, result, options, io);
      } finally {
        store.close();
      }
    });
}

/** A lone argument that is a file or folder is the database, whose figures are listed. */
const namedFigure = (
  first: string | undefined,
  second: string | undefined,
): readonly [name: string | undefined, database: string | undefined] =>
  first !== undefined && second === undefined && !Object.hasOwn(figures, first) && existsSync(first)
    ? [undefined, first]
    : [first, second];

async function writeFiles(
  name: FigureName,
  result: Parameters<typeof figureSvg>[0],
  options: Options,
  io: Io,
): Promise<void> {
  const cost = costOf(options.cost);
  const drawing = {
    theme: options.theme,
    ...(cost && { cost }),
    ...(options.width !== undefined && { widthMm: options.width }),
  };
  const files = [options.svg, options.png].filter((file) => file !== undefined);
  for (const file of files) {
    await writePicture(file, () => figureSvg(result, name, drawing), 'figure', options.width);
    print(io, file);
  }
  if (files.length > 0) return;
  print(io, options.json ? jsonLine(figures[name].info(result) ?? null) : figureSvg(result, name, drawing));
}

/** @throws UserError for a text that names no cost */
function costOf(text: string | undefined): ReturnType<typeof parseObjective> {
  if (text === undefined) return undefined;
  const found = parseObjective(text);
  if (found && !scoreNames.includes(found.name)) return found;
  throw new UserError(
    `figure: --cost must be a cost such as images-per-second@16, got ${JSON.stringify(text)}`,
  );
}
