/**
 * Times the parts of a network by its prefixes. The network is cut off after every part, each prefix is
 * timed, and the time of a part is the difference to the prefix before it. So each part is timed behind its
 * actual input. Pure.
 */
import type { Architecture } from '../../architecture/architecture.js';
import type { Random } from '../../util/random.js';
import { bootstrapInterval } from '../../util/statistics/bootstrap.js';
import type { Estimate } from '../../util/statistics/interval.js';
import { trimmedMean } from '../../util/statistics/order-statistics.js';

export interface NetworkPrefix {
  /**
   * The last part: `stem`, `stage1/downsample`, `stage1/block1`, …; every prefix ends in the head of the
   * network.
   */
  readonly name: string;
  /** Letter of that part where it is a block. */
  readonly letter?: string;
  readonly architecture: Architecture;
}

/**
 * All prefixes, shortest first; the last is the whole network. All contain the head, so its time is in the
 * first.
 */
export function networkPrefixes(architecture: Architecture): NetworkPrefix[] {
  const cut = (stages: Architecture['stages']): Architecture => ({ ...architecture, stages });
  const first = architecture.stages[0]!;
  const bare = { ...first, blocks: [] };
  const result: NetworkPrefix[] =
    first.downsample === null && first.firstStride === 1 && first.width === architecture.stem.width
      ? [{ name: 'stem and head', architecture: cut([bare]) }]
      : [];
  architecture.stages.forEach((stage, index) => {
    const before = architecture.stages.slice(0, index);
    const name = `stage${index + 1}`;
    if (stage.downsample !== null)
      result.push({ name: `${name}/downsample`, architecture: cut([...before, { ...stage, blocks: [] }]) });
    stage.blocks.forEach(({ letter }, block) =>
      result.push({
        name: `${name}/block${block + 1}`,
        letter,
        architecture: cut([...before, { ...stage, blocks: stage.blocks.slice(0, block + 1) }]),
      }),
    );
  });
  return result;
}

export interface PartTime {
  readonly name: string;
  readonly letter?: string;
  /** Milliseconds that the part adds to a pass; noise can make a cheap part's estimate negative. */
  readonly stepMs: Estimate;
  /** Of the whole network's time. */
  readonly share: number;
}

/**
 * Times of the parts from rounds in which every prefix was timed once.
 * @param parts name and letter of each prefix's last part @param rounds per prefix its milliseconds,
 * `[prefixes][rounds]`
 */
export function partTimes(
  parts: readonly Pick<NetworkPrefix, 'name' | 'letter'>[],
  rounds: readonly (readonly number[])[],
  random: Random,
): PartTime[] {
  const whole = trimmedMean(rounds.at(-1)!);
  return parts.map(({ name, letter }, index) => {
    const added = rounds[index]!.map((ms, round) => ms - (index === 0 ? 0 : rounds[index - 1]![round]!));
    const stepMs = bootstrapInterval(added, trimmedMean, random);
    return { name, ...(letter === undefined ? {} : { letter }), stepMs, share: stepMs.value / whole };
  });
}

/** The same summed by stage (`stage1`, …); parts before the first stage keep their own name. */
export function stageShares(parts: readonly PartTime[]): { readonly name: string; readonly share: number }[] {
  const sums = new Map<string, number>();
  for (const { name, share } of parts) {
    const stage = name.split('/')[0]!;
    sums.set(stage, (sums.get(stage) ?? 0) + share);
  }
  return [...sums].map(([name, share]) => ({ name, share }));
}
