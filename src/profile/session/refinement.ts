/**
 * Chooses the networks of the next launch of a session. First every network runs, in groups of limited size;
 * then pairs that are NOT TOLD APART, those with the fewest samples first, so that two nearly equal networks
 * do not use all the time. Pure.
 */
import type { SessionVerdict } from './session-verdict.js';

export interface RefineOptions {
  /** Networks that run side by side in one launch, the anchors not counted. */
  readonly together: number;
  /** Launches that every network gets before any refinement. */
  readonly launches: number;
}

/**
 * Groups of the first part: every network runs `launches` times, always in the same group, so that launches
 * are comparable.
 */
export function firstGroups(
  names: readonly string[],
  { together }: Pick<RefineOptions, 'together'>,
): string[][] {
  // without candidates the anchors still run: the control
  const count = Math.max(1, Math.ceil(names.length / together));
  return Array.from({ length: count }, (_, group) =>
    names.slice(Math.floor((group * names.length) / count), Math.floor(((group + 1) * names.length) / count)),
  );
}

/**
 * The group of the next launch: members of open pairs, NOT TOLD APART, until the group is full. Pairs with
 * the fewest launches come first, then those of nearest ranks, since these determine the rest of the order.
 * Empty when every pair is decided.
 * @param important names whose pairs come first, e.g. front contenders; default all alike
 * @param launches of each network so far, where launches came after the verdict; default by samples
 */
export function nextGroup(
  verdict: SessionVerdict,
  { together }: Pick<RefineOptions, 'together'>,
  important: ReadonlySet<string> = new Set(),
  launches?: ReadonlyMap<string, number>,
): string[] {
  const rank = new Map(verdict.ratios.map(({ name }, index) => [name, index]));
  const distance = (first: string, second: string): number => Math.abs(rank.get(first)! - rank.get(second)!);
  const open = verdict.pairs
    .filter(({ comparison }) => comparison.verdict === 'NOT TOLD APART')
    .map(({ first, second, comparison }) => ({
      first,
      second,
      weight: Number(important.has(first)) + Number(important.has(second)),
      samples: launches ? Math.min(launches.get(first)!, launches.get(second)!) : comparison.ratio.samples,
      distance: distance(first, second),
    }))
    .sort((a, b) => b.weight - a.weight || a.samples - b.samples || a.distance - b.distance);
  const group = new Set<string>();
  for (const { first, second } of open) {
    const joined = new Set([...group, first, second]);
    if (joined.size <= together) for (const name of joined) group.add(name);
  }
  return [...group];
}

/**
 * Networks that may be on the front of time and score: no other network is both faster, with disjoint
 * intervals, and scored at least as high. Without scores: those that may be the fastest.
 * @param scores higher is better; a name without one counts as scored lowest
 */
export function frontContenders(
  { ratios }: Pick<SessionVerdict, 'ratios'>,
  scores: ReadonlyMap<string, number> = new Map(),
): Set<string> {
  const score = (name: string): number => scores.get(name) ?? -Infinity;
  return new Set(
    ratios
      .filter(
        (own) =>
          !ratios.some(
            (other) =>
              other !== own && other.ratio.high < own.ratio.low && score(other.name) >= score(own.name),
          ),
      )
      .map(({ name }) => name),
  );
}
