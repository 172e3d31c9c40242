/**
 * What earlier parts leave for later ones: outputs of stages for skip connections and decoders, the map
 * before the last, the condition. Kept is only what some part of the network (or of the space) takes; a layer
 * that takes a stage's output ends its life.
 */
import type { ConditionSize, InputSizes, MapSize, SideInputNeeds } from '../blocks/block.js';
import { partTables } from '../blocks/block-table.js';
import type { NetworkPart } from './network-parts.js';

/** What must be kept, over all parts that may come. */
export interface KeptOutputs {
  readonly stages: 'all' | ReadonlySet<number>;
  readonly previous: boolean;
}

const nothing: SideInputNeeds = {};

/** What a part takes; nothing where its name is unknown. */
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

/** After a part: `output` is the map, what the part left joins. */
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

/** At the end of a stage: its output is kept where something takes it. */
export function sizesAfterStage(sizes: InputSizes, stage: number, needs: KeptOutputs): InputSizes {
  return needs.stages !== 'all' && !needs.stages.has(stage)
    ? sizes
    : { ...sizes, stageOutputs: { ...sizes.stageOutputs, [stage]: sizeOf(sizes) }, currentStage: stage };
}

/** Text that tells reaches apart. */
export const inputSizesKey = ({ height, width, channels, ...rest }: InputSizes): string =>
  `${height} ${width} ${channels}${rest.stageOutputs || rest.previous || rest.condition ? ` ${JSON.stringify([rest.stageOutputs ?? 0, rest.currentStage ?? 0, rest.previous ?? 0, rest.condition ?? 0])}` : ''}`;

/** The shape of a kept map or condition of one image. */
export const mapShape = ({ height, width, channels }: MapSize): number[] => [1, height, width, channels];
