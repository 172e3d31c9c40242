/**
 * `stats SPACE`: exact distributions of blocks, asymmetry, parameters and MACs, without enumeration.
 */
import type { Command } from 'commander';
import type { ThemeName } from '../../../report/report-theme.js';
import type { CompiledSpace } from '../../../space/compiled-space.js';
import {
  asymmetryHistogram,
  type Bin,
  blockHistogram,
  costHistogram,
} from '../../../space/inspect/member-histogram.js';
import { loadSpace } from '../../../space/load.js';
import { examples, themeOption } from '../../options/option-parsers.js';
import { addWhere, type WhereOption } from '../../options/space-argument.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { grouped } from '../../output/text-format.js';

const BAR = 40;
function short(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)}M`;
  return value >= 1e4 ? `${(value / 1e3).toFixed(1)}K` : String(value);
}

function lines(title: string, bins: readonly Bin[]): string[] {
  const most = bins.reduce((high, { count }) => (count > high ? count : high), 1n);
  const label = ({ low, high }: Bin): string =>
    low === high ? short(low) : `${short(low)} to ${short(high)}`;
  const width = Math.max(...bins.map((bin) => label(bin).length));
  return [
    title,
    ...bins.map(
      (bin) =>
        `  ${label(bin).padStart(width)}  ` +
        `${'█'.repeat(Math.max(1, Number((bin.count * BigInt(BAR)) / most))).padEnd(BAR)}  ` +
        `${grouped(bin.count)}`,
    ),
    '',
  ];
}

interface Options extends WhereOption {
  readonly json?: boolean;
  readonly figure?: string;
  readonly theme: ThemeName;
}

/** Writes the same tables as a figure. */
async function draw(
  space: CompiledSpace,
  tables: readonly (readonly [title: string, bins: readonly Bin[]])[],
  file: string,
  theme: ThemeName,
): Promise<void> {
  const [{ histogramSvg }, { writePicture }] = await Promise.all([
    import('../../../report/svg/histogram-svg.js'),
    import('../../../report/write-figure.js'),
  ]);
  const count = space.count();
  const histograms = tables.map(([title, bins]) => ({
    title,
    bins,
    ...(title.startsWith('blocks ') ? { letter: title.slice('blocks '.length) } : {}),
  }));
  await writePicture(
    file,
    () =>
      histogramSvg(
        `${space.name}: ${grouped(count.exact ? count.count : count.estimate)} members`,
        histograms,
        { theme },
      ),
    'stats',
  );
}

export function configure(command: Command, io: Io): void {
  addWhere(command.argument('<space>', 'space file'))
    .option('--figure <file>', 'also write the histograms, as .svg or .png')
    .addOption(themeOption())
    .option('--json', 'one object per bin: measure, low, high, count (a string), condition')
    .addHelpText(
      'after',
      examples(
        'stats search-spaces/ascan-cpu.space',
        'stats search-spaces/ascan-cpu.space --where asymmetric --figure spread.svg',
      ),
    )
    .action(async (file: string, options: Options) => {
      const loaded = loadSpace(file);
      const space = options.where === undefined ? loaded : loaded.where(options.where);
      const letters = space.base.ast.items.flatMap((item) =>
        item.kind === 'block' ? [item.letter.name] : [],
      );
      const tables: [string, Bin[]][] = [
        ['blocks', blockHistogram(space)],
        ...letters.map((letter): [string, Bin[]] => [`blocks ${letter}`, blockHistogram(space, { letter })]),
      ];
      if (letters.includes('C') && letters.includes('T'))
        tables.push(['asymmetry', asymmetryHistogram(space)]);
      tables.push(['params', costHistogram(space, 'params')], ['macs', costHistogram(space, 'macs')]);
      for (const [measure, bins] of tables) {
        if (options.json)
          for (const { low, high, count, condition } of bins)
            print(io, jsonLine({ measure, low, high, count, condition }));
        else if (bins.length > 0) print(io, lines(measure, bins).join('\n'));
      }
      if (options.figure !== undefined) await draw(space, tables, options.figure, options.theme);
    });
}
