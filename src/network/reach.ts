/**
 * What earlier parts leave for later ones: outputs of stages for skip connections and decoders, the map
 * before the last, the condition. Kept is only what some part of the network (or of the space) takes; a layer
 * that takes a stage's output ends its life.
 */
import type { ConditionSize, MapSize, Reach, Takes } from '../blocks/block.js';
import { partTables } from '../blocks/block-table.js';
import type { NetworkPart } from './parts.js';

/** What must be kept, over all parts that may come. */
export interface Needs {
  readonly stages: 'all' | ReadonlySet<number>;
  readonly previous: boolean;
}

const nothing: Takes = {};

/** What a part takes; nothing where its name is unknown. */
export function takesOf(part: Pick<NetworkPart, 'kind' | 'part'>): Takes {
  const table = partTables[part.kind];
  if (!Object.hasOwn(table, part.part.type)) return nothing;
  return table[part.part.type]!.takes?.(part.part.params as never) ?? nothing;
}

export function needsOf(parts: Iterable<Pick<NetworkPart, 'kind' | 'part'>>): Needs {
  const stages = new Set<number>();
  let all = false;
  let previous = false;
  for (const part of parts) {
    const takes = takesOf(part);
    if (takes.stages === 'all') all = true;
    else takes.stages?.forEach((stage) => stages.add(stage));
    previous ||= takes.previous === true;
  }
  return { stages: all ? 'all' : stages, previous };
}

const sizeOf = ({ height, width, channels }: MapSize): MapSize => ({ height, width, channels });

/** After a part: `output` is the map, what the part left joins. */
export function reachAfter(
  before: Reach,
  part: NetworkPart,
  output: MapSize,
  needs: Needs,
  condition?: ConditionSize,
): Reach {
  const taken = part.kind === 'downsample' ? (takesOf(part).stages ?? []) : [];
  const stages =
    before.stages &&
    Object.fromEntries(
      Object.entries(before.stages).filter(([stage]) => taken === 'all' || !taken.includes(Number(stage))),
    );
  const passes =
    part.kind === 'block' &&
    partTables.block[part.part.type]?.passesPrevious?.(part.part.params as never) === true;
  const previous =
    !needs.previous || part.kind === 'stem' ? undefined : passes ? before.previous : sizeOf(before);
  const known = condition ?? before.condition;
  return {
    ...sizeOf(output),
    ...(stages && Object.keys(stages).length > 0 && { stages }),
    ...(previous && { previous }),
    ...(known && { condition: known }),
  };
}

/** At the end of a stage: its output is kept where something takes it. */
export function reachAfterStage(reach: Reach, stage: number, needs: Needs): Reach {
  return needs.stages !== 'all' && !needs.stages.has(stage)
    ? reach
    : { ...reach, stages: { ...reach.stages, [stage]: sizeOf(reach) }, current: stage };
}

/** Text that tells reaches apart. */
export const reachKey = ({ height, width, channels, ...rest }: Reach): string =>
  `${height} ${width} ${channels}${rest.stages || rest.previous || rest.condition ? ` ${JSON.stringify([rest.stages ?? 0, rest.current ?? 0, rest.previous ?? 0, rest.condition ?? 0])}` : ''}`;

/** The shape of a kept map or condition of one image. */
export const mapShape = ({ height, width, channels }: MapSize): number[] => [1, height, width, channels];
