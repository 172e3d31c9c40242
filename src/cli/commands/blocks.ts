/** `blocks [NAME]`: what a space file may name, with parameters, defaults and sources. */
import type { Command } from 'commander';
import { partTables, type PartKind } from '../../blocks/table.js';
import type { Block, Head, Layer } from '../../blocks/contract.js';
import { nearestName } from '../../language/nearest.js';
import { UserError } from '../../util/errors.js';
import type { ParamSpec } from '../../util/params.js';
import { examples } from '../command.js';
import { table } from '../format.js';
import { jsonLine, print, type Io } from '../io.js';

type Definition = Block | Layer | Head;
interface Named { readonly kind: PartKind; readonly definition: Definition }

const all = (): Named[] => (Object.keys(partTables) as PartKind[]).flatMap((kind) => Object.values(partTables[kind]).map((definition) => ({ kind, definition: definition as Definition })));

/** `1..64, odd`, `gelu | relu` */
export function rangeText(spec: ParamSpec): string {
  switch (spec.kind) {
    case 'int': return `${spec.min}..${spec.max}${spec.odd ? ', odd' : ''}`;
    case 'number': return `${spec.min}..${spec.max}`;
    case 'choice': return spec.oneOf.join(' | ');
    case 'bool': return 'true | false';
    case 'text': return 'text';
    default: return spec satisfies never;
  }
}

const letterOf = (definition: Definition): string => ('letter' in definition ? definition.letter : '');

function overview(io: Io): string {
  const rows = all().map(({ kind, definition }) => [kind, letterOf(definition), definition.name, definition.summary]);
  return table([{ title: 'kind' }, { title: '' }, { title: 'name' }, { title: 'what it is' }], rows, io.colours.dim);
}

function detail({ kind, definition }: Named, io: Io): string {
  const rows = Object.entries(definition.params).map(([name, spec]) => [`  ${name}`, rangeText(spec), spec.default === undefined ? 'required' : String(spec.default), spec.doc]);
  return [
    `${io.colours.bold(definition.name)}  ${kind}${letterOf(definition) ? ` ${letterOf(definition)}` : ''}: ${definition.summary}`,
    io.colours.dim(`source: ${definition.source}`),
    ...(rows.length ? [table([{ title: '  parameter' }, { title: 'values' }, { title: 'default' }, { title: 'meaning' }], rows, io.colours.dim)] : []),
  ].join('\n');
}

export function configure(command: Command, io: Io): void {
  command.argument('[name]', 'show this one with its parameters')
    .option('--json', 'one object a line: kind, letter, name, summary, source, params')
    .addHelpText('after', examples('blocks', 'blocks fused-mbconv'))
    .action((name: string | undefined, options: { json?: boolean }) => {
      const chosen = name === undefined ? all() : all().filter(({ definition }) => definition.name === name);
      if (chosen.length === 0) {
        const near = nearestName(name!, all().map(({ definition }) => definition.name));
        throw new UserError(`blocks: no block, stem, downsampling layer or head of that name, got ${JSON.stringify(name)}`, near === undefined ? {} : { fix: `did you mean ${near}?` });
      }
      if (options.json) {
        for (const { kind, definition } of chosen) {
          const { summary, source, params } = definition;
          print(io, jsonLine({ kind, letter: letterOf(definition) || null, name: definition.name, summary, source, params }));
        }
      } else {
        print(io, name === undefined ? overview(io) : chosen.map((entry) => detail(entry, io)).join('\n\n'));
      }
    });
}
