/**
 * `blocks [NAME]`: the blocks, stems, layers and heads of space files, with parameters, defaults and costs.
 */
import type { Command } from 'commander';
import type { Block, Head, MapSize, StemOrDownsample } from '../../../blocks/block.js';
import { type PartKind, partTables } from '../../../blocks/block-table.js';
import { modifiers } from '../../../blocks/modifiers/modifier-table.js';
import { describeBlocks } from '../../../network/describe-blocks.js';
import { UserError } from '../../../util/errors.js';
import { defaultText, rangeText } from '../../../util/param-text.js';
import type { ParamTable } from '../../../util/params.js';
import { examples } from '../../options/option-parsers.js';
import { unknownName } from '../../options/unknown-name.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { compact, grouped, table } from '../../output/text-format.js';

type Definition =
  | Block
  | StemOrDownsample
  | Head
  | { readonly name: string; readonly summary: string; readonly source: string; readonly params: ParamTable };
interface Named {
  readonly kind: PartKind | 'modifier';
  readonly definition: Definition;
}

const all = (): Named[] => [
  ...(Object.keys(partTables) as PartKind[]).flatMap((kind) =>
    Object.values(partTables[kind]).map((definition) => ({ kind, definition: definition as Definition })),
  ),
  ...Object.values(modifiers).map(({ name, summary, source, spec }) => ({
    kind: 'modifier' as const,
    definition: { name, summary, source, params: { [name]: spec } },
  })),
];

/** `14x14x64` → sizes. @throws UserError where it is none */
export function mapArgument(text: string): MapSize {
  const match = /^(\d+)x(\d+)x(\d+)$/.exec(text);
  const [height, width, channels] = (match?.slice(1) ?? []).map(Number);
  if (!height || !width || !channels || Math.max(height, width) > 8192 || channels > 65536)
    throw new UserError(`--at: must be HEIGHTxWIDTHxCHANNELS such as 14x14x64, got ${JSON.stringify(text)}`);
  return { height, width, channels };
}
export const atHelp = 'HEIGHTxWIDTHxCHANNELS of the input map for the costs';

const letterOf = (definition: Definition): string => ('letter' in definition ? definition.letter : '');

const sourceText = (source: string): string =>
  source.replace(/^https:\/\/(arxiv\.org\/abs\/)?/, (_, arxiv?: string) => (arxiv ? 'arXiv ' : ''));

type BlockCost = ReturnType<typeof describeBlocks>[number]['cost'];

/** Parameters and MACs; dashes for a block that the map does not fit. */
function costCells(cost: BlockCost | undefined): string[] {
  if (cost === undefined) return ['', ''];
  return 'problem' in cost ? ['–', '–'] : [compact(cost.params), compact(cost.macs)];
}

function overview(io: Io, map: MapSize): string {
  const costs = new Map(describeBlocks(map).map(({ name, cost }) => [name, cost]));
  const rows = all().map(({ kind, definition }) => {
    const cost = kind === 'block' ? costs.get(definition.name) : undefined;
    return [
      kind,
      letterOf(definition),
      definition.name,
      ...costCells(cost),
      sourceText(definition.source),
      definition.summary,
    ];
  });
  const problems = [...costs].flatMap(([, cost]) => ('problem' in cost ? [`– ${cost.problem}`] : []));
  return [
    table(
      [
        { title: 'kind' },
        { title: '' },
        { title: 'name' },
        { title: 'params', align: 'right' },
        { title: 'MACs', align: 'right' },
        { title: 'paper' },
        { title: 'what it is' },
      ],
      rows,
      io.colours.dim,
    ),
    io.colours.dim(
      `costs of blocks for ${map.height}×${map.width}×${map.channels} with their defaults; ` +
        'modifiers are parameters that every block takes',
    ),
    ...problems,
  ].join('\n');
}

/** Costs of a block, or why it does not fit the map. */
function costText(name: string, map: MapSize): string {
  const { cost } = describeBlocks(map).find((row) => row.name === name)!;
  return (
    `on ${map.height}×${map.width}×${map.channels}: ` +
    `${'problem' in cost ? cost.problem : `${grouped(cost.params)} parameters, ${grouped(cost.macs)} MACs`}`
  );
}

function detail({ kind, definition }: Named, io: Io, map: MapSize): string {
  const rows = Object.entries(definition.params).map(([name, spec]) => [
    `  ${name}`,
    rangeText(spec),
    spec.default === undefined && kind === 'modifier' ? 'off' : defaultText(spec),
    spec.doc,
  ]);
  return [
    `${io.colours.bold(definition.name)}  ` +
      `${kind}${letterOf(definition) ? ` ${letterOf(definition)}` : ''}: ${definition.summary}`,
    io.colours.dim(`source: ${definition.source}`),
    ...(kind === 'block' ? [costText(definition.name, map)] : []),
    ...(rows.length
      ? [
          table(
            [{ title: '  parameter' }, { title: 'values' }, { title: 'default' }, { title: 'meaning' }],
            rows,
            io.colours.dim,
          ),
        ]
      : []),
  ].join('\n');
}

export function configure(command: Command, io: Io): void {
  command
    .argument('[name]', 'show this one with its parameters')
    .option('--at <map>', atHelp, mapArgument, { height: 14, width: 14, channels: 64 })
    .option('--json', 'one object per line: kind, letter, name, summary, source, params; cost of blocks')
    .addHelpText('after', examples('blocks', 'blocks --at 28x28x96', 'blocks fused-mbconv'))
    .action((name: string | undefined, options: { json?: boolean; at: MapSize }) => {
      const chosen = name === undefined ? all() : all().filter(({ definition }) => definition.name === name);
      if (chosen.length === 0) {
        const names = all().map(({ definition }) => definition.name);
        throw unknownName('blocks', 'block, stem, downsampling layer, head or modifier', name!, names);
      }
      if (options.json) {
        for (const { kind, definition } of chosen) {
          const { summary, source, params } = definition;
          const cost =
            kind === 'block'
              ? { cost: describeBlocks(options.at).find((row) => row.name === definition.name)!.cost }
              : {};
          print(
            io,
            jsonLine({
              kind,
              letter: letterOf(definition) || null,
              name: definition.name,
              summary,
              source,
              params,
              ...cost,
            }),
          );
        }
      } else {
        print(
          io,
          name === undefined
            ? overview(io, options.at)
            : chosen.map((entry) => detail(entry, io, options.at)).join('\n\n'),
        );
      }
    });
}
