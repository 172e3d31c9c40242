/**
 * Sizes of the inputs of each part while a network is traversed: the feature map, kept stage outputs (skip
 * connections), the preceding map, and the condition. Only what a part of the network (or of the space)
 * needs is kept. A layer that reads a stage's output frees it.
 */
import type { ConditionSize, InputSizes, MapSize, SideInputNeeds } from '../blocks/block.js';
import { partTables } from '../blocks/block-table.js';
import type { NetworkPart } from './network-parts.js';

/** What must be kept for the parts that follow. */
export interface KeptOutputs {
  readonly stages: 'all' | ReadonlySet<number>;
  readonly previous: boolean;
}

const nothing: SideInputNeeds = {};

/** Side inputs that a part reads; none where its type is unknown. */
export function sideInputNeedsOf(part: Pick<NetworkPart, 'kind' | 'spec'>): SideInputNeeds {
  const table = partTables[part.kind];
  if (!Object.hasOwn(table, part.spec.type)) return nothing;
  return table[part.spec.type]!.needs?.(part.spec.params as never) ?? nothing;
}

export function keptOutputsOf(parts: Iterable<Pick<NetworkPart, 'kind' | 'spec'>>): KeptOutputs {
  const stages = new Set<number>();
  let all = false;
  let previous = false;
  for (const part of parts) {
    const takes = sideInputNeedsOf(part);
    if (takes.stages === 'all') all = true;
    else takes.stages?.forEach((stage) => stages.add(stage));
    previous ||= takes.previous === true;
  }
  return { stages: all ? 'all' : stages, previous };
}

const sizeOf = ({ height, width, channels }: MapSize): MapSize => ({ height, width, channels });

/** Input sizes of the next part. @param before input sizes of `part` @param output its feature map */
export function sizesAfterPart(
  before: InputSizes,
  part: NetworkPart,
  output: MapSize,
  needs: KeptOutputs,
  condition?: ConditionSize,
): InputSizes {
  const taken = part.kind === 'downsample' ? (sideInputNeedsOf(part).stages ?? []) : [];
  const stages =
    before.stageOutputs &&
    Object.fromEntries(
      Object.entries(before.stageOutputs).filter(
        ([stage]) => taken === 'all' || !taken.includes(Number(stage)),
      ),
    );
  const passes =
    part.kind === 'block' &&
    partTables.block[part.spec.type]?.passesPrevious?.(part.spec.params as never) === true;
  const previous = passes ? before.previous : sizeOf(before);
  const known = condition ?? before.condition;
  return {
    ...sizeOf(output),
    ...(stages && Object.keys(stages).length > 0 && { stageOutputs: stages }),
    ...(needs.previous && part.kind !== 'stem' && previous && { previous }),
    ...(known && { condition: known }),
  };
}

/** Input sizes after the last part of a stage, whose output is kept if a part reads it. */
export function sizesAfterStage(sizes: InputSizes, stage: number, needs: KeptOutputs): InputSizes {
  return needs.stages !== 'all' && !needs.stages.has(stage)
    ? sizes
    : { ...sizes, stageOutputs: { ...sizes.stageOutputs, [stage]: sizeOf(sizes) }, currentStage: stage };
}

/** A text that is equal for equal input sizes alone. */
export function inputSizesKey({ height, width, channels, ...side }: InputSizes): string {
  const map = `${height} ${width} ${channels}`;
  const { stageOutputs, currentStage, previous, condition } = side;
  if (!stageOutputs && !previous && !condition) return map;
  return `${map} ${JSON.stringify([stageOutputs ?? 0, currentStage ?? 0, previous ?? 0, condition ?? 0])}`;
}

/** Shape of a feature map with a batch of one. */
export const mapShape = ({ height, width, channels }: MapSize): number[] => [1, height, width, channels];
