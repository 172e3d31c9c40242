/** Steps inside a set: what one edit makes of a member, a random edit, and the mix of two members. Every result is a member. */
import type { Architecture, Stage } from '../architecture/architecture.js';
import { canonicalText } from '../architecture/canonical.js';
import { UserError } from '../util/errors.js';
import type { Random } from '../util/random.js';
import type { CompiledSpace } from './compiled-space.js';
import type { Label } from './labels.js';

type Of<K extends Label['kind']> = Extract<Label, { kind: K }>;
const labelsOf = <K extends Label['kind']>(space: CompiledSpace, kind: K): Of<K>[] => space.shared.model.labels.labels.filter((label): label is Of<K> => label.kind === kind);

/** One block put in, taken out, changed or swapped with the next. */
function editBlocks(stage: Stage, blocks: readonly Of<'block'>[]): Stage[] {
  const results: Stage[] = [];
  const add = (changed: Stage['blocks']): void => { results.push({ ...stage, blocks: changed }); };
  for (let at = 0; at <= stage.blocks.length; at++) {
    for (const { block } of blocks) {
      add([...stage.blocks.slice(0, at), block, ...stage.blocks.slice(at)]);
      if (at < stage.blocks.length) add([...stage.blocks.slice(0, at), block, ...stage.blocks.slice(at + 1)]);
    }
    if (at < stage.blocks.length) add([...stage.blocks.slice(0, at), ...stage.blocks.slice(at + 1)]);
    if (at + 1 < stage.blocks.length) add([...stage.blocks.slice(0, at), stage.blocks[at + 1]!, stage.blocks[at]!, ...stage.blocks.slice(at + 2)]);
  }
  return results;
}

/**
 * Members one edit away: a block put in, taken out, changed or swapped with its neighbour; a stage's width or the layer before it; the
 * stem, head, input. Where a tie or a condition asks for two edits at once, such members are no neighbours.
 */
export function neighbours(space: CompiledSpace, architecture: Architecture): Architecture[] {
  const candidates: Architecture[] = [];
  const blocks = labelsOf(space, 'block');
  const headers = labelsOf(space, 'header');
  architecture.stages.forEach((stage, index) => {
    const changed = [...editBlocks(stage, blocks), ...headers.map(({ width, downsample, firstStride }): Stage => ({ ...stage, width, downsample, firstStride }))];
    for (const one of changed) candidates.push({ ...architecture, stages: architecture.stages.map((other, at) => (at === index ? one : other)) });
  });
  for (const { stem } of labelsOf(space, 'stem')) candidates.push({ ...architecture, stem });
  for (const { head } of labelsOf(space, 'head')) candidates.push({ ...architecture, head });
  for (const { input, classes } of labelsOf(space, 'input')) candidates.push({ ...architecture, input, classes });
  const own = canonicalText(architecture);
  const found = new Map<string, Architecture>();
  for (const candidate of candidates) {
    const word = space.shared.model.labels.wordOf(candidate);
    if (word.includes(-1) || !space.contains(candidate).member) continue;
    const text = canonicalText(candidate);
    if (text !== own) found.set(text, space.shared.model.labels.architectureOf(word));
  }
  return [...found.values()];
}

/** A neighbour, each with equal probability; a fresh draw from the space where a member has none. */
export function mutate(space: CompiledSpace, architecture: Architecture, random: Random): Architecture {
  const answer = space.contains(architecture);
  if (!answer.member) throw new UserError(`mutate: the architecture must be a member of ${space.name}, got one that is not: ${answer.reason}`);
  const near = neighbours(space, architecture);
  return near.length === 0 ? space.sample(random) : near[random.integer(near.length)]!;
}

/** Each part (stem, stages, head) from one parent or the other, at random, among the mixes that are members; a parent where none is. */
export function crossover(space: CompiledSpace, first: Architecture, second: Architecture, random: Random): Architecture {
  const stages = first.stages.length;
  const tries = Math.min(256, 2 ** (stages + 2));
  for (let attempt = 0; attempt < tries; attempt++) {
    const pick = (): Architecture => (random.integer(2) === 0 ? first : second);
    const child: Architecture = { ...first, stem: pick().stem, head: pick().head, stages: first.stages.map((stage, index) => pick().stages[index] ?? stage) };
    if (space.contains(child).member) return space.shared.model.labels.architectureOf(space.shared.model.labels.wordOf(child));
  }
  return random.integer(2) === 0 ? first : second;
}
