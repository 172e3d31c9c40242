/** `show ARCH`: draws a network with the costs of its parts; `show block NAME`: draws one block. */
import type { Command } from 'commander';
import type { Architecture } from '../../../architecture/architecture.js';
import { asymmetryScore } from '../../../architecture/layout.js';
import type { MapSize } from '../../../blocks/block.js';
import { partTables } from '../../../blocks/block-table.js';
import { modifiers } from '../../../blocks/modifiers/modifier-table.js';
import { describeParts, type PartPage } from '../../../network/describe-blocks.js';
import { networkCost } from '../../../network/network-cost.js';
import { passPeakBytes } from '../../../network/pass-memory.js';
import { type StageRow, stageTable } from '../../../network/stage-table.js';
import { UserError } from '../../../util/errors.js';
import type { ParamValue, ParamValues } from '../../../util/params.js';
import { architectureHelp, findArchitecture } from '../../options/architecture-argument.js';
import { examples } from '../../options/option-parsers.js';
import { unknownName } from '../../options/unknown-name.js';
import { summarise } from '../../output/architecture-summary.js';
import { drawSteps } from '../../output/block-drawing.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { strip } from '../../output/layout-strip.js';
import { bytes, compact, grouped, table } from '../../output/text-format.js';
import { atHelp, mapArgument } from './blocks-command.js';

/** `CCT  fused-mbconv, transformer` */
function whatText({ layout, parts }: StageRow): string {
  const types = [
    ...new Set(
      (layout === '' ? parts : parts.filter((part) => part.letter !== undefined)).map((part) => part.type),
    ),
  ];
  return [layout, types.join(', ')].filter(Boolean).join('  ');
}

const mapText = ({ name, output }: StageRow): string =>
  name === 'head' && output.height === 1 && output.width === 1
    ? `${output.channels} classes`
    : `${output.height}×${output.width}×${output.channels}`;

/** Memory that a pass holds at once beside weights and batch. */
const passText = (architecture: Architecture): string =>
  [1, 8, 64].map((batch) => `${bytes(passPeakBytes(architecture, batch))} at batch ${batch}`).join(', ');

export function describe(architecture: Architecture, io: Io): string {
  const { id, layout, symmetry, params, macs, activationBytes } = summarise(architecture);
  const { bold, dim } = io.colours;
  const share = (part: number, whole: number): string =>
    whole === 0 ? '' : `${Math.round((part / whole) * 100)} %`;
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  const rows = stageTable(architecture).map((stage) => [
    stage.name,
    whatText(stage),
    mapText(stage),
    compact(stage.cost.params),
    share(stage.cost.params, params),
    compact(stage.cost.macs),
    share(stage.cost.macs, macs),
    bytes(stage.cost.activationBytes),
  ]);
  const { input } = architecture;
  return [
    io.colours.isColorSupported
      ? `${strip(architecture, io)}   ${bold(layout)}  ${dim(id)}`
      : `${layout}  ${id}`,
    `input ${input.height}×${input.width}×${input.channels}, ` +
      `${symmetry}${symmetry === 'asymmetric' ? ` (score ${asymmetryScore(layout).toFixed(2)})` : ''}`,
    '',
    table(
      [
        { title: 'part' },
        { title: 'blocks' },
        { title: 'map out', align: 'right' },
        right('params'),
        right(''),
        right('MACs'),
        right(''),
        right('live memory'),
      ],
      [...rows, ['total', '', '', compact(params), '', compact(macs), '', bytes(activationBytes)]],
      dim,
    ),
    '',
    dim('one image, float32; live memory: highest sum of live tensors, inferred'),
    dim(`tensors of a compiled pass on a CPU: ${passText(architecture)}; inferred`),
  ].join('\n');
}

/** One part: what it is, what it costs, its steps drawn. */
function partText(page: PartPage, map: MapSize, io: Io): string {
  const { kind, name, cost, letter, summary, source, values, steps, weights } = page;
  const { bold, dim } = io.colours;
  const weightCount = weights.length === 1 ? '1 weight' : `${weights.length} weights`;
  return [
    `${bold(name)}  ${kind === 'block' ? letter : kind}: ${summary}`,
    dim(`source: ${source}`),
    `${name}(${Object.entries(values)
      .map(([key, value]) => `${key}: ${String(value)}`)
      .join(', ')})`,
    '',
    ...drawSteps(steps, [1, map.height, map.width, map.channels]),
    '',
    `${grouped(cost.params)} parameters in ${weightCount}, ${grouped(cost.macs)} MACs, ` +
      `${bytes(cost.activationBytes)} live memory`,
    dim('lines at the left: results that a later step reads; last column: MACs; one image, stride 1'),
  ].join('\n');
}

/** `show block NAME`: every part of the name that `blocks` lists. @throws UserError */
function showParts(name: string, options: { set?: string[]; at: MapSize; json?: boolean }, io: Io): void {
  if (Object.hasOwn(modifiers, name))
    throw new UserError(`show block: ${name} is a parameter of every block, not a part`, {
      fix: `npx stagecraft blocks ${name}`,
    });
  const known = [...new Set(Object.values(partTables).flatMap((table) => Object.keys(table)))];
  if (!known.includes(name))
    throw unknownName('show block', 'block, stem, downsampling layer or head', name, known);
  const pages = describeParts(name, given(options.set ?? []), options.at);
  if (options.json) for (const page of pages) print(io, jsonLine(page));
  else print(io, pages.map((page) => partText(page, options.at, io)).join('\n\n'));
}

function paramValue(text: string): ParamValue {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?(e-?\d+)?$/i.test(text) ? Number(text) : text;
}

/** `window=8` → parameters. */
function given(set: readonly string[]): ParamValues {
  return Object.fromEntries(
    set.map((text) => {
      const match = /^([a-z][a-z0-9-]*)=(.+)$/.exec(text);
      if (!match) throw new UserError(`--set: must be NAME=VALUE, got ${JSON.stringify(text)}`);
      const [, key, value] = match as unknown as [string, string, string];
      return [key, paramValue(value)];
    }),
  );
}

export function configure(command: Command, io: Io): void {
  command
    .argument('<arch>', `${architectureHelp}; or the word block`)
    .argument('[name]', 'after the word block: the block, stem, downsampling layer or head to draw')
    .option('--db <file>', 'database to look an id up in (default: newest under reports/)')
    .option('--at <map>', `of a block: ${atHelp}`, mapArgument, { height: 14, width: 14, channels: 64 })
    .option(
      '--set <param=value>',
      'parameter of a block; may be repeated',
      (text: string, before: string[] = []) => [...before, text],
    )
    .option(
      '--json',
      'print one object: id, layout, symmetry, params, macs, activationBytes, architecture, parts; ' +
        'of a block: its description',
    )
    .addHelpText(
      'after',
      examples(
        'show search-spaces/ascan-cpu.space@C-CCCT-CCTT-CTTT',
        "show 'search-spaces/ascan-cpu.space#0' --json",
        'show d3c8a4 --db reports/quickstart/results.sqlite',
        'show block swin --at 14x14x96 --set window=7',
      ),
    )
    .action(
      async (
        argument: string,
        name: string | undefined,
        options: { db?: string; json?: boolean; at: MapSize; set?: string[] },
      ) => {
        if (argument === 'block') {
          if (name === undefined)
            throw new UserError('show block: must name a block, got none', {
              fix: 'list them with `npx stagecraft blocks`',
            });
          showParts(name, options, io);
          return;
        }
        if (name !== undefined)
          throw new UserError(`show: one architecture at a time, got ${JSON.stringify(name)} too`);
        const architecture = await findArchitecture(argument, options.db);
        print(
          io,
          options.json
            ? jsonLine({ ...summarise(architecture), parts: networkCost(architecture).parts })
            : describe(architecture, io),
        );
      },
    );
}
