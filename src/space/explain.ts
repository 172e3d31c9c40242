/** Why an architecture is no member: the first thing about it that the space does not have. */
import type { Architecture, PartSpec } from '../architecture/architecture.js';
import { type PartKind, partTables } from '../blocks/block-table.js';
import { networkCost } from '../network/network-cost.js';
import { listText } from '../util/params.js';
import type { Step } from './atoms.js';
import type { Shared } from './compiled-space.js';
import type { ConditionMachine } from './machine.js';
import { edgeWith, readable } from './walk.js';

/** As it stands in a space file. */
function partText(kind: PartKind, { type, params }: PartSpec): string {
  const specs = partTables[kind][type]?.params ?? {};
  return `${type}(${Object.entries(params)
    .map(([name, value]) => `${name}: ${specs[name]?.kind === 'list' ? listText(value) : String(value)}`)
    .join(', ')})`;
}

/** Whether a word of the base graph meets one condition. */
export function meets(
  machine: ConditionMachine,
  word: readonly number[],
  { base, model, places }: Shared,
): boolean {
  let node = 0;
  let state = machine.start;
  let stage = 0;
  for (const id of word) {
    const edge = edgeWith(base, node, id);
    const label = model.labels.labels[id]!;
    const event = base.events[edge]!;
    const cost = places.costs[event]!;
    if (label.kind === 'header') stage++;
    const at = label.kind === 'stem' ? 0 : label.kind === 'head' ? model.stages.length + 1 : stage;
    const step: Step =
      label.kind === 'header'
        ? { kind: 'header', stage, width: label.width, cost }
        : label.kind === 'block'
          ? { kind: 'block', stage, letter: label.block.letter, label: id, cost }
          : label.kind === 'end'
            ? { kind: 'end', stage }
            : { kind: 'part', stage: at, cost };
    if (label.kind !== 'input') state = machine.step(state, event, step);
    node = base.targets[edge]!;
  }
  return machine.accepts(state);
}

export function reasonOutside(
  architecture: Architecture,
  word: readonly number[],
  shared: Shared,
  machines: readonly ConditionMachine[],
): string {
  const { base, model } = shared;
  const read = readable(base, word);
  if (read === word.length) {
    const broken = machines
      .filter((machine) => !meets(machine, word, shared))
      .map(({ condition }) => condition.text);
    const { params, macs, activationBytes } = networkCost(architecture).total;
    return `it does not meet ${broken.map((text) => `\`${text}\``).join(' and ')} (params ${params}, macs ${macs}, memory ${activationBytes})`;
  }
  if (read === 0)
    return `input ${architecture.input.height}x${architecture.input.width}x${architecture.input.channels} with ${architecture.classes} classes is not offered`;
  if (read === 1)
    return `stem ${partText('stem', architecture.stem)} of width ${architecture.stem.width} is not offered`;
  if (architecture.stages.length !== model.stages.length)
    return `it has ${architecture.stages.length} stages, the space ${model.stages.length}`;
  let at = 2;
  for (const [index, stage] of architecture.stages.entries()) {
    const name = `stage ${index + 1}`;
    if (read === at)
      return `${name}: width ${stage.width}, ${stage.downsample ? partText('downsample', stage.downsample) : `no layer before it and stride ${stage.firstStride}`} is not offered here`;
    const layout = stage.blocks.map(({ letter }) => letter).join('');
    const block = stage.blocks[read - at - 1];
    if (block)
      return `${name}: block ${read - at} of layout ${layout}, ${block.letter} = ${partText('block', block)}, is not offered here`;
    if (read === at + stage.blocks.length + 1)
      return `${name}: layout ${layout || 'without blocks'} may not end here`;
    at += stage.blocks.length + 2;
  }
  return `head ${partText('head', architecture.head)} is not offered`;
}
