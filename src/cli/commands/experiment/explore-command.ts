/** `explore [DB]`: the results as a screen; follows a run that is writing them. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ExploreOptions, runExplore } from '../../../explore/run-explore.js';
import { addDatabase, type DatabaseOption, givenDatabase } from '../../options/database-argument.js';
import { examples } from '../../options/option-parsers.js';

interface Options extends DatabaseOption {
  readonly experiment?: string;
  readonly device?: string;
  readonly frame?: { readonly columns: number; readonly rows: number };
  readonly svg?: string;
  readonly screen: NonNullable<ExploreOptions['screen']>;
}

function frameSize(text: string): { columns: number; rows: number } {
  const found = /^(\d{1,4})x(\d{1,4})$/.exec(text);
  if (!found) throw new InvalidArgumentError('must be COLUMNSxROWS such as 120x36');
  return { columns: Number(found[1]), rows: Number(found[2]) };
}

export function configure(command: Command): void {
  addDatabase(command)
    .option('--experiment <id>', 'which experiment of the database (default: the latest)')
    .option('--device <id>', 'which device key (default: the latest)')
    .option('--frame <size>', 'print one frame of COLUMNSxROWS and exit', frameSize)
    .option('--svg <file>', 'with --frame: write the frame as an SVG file')
    .addOption(
      new Option('--screen <name>', 'what the frame shows')
        .choices(['table', 'plot', 'detail', 'help'])
        .default('table'),
    )
    .addHelpText(
      'after',
      '\nPress ? for the keys. Without a terminal on stdout it prints a plain table.\n' +
        examples(
          'explore',
          'explore reports/quickstart',
          'explore --frame 120x36 --screen plot --svg plot.svg',
        ),
    )
    .action(async (argument: string | undefined, options: Options) => {
      const { experiment, device, frame, svg, screen } = options;
      await runExplore(givenDatabase(argument, options), {
        screen,
        ...(experiment === undefined ? {} : { experimentId: experiment }),
        ...(device === undefined ? {} : { deviceId: device }),
        ...(frame ? { frame } : {}),
        ...(svg === undefined ? {} : { svgFile: svg }),
      });
    });
}
