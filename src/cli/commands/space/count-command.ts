/** `count SPACE`: the exact number of architectures, per part and per condition. */
import type { Command } from 'commander';
import type { CompiledSpace } from '../../../space/compiled-space.js';
import { type Breakdown, breakdown } from '../../../space/inspect/breakdown.js';
import type { Count } from '../../../space/model/space.js';
import { TooLargeError } from '../../../space/model/too-large-error.js';
import { examples } from '../../options/option-parsers.js';
import { addWhere, openSpaceWithWarnings, type WhereOption } from '../../options/space-argument.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { grouped, table } from '../../output/text-format.js';

interface Options extends WhereOption {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

function countText(count: Count): string {
  if (count.exact) return grouped(count.count);
  return (
    `about ${grouped(count.estimate)} (95 %: ` +
    `${grouped(count.low)} to ${grouped(count.high)}), since ${count.because}`
  );
}

const countJson = (count: Count): Record<string, unknown> =>
  count.exact
    ? { count: count.count, exact: true }
    : { count: count.estimate, exact: false, low: count.low, high: count.high, because: count.because };

/** Undefined where the automata of the parts have too many states. */
function breakdownOf(space: CompiledSpace): Breakdown | undefined {
  try {
    return breakdown(space);
  } catch (error) {
    if (error instanceof TooLargeError) return undefined;
    throw error;
  }
}

function breakdownText({ parts, unconditioned, conditions }: Breakdown, io: Io): string {
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  const shown = (value: bigint | undefined): string => (value === undefined ? '?' : grouped(value));
  const lines = [
    table(
      [{ title: 'part' }, right('layouts'), right('choices')],
      parts.map(({ part, layouts, choices }) => [
        part,
        layouts === undefined ? '' : grouped(layouts),
        grouped(choices),
      ]),
      io.colours.dim,
    ),
  ];
  if (conditions.length > 0) {
    lines.push(
      '',
      `before conditions: ${grouped(unconditioned)}`,
      '',
      table(
        [{ title: 'condition' }, right('alone removes'), right('beyond the others')],
        conditions.map(({ condition, alone, beyondOthers }) => [
          condition.text,
          shown(alone),
          shown(beyondOthers),
        ]),
        io.colours.dim,
      ),
    );
  }
  return lines.join('\n');
}

export function configure(command: Command, io: Io): void {
  addWhere(command.argument('<space>', 'space file'))
    .option('-q, --quiet', 'print the number only, without counts per part and per condition')
    .option(
      '--json',
      'print {"count":"6561","exact":true,"parts":…,"conditions":…}; ' +
        'counts are strings, since they may exceed 2^53',
    )
    .addHelpText(
      'after',
      examples(
        'count search-spaces/ascan-cpu.space',
        "count search-spaces/ascan-cpu.space --where 'asymmetric and params <= 1M'",
      ),
    )
    .action((file: string, options: Options) => {
      const { space, warnings } = openSpaceWithWarnings(file, options);
      const count = space.count();
      const details = options.quiet ? undefined : breakdownOf(space);
      if (options.json) {
        const conditions = details?.conditions.map(
          ({
            condition: {
              text,
              span: { file: from, line, column },
            },
            alone,
            beyondOthers,
          }) => ({ text, file: from, line, column, alone, beyondOthers }),
        );
        print(
          io,
          jsonLine({
            ...countJson(count),
            ...(details ? { parts: details.parts, unconditioned: details.unconditioned, conditions } : {}),
          }),
        );
      } else {
        print(io, countText(count));
        if (details) print(io, `\n${breakdownText(details, io)}`);
      }
      if (warnings !== '' && !options.quiet) io.stderr.write(`\n${warnings}\n`);
    });
}
