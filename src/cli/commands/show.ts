/** `show ARCH`: the network drawn, and what each part of it costs. */
import type { Command } from 'commander';
import type { Architecture } from '../../architecture/architecture.js';
import { asymmetryScore } from '../../architecture/layout.js';
import { networkCost } from '../../network/cost.js';
import { stageTable, type StageRow } from '../../network/stage-table.js';
import { architectureHelp, findArchitecture } from '../architecture-argument.js';
import { summarise } from '../architecture-row.js';
import { examples } from '../command.js';
import { bytes, compact, table } from '../format.js';
import { jsonLine, print, type Io } from '../io.js';
import { strip } from '../strip.js';

/** `CCT  fused-mbconv, transformer` */
function whatText({ layout, parts }: StageRow): string {
  const types = [...new Set((layout === '' ? parts : parts.filter((part) => part.letter !== undefined)).map((part) => part.type))];
  return [layout, types.join(', ')].filter(Boolean).join('  ');
}

const mapText = ({ name, output }: StageRow): string => (name === 'head' ? `${output.channels} classes` : `${output.height}×${output.width}×${output.channels}`);

export function describe(architecture: Architecture, io: Io): string {
  const { id, layout, symmetry, params, macs, activationBytes } = summarise(architecture);
  const { bold, dim } = io.colours;
  const share = (part: number, whole: number): string => (whole === 0 ? '' : `${Math.round(part / whole * 100)} %`);
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  const rows = stageTable(architecture).map((stage) => [stage.name, whatText(stage), mapText(stage),
    compact(stage.cost.params), share(stage.cost.params, params), compact(stage.cost.macs), share(stage.cost.macs, macs), bytes(stage.cost.activationBytes)]);
  const { input } = architecture;
  return [
    io.colours.isColorSupported ? `${strip(architecture, io)}   ${bold(layout)}  ${dim(id)}` : `${layout}  ${id}`,
    `input ${input.height}×${input.width}×${input.channels}, ${symmetry}${symmetry === 'asymmetric' ? ` (score ${asymmetryScore(layout).toFixed(2)})` : ''}`,
    '',
    table([{ title: 'part' }, { title: 'blocks' }, { title: 'map out', align: 'right' }, right('params'), right(''), right('MACs'), right(''), right('live memory')],
      [...rows, ['total', '', '', compact(params), '', compact(macs), '', bytes(activationBytes)]], dim),
    '',
    dim('one image, float32; live memory: highest sum of live tensors, inferred'),
  ].join('\n');
}

export function configure(command: Command, io: Io): void {
  command.argument('<arch>', architectureHelp)
    .option('--db <file>', 'database to look an id up in (default: newest under reports/)')
    .option('--json', 'print one object: id, layout, symmetry, params, macs, activationBytes, architecture, parts')
    .addHelpText('after', examples(
      'show search-spaces/ascan-cpu.space@C-CCCT-CCTT-CTTT',
      "show 'search-spaces/ascan-cpu.space#0' --json",
      'show 3f9a0c --db reports/quickstart/results.sqlite',
    ))
    .action(async (argument: string, options: { db?: string; json?: boolean }) => {
      const architecture = await findArchitecture(argument, options.db);
      print(io, options.json ? jsonLine({ ...summarise(architecture), parts: networkCost(architecture).parts }) : describe(architecture, io));
    });
}
