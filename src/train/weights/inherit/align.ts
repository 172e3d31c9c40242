/**
 * Alignment of a child's parts with its parent's: stages in order, blocks of a stage in order, with gaps for
 * inserted blocks.
 */
import type { Architecture, BlockSpec, PartSpec, Stage } from '../../../architecture/architecture.js';
import { UserError } from '../../../util/errors.js';

/** Child's part name → parent's; a block that was put in has none. */
export type PartMap = ReadonlyMap<string, string | undefined>;

const changes = (a: PartSpec, b: PartSpec): number =>
  Object.keys(b.params).filter((name) => a.params[name] !== b.params[name]).length;

/**
 * The alignment of a parent's blocks with a child's that changes fewest parameters, parent's block → child's
 * index; undefined where not all find a place. The first block keeps its place where it reduces or widens.
 */
function alignBlocks(
  parent: readonly BlockSpec[],
  child: readonly BlockSpec[],
  firstFixed: boolean,
): number[] | undefined {
  const best = new Map<string, { cost: number; places: number[] } | undefined>();
  const from = (p: number, c: number): { cost: number; places: number[] } | undefined => {
    if (p === parent.length) return { cost: 0, places: [] };
    if (c === child.length) return undefined;
    const key = `${p},${c}`;
    if (best.has(key)) return best.get(key);
    const rest = parent[p]!.type === child[c]!.type ? from(p + 1, c + 1) : undefined;
    const placed = rest && { cost: rest.cost + changes(parent[p]!, child[c]!), places: [c, ...rest.places] };
    const skipped = firstFixed && c === 0 ? undefined : from(p, c + 1);
    const chosen = placed && (!skipped || placed.cost <= skipped.cost) ? placed : skipped;
    best.set(key, chosen);
    return chosen;
  };
  return from(0, 0)?.places;
}

const asText = (stage: Stage): string => stage.blocks.map(({ type }) => type).join(', ');
const fail = (where: string, rule: string): never => {
  throw new UserError(`inherit: ${where}: ${rule}`);
};

function sameTypes(where: string, parent: PartSpec | null, child: PartSpec | null): void {
  if (parent?.type !== child?.type)
    fail(where, `must be the parent's ${parent?.type ?? 'none'}, got ${child?.type ?? 'none'}`);
}

function common(parent: Architecture, child: Architecture): void {
  if (parent.stages.length !== child.stages.length)
    fail('stages', `a child has as many as its parent, ${parent.stages.length}, got ${child.stages.length}`);
  sameTypes('stem', parent.stem, child.stem);
  sameTypes('head', parent.head, child.head);
  child.stages.forEach((stage, index) =>
    sameTypes(`stage${index + 1} downsample`, parent.stages[index]!.downsample, stage.downsample),
  );
}

const outer = (child: Architecture): [string, string][] =>
  [
    'stem',
    'head',
    ...child.stages.flatMap((stage, index) => (stage.downsample ? [`stage${index + 1}/downsample`] : [])),
  ].map((name) => [name, name]);

/**
 * For a child that holds its parent and more. @throws UserError where a block of the parent has no place in
 * the child
 */
export function alignGrown(parent: Architecture, child: Architecture): PartMap {
  common(parent, child);
  const map = new Map<string, string | undefined>(outer(child));
  child.stages.forEach((stage, index) => {
    const name = `stage${index + 1}`;
    const before = parent.stages[index]!;
    const entering = index === 0 ? child.stem.width : child.stages[index - 1]!.width;
    const places = alignBlocks(
      before.blocks,
      stage.blocks,
      stage.downsample === null && (stage.firstStride === 2 || entering !== stage.width),
    );
    if (!places)
      return fail(
        name,
        `must hold the parent's blocks in their order (${asText(before)}), got ${asText(stage)}`,
      );
    stage.blocks.forEach((_, at) => map.set(`${name}/block${at + 1}`, undefined));
    places.forEach((at, block) => map.set(`${name}/block${at + 1}`, `${name}/block${block + 1}`));
  });
  return map;
}

/**
 * For a child cut out of a supernet: its stages are the leading blocks of the parent's. @throws UserError
 * where they are not
 */
export function alignCut(parent: Architecture, child: Architecture): PartMap {
  common(parent, child);
  const map = new Map<string, string | undefined>(outer(child));
  child.stages.forEach((stage, index) =>
    stage.blocks.forEach((block, at) => {
      const name = `stage${index + 1}/block${at + 1}`;
      const from = parent.stages[index]!.blocks[at];
      if (!from) return fail(name, `the supernet's stage has ${parent.stages[index]!.blocks.length} blocks`);
      sameTypes(name, from, block);
      map.set(name, name);
    }),
  );
  return map;
}

/** For a child of any kind: parts of one name and type. */
export function alignByName(parent: Architecture, child: Architecture): PartMap {
  const types = ({ stem, head, stages }: Architecture): Map<string, string> =>
    new Map([
      ['stem', stem.type],
      ['head', head.type],
      ...stages.flatMap((stage, index): [string, string][] => [
        ...(stage.downsample
          ? [[`stage${index + 1}/downsample`, stage.downsample.type] as [string, string]]
          : []),
        ...stage.blocks.map(({ type }, at): [string, string] => [`stage${index + 1}/block${at + 1}`, type]),
      ]),
    ]);
  const before = types(parent);
  return new Map(
    [...types(child)].map(([name, type]) => [name, before.get(name) === type ? name : undefined]),
  );
}
