/**
 * Edits within a space, for evolutionary search: neighbours of a member, mutation and crossover. Every result
 * is a member.
 */
import type { Architecture, BlockSpec, Stage } from '../../architecture/architecture.js';
import { canonicalText } from '../../architecture/canonical.js';
import { UserError } from '../../util/errors.js';
import type { Random } from '../../util/random.js';
import type { CompiledSpace } from '../compiled-space.js';
import type { AlphabetSymbol } from '../model/alphabet.js';

type Of<K extends AlphabetSymbol['kind']> = Extract<AlphabetSymbol, { kind: K }>;
const labelsOf = <K extends AlphabetSymbol['kind']>(space: CompiledSpace, kind: K): Of<K>[] =>
  space.base.model.alphabet.symbols.filter((symbol): symbol is Of<K> => symbol.kind === kind);

/** Stages with one block inserted, removed, replaced or swapped with the next. */
function editBlocks(stage: Stage, blocks: readonly Of<'block'>[]): Stage[] {
  const results: Stage[] = [];
  const add = (changed: Stage['blocks']): void => {
    results.push({ ...stage, blocks: changed });
  };
  for (let at = 0; at <= stage.blocks.length; at++) {
    for (const { block } of blocks) {
      add([...stage.blocks.slice(0, at), block, ...stage.blocks.slice(at)]);
      if (at < stage.blocks.length) add([...stage.blocks.slice(0, at), block, ...stage.blocks.slice(at + 1)]);
    }
    if (at < stage.blocks.length) add([...stage.blocks.slice(0, at), ...stage.blocks.slice(at + 1)]);
    if (at + 1 < stage.blocks.length)
      add([
        ...stage.blocks.slice(0, at),
        stage.blocks[at + 1]!,
        stage.blocks[at]!,
        ...stage.blocks.slice(at + 2),
      ]);
  }
  return results;
}

/**
 * One value replaced at all its positions, for tied choices: a width in all stages and the stem, or a
 * parameter in all blocks of a letter.
 */
function editTied(space: CompiledSpace, architecture: Architecture): Architecture[] {
  const results: Architecture[] = [];
  const widths = new Set([
    ...labelsOf(space, 'header').map(({ width }) => width),
    ...labelsOf(space, 'stem').map(({ stem }) => stem.width),
  ]);
  const own = new Set([architecture.stem.width, ...architecture.stages.map(({ width }) => width)]);
  for (const from of own) {
    for (const to of widths) {
      if (to === from) continue;
      const change = (width: number): number => (width === from ? to : width);
      results.push({
        ...architecture,
        stem: { ...architecture.stem, width: change(architecture.stem.width) },
        stages: architecture.stages.map((stage) => ({ ...stage, width: change(stage.width) })),
      });
    }
  }
  const swap = (from: BlockSpec, to: BlockSpec, stages: (index: number) => boolean): Architecture => {
    const changed = Object.keys(to.params).filter((name) => to.params[name] !== from.params[name]);
    const values = Object.fromEntries(changed.map((name) => [name, to.params[name]!]));
    return {
      ...architecture,
      stages: architecture.stages.map((stage, index) =>
        stages(index)
          ? {
              ...stage,
              blocks: stage.blocks.map((block) =>
                block.letter === to.letter && block.type === to.type
                  ? { ...block, params: { ...block.params, ...values } }
                  : block,
              ),
            }
          : stage,
      ),
    };
  };
  const seen = new Set<BlockSpec>();
  for (const { blocks } of architecture.stages) {
    for (const from of blocks) {
      if (seen.has(from)) continue;
      seen.add(from);
      for (const { block: to } of labelsOf(space, 'block')) {
        if (to.letter !== from.letter || to.type !== from.type || to === from) continue;
        results.push(
          swap(from, to, () => true),
          ...architecture.stages.map((_, index) => swap(from, to, (at) => at === index)),
        );
      }
    }
  }
  return results;
}

interface TiedStages {
  /** From 0. */
  readonly first: number;
  readonly second: number;
  readonly isReversed: boolean;
}

/** Stages that mirror each other, and those that a condition of its own requires to be equal. */
const tiedStages = (space: CompiledSpace): TiedStages[] =>
  space.conditions.flatMap(({ formula, implied }) => {
    if (formula.kind !== 'predicate') return [];
    const { predicate } = formula;
    const isReversed = predicate.kind === 'mirror' && implied === true;
    if (!isReversed && predicate.kind !== 'equal') return [];
    return [{ first: predicate.first - 1, second: predicate.second - 1, isReversed }];
  });

/** Applies the edit of a stage to the stages that are tied to it, in either direction. */
function tiedToo(space: CompiledSpace, before: Architecture, after: Architecture): Architecture {
  const stages = [...after.stages];
  const ties = tiedStages(space);
  // An edit travels along a chain of ties, whatever their order.
  for (let round = 0; round < ties.length; round++)
    for (const { first, second, isReversed } of ties) {
      const carried = (from: number): Stage['blocks'] =>
        isReversed ? [...stages[from]!.blocks].reverse() : stages[from]!.blocks;
      const [one, other] = [first, second].map((at) => stages[at]!.blocks !== before.stages[at]!.blocks);
      if (one && !other) stages[second] = { ...stages[second]!, blocks: carried(first) };
      else if (other && !one) stages[first] = { ...stages[first]!, blocks: carried(second) };
    }
  return { ...after, stages };
}

/**
 * Members one edit away: a block inserted, removed, replaced or swapped with the next; the width or
 * downsampling layer of a stage; the stem, head or input; or a width or parameter at all its positions, so
 * that tied choices change together. A stage that mirrors another or must equal it is edited with it.
 * Members that differ by two edits which another condition requires together are not neighbours.
 */
export function neighbours(space: CompiledSpace, architecture: Architecture): Architecture[] {
  const candidates: Architecture[] = editTied(space, architecture);
  const blocks = labelsOf(space, 'block');
  const headers = labelsOf(space, 'header');
  architecture.stages.forEach((stage, index) => {
    const changed = [
      ...editBlocks(stage, blocks),
      ...headers.map(
        ({ width, downsample, firstStride }): Stage => ({ ...stage, width, downsample, firstStride }),
      ),
    ];
    for (const one of changed)
      candidates.push(
        tiedToo(space, architecture, {
          ...architecture,
          stages: architecture.stages.map((other, at) => (at === index ? one : other)),
        }),
      );
  });
  for (const { stem } of labelsOf(space, 'stem')) candidates.push({ ...architecture, stem });
  for (const { head } of labelsOf(space, 'head')) candidates.push({ ...architecture, head });
  for (const { input, classes } of labelsOf(space, 'input'))
    candidates.push({ ...architecture, input, classes });
  const own = canonicalText(architecture);
  const found = new Map<string, Architecture>();
  for (const candidate of candidates) {
    const word = space.base.model.alphabet.wordOf(candidate);
    if (word.includes(-1) || !space.contains(candidate).member) continue;
    const text = canonicalText(candidate);
    if (text !== own) found.set(text, space.base.model.alphabet.architectureOf(word));
  }
  return [...found.values()];
}

/** A neighbour, each with equal probability; a uniform draw from the space where there is none. */
export function mutate(space: CompiledSpace, architecture: Architecture, random: Random): Architecture {
  const answer = space.contains(architecture);
  if (!answer.member)
    throw new UserError(
      `mutate: the architecture must be a member of ${space.name}, got one that is not: ${answer.reason}`,
    );
  const near = neighbours(space, architecture);
  return near.length === 0 ? space.sample(random) : near[random.integer(near.length)]!;
}

/**
 * Takes each part (stem, stages, head) from a random parent, until the result is a member; after too many
 * tries returns a parent. A stage that mirrors another comes from the same parent.
 */
export function crossover(
  space: CompiledSpace,
  first: Architecture,
  second: Architecture,
  random: Random,
): Architecture {
  const stages = first.stages.length;
  const tries = Math.min(256, 2 ** (stages + 2));
  const source = first.stages.map((_, index) => index);
  for (const { first: one, second: other } of tiedStages(space)) source[other] = source[one]!;
  for (let attempt = 0; attempt < tries; attempt++) {
    const pick = (): Architecture => (random.integer(2) === 0 ? first : second);
    const parents = first.stages.map(pick);
    const child: Architecture = {
      ...first,
      stem: pick().stem,
      head: pick().head,
      stages: first.stages.map((stage, index) => parents[source[index]!]!.stages[index] ?? stage),
    };
    if (space.contains(child).member)
      return space.base.model.alphabet.architectureOf(space.base.model.alphabet.wordOf(child));
  }
  return random.integer(2) === 0 ? first : second;
}
