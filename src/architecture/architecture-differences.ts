/**
 * Differences between two architectures, part by part. The blocks of a stage are aligned by edit distance,
 * which minimises insertions, deletions and changes. A block that keeps its letter costs less to change than
 * one that does not.
 */
import type { Architecture, BlockSpec, PartSpec, Stage } from './architecture.js';

export interface ArchitectureDifference {
  /**
   * `input`, `stem`, `stage 2`, `stage 2 block 3`, `head`. A block has its number in the first architecture,
   * or in the second where only that one has it.
   */
  readonly place: string;
  /** Display text; undefined where this architecture has nothing there. */
  readonly first: string | undefined;
  readonly second: string | undefined;
}

/** An aligned pair of blocks; one side is undefined for an insertion or a deletion. */
export interface AlignedBlock {
  readonly first: BlockSpec | undefined;
  readonly second: BlockSpec | undefined;
}

const sameParams = (a: PartSpec, b: PartSpec): boolean =>
  [...new Set([...Object.keys(a.params), ...Object.keys(b.params)])].every(
    (name) => a.params[name] === b.params[name],
  );
const same = (a: BlockSpec, b: BlockSpec): boolean =>
  a.letter === b.letter && a.type === b.type && sameParams(a, b);
/** Cost of an insertion or a deletion. */
const GAP = 1.5;
/** Cost of a substitution: a block that keeps its letter is cheaper than one that changes it. */
function changeCost(a: BlockSpec, b: BlockSpec): number {
  if (same(a, b)) return 0;
  return a.letter === b.letter ? 1 : 2;
}

/** Aligns the blocks of two stages at the least total cost. */
export function alignBlocks(first: readonly BlockSpec[], second: readonly BlockSpec[]): AlignedBlock[] {
  const cost = Array.from({ length: first.length + 1 }, (_, i) =>
    Array.from({ length: second.length + 1 }, (_, j) => (i === 0 || j === 0 ? (i + j) * GAP : 0)),
  );
  for (let i = 1; i <= first.length; i++) {
    for (let j = 1; j <= second.length; j++)
      cost[i]![j] = Math.min(
        cost[i - 1]![j - 1]! + changeCost(first[i - 1]!, second[j - 1]!),
        cost[i - 1]![j]! + GAP,
        cost[i]![j - 1]! + GAP,
      );
  }
  const result: AlignedBlock[] = [];
  for (let i = first.length, j = second.length; i > 0 || j > 0; ) {
    if (i > 0 && j > 0 && cost[i]![j] === cost[i - 1]![j - 1]! + changeCost(first[i - 1]!, second[j - 1]!))
      result.unshift({ first: first[--i], second: second[--j] });
    else if (i > 0 && cost[i]![j] === cost[i - 1]![j]! + GAP)
      result.unshift({ first: first[--i], second: undefined });
    else result.unshift({ first: undefined, second: second[--j] });
  }
  return result;
}

/** The type, with the differing values where the other part has the same type. */
function partText(part: PartSpec | null, against: PartSpec | null | undefined): string {
  if (part === null) return 'none';
  const values =
    against && against.type !== part.type
      ? []
      : Object.entries(part.params).filter(([name, value]) => against && against.params[name] !== value);
  return values.length === 0
    ? part.type
    : `${part.type}(${values.map(([name, value]) => `${name}: ${String(value)}`).join(', ')})`;
}

function stageDifferences(
  number: number,
  first: Stage | undefined,
  second: Stage | undefined,
): ArchitectureDifference[] {
  const place = `stage ${number}`;
  const layout = (stage: Stage): string => stage.blocks.map(({ letter }) => letter).join('') || 'no blocks';
  if (!first || !second)
    return [
      {
        place,
        first: first && `${layout(first)}, width ${first.width}`,
        second: second && `${layout(second)}, width ${second.width}`,
      },
    ];
  const found: ArchitectureDifference[] = [];
  const add = (what: string, a: string, b: string): void => {
    if (a !== b) found.push({ place: `${place} ${what}`, first: a, second: b });
  };
  add('width', String(first.width), String(second.width));
  add(
    'downsample',
    partText(first.downsample, second.downsample),
    partText(second.downsample, first.downsample),
  );
  add('stride', String(first.firstStride), String(second.firstStride));
  let [i, j] = [0, 0];
  for (const { first: a, second: b } of alignBlocks(first.blocks, second.blocks)) {
    if (a) i++;
    if (b) j++;
    if (a && b && same(a, b)) continue;
    const text = (block: BlockSpec | undefined, other: BlockSpec | undefined): string | undefined =>
      block && `${block.letter} = ${partText(block, other)}`;
    found.push({ place: `${place} block ${a ? i : j}`, first: text(a, b), second: text(b, a) });
  }
  return found;
}

/** All differences in the order of the forward pass; empty for equal architectures. */
export function architectureDifferences(first: Architecture, second: Architecture): ArchitectureDifference[] {
  const found: ArchitectureDifference[] = [];
  const add = (place: string, a: string, b: string): void => {
    if (a !== b) found.push({ place, first: a, second: b });
  };
  const input = ({ input: { height, width, channels } }: Architecture): string =>
    `${height}×${width}×${channels}`;
  add('input', input(first), input(second));
  add('classes', String(first.classes), String(second.classes));
  add('stem', partText(first.stem, second.stem), partText(second.stem, first.stem));
  add('stem width', String(first.stem.width), String(second.stem.width));
  for (let index = 0; index < Math.max(first.stages.length, second.stages.length); index++)
    found.push(...stageDifferences(index + 1, first.stages[index], second.stages[index]));
  add('head', partText(first.head, second.head), partText(second.head, first.head));
  return found;
}
