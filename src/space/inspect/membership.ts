/** Membership of a word, and the reason why an architecture is not a member. */
import type { Architecture, PartSpec } from '../../architecture/architecture.js';
import { type PartKind, partTables } from '../../blocks/block-table.js';
import { networkCost } from '../../network/network-cost.js';
import { listText } from '../../util/params.js';
import { acceptedPrefix, transitionOn } from '../automaton/dfa-words.js';
import type { SpaceBase } from '../automaton/space-base.js';
import type { ConditionAutomaton } from '../conditions/condition-automaton.js';
import type { InputSymbol, SymbolCost } from '../conditions/predicate-automaton.js';
import type { AlphabetSymbol } from '../model/alphabet.js';

/** A part as a space file spells it. */
function partText(kind: PartKind, { type, params }: PartSpec): string {
  const specs = partTables[kind][type]?.params ?? {};
  return `${type}(${Object.entries(params)
    .map(([name, value]) => `${name}: ${specs[name]?.kind === 'list' ? listText(value) : String(value)}`)
    .join(', ')})`;
}

/** A symbol as condition automata read it. @param stage number of the open stage, or of the last */
function inputOf(
  id: number,
  symbol: AlphabetSymbol,
  stage: number,
  stages: number,
  cost: SymbolCost,
): InputSymbol {
  switch (symbol.kind) {
    case 'header':
      return { kind: 'header', stage, width: symbol.width, cost };
    case 'block':
      return { kind: 'block', stage, letter: symbol.block.letter, symbol: id, cost };
    case 'end':
      return { kind: 'end', stage };
    case 'head':
      return { kind: 'part', stage: stages + 1, cost };
    default:
      return { kind: 'part', stage, cost };
  }
}

/** Whether a word of the unconditioned automaton satisfies one condition. */
export function wordSatisfies(
  automaton: ConditionAutomaton,
  word: readonly number[],
  { unconditioned: dfa, model, placementTable }: SpaceBase,
): boolean {
  let state = 0;
  let conditionState = automaton.start;
  let stage = 0;
  for (const id of word) {
    const transition = transitionOn(dfa, state, id);
    const symbol = model.alphabet.symbols[id]!;
    const placement = dfa.placements[transition]!;
    if (symbol.kind === 'header') stage++;
    if (symbol.kind !== 'input') {
      const cost = placementTable.costs[placement]!;
      const input = inputOf(id, symbol, stage, model.stages.length, cost);
      conditionState = automaton.next(conditionState, placement, input);
    }
    state = dfa.targets[transition]!;
  }
  return automaton.accepts(conditionState);
}

/** The first part, layout or condition that keeps an architecture out of a space. */
export function nonMembershipReason(
  architecture: Architecture,
  word: readonly number[],
  shared: SpaceBase,
  automata: readonly ConditionAutomaton[],
): string {
  const { unconditioned: base, model } = shared;
  const read = acceptedPrefix(base, word);
  if (read === word.length) {
    const broken = automata
      .filter((automaton) => !wordSatisfies(automaton, word, shared))
      .map(({ condition }) => condition.text);
    const { params, macs, activationBytes } = networkCost(architecture).total;
    const costs = `params ${params}, macs ${macs}, memory ${activationBytes}`;
    return `it does not satisfy ${broken.map((text) => `\`${text}\``).join(' and ')} (${costs})`;
  }
  const { input, classes, stem } = architecture;
  if (read === 0)
    return `input ${input.height}x${input.width}x${input.channels} with ${classes} classes is not offered`;
  if (read === 1) return `stem ${partText('stem', stem)} of width ${stem.width} is not offered`;
  if (architecture.stages.length !== model.stages.length)
    return `it has ${architecture.stages.length} stages, the space ${model.stages.length}`;
  let at = 2;
  for (const [index, stage] of architecture.stages.entries()) {
    const name = `stage ${index + 1}`;
    const { width, downsample, firstStride } = stage;
    const layer = downsample
      ? partText('downsample', downsample)
      : `no downsampling layer and stride ${firstStride}`;
    if (read === at) return `${name}: width ${width} with ${layer} is not offered`;
    const layout = stage.blocks.map(({ letter }) => letter).join('');
    const block = stage.blocks[read - at - 1];
    if (block) {
      const text = `${block.letter} = ${partText('block', block)}`;
      return `${name}: block ${read - at} of layout ${layout}, ${text}, is not offered`;
    }
    if (read === at + stage.blocks.length + 1)
      return `${name}: layout ${layout || 'without blocks'} may not end here`;
    at += stage.blocks.length + 2;
  }
  return `head ${partText('head', architecture.head)} is not offered`;
}
