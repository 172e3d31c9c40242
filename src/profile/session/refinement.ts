/**
 * Where the next launch of a session should spend its time: first everybody has run, in groups that fit
 * together; then those pairs whose order is still open, least known first, so that two networks that are as
 * good as equal do not take all of it. Pure.
 */
import type { SessionVerdict } from './session-verdict.js';

export interface RefineOptions {
  /** Networks that run side by side in one launch, the anchors not counted. */
  readonly together: number;
  /** Launches that every network gets before any refinement. */
  readonly launches: number;
}

/**
 * Groups of the first part: every network `launches` times, always in the same company, so that launches can
 * be compared.
 */
export function firstGroups(
  names: readonly string[],
  { together }: Pick<RefineOptions, 'together'>,
): string[][] {
  const count = Math.max(1, Math.ceil(names.length / together)); // without candidates the anchors still run: the control
  return Array.from({ length: count }, (_, group) =>
    names.slice(Math.floor((group * names.length) / count), Math.floor(((group + 1) * names.length) / count)),
  );
}

/**
 * The group of the next launch: members of open pairs, until the group is full; first the pairs with the
 * fewest samples, among equals those of nearest ranks, since the rest of the order follows from them. Empty
 * when every pair is decided.
 * @param important names whose pairs come first, e.g. those near the front; default all alike
 */
export function nextGroup(
  verdict: SessionVerdict,
  { together }: Pick<RefineOptions, 'together'>,
  important: ReadonlySet<string> = new Set(),
): string[] {
  const rank = new Map(verdict.ratios.map(({ name }, index) => [name, index]));
  const distance = (first: string, second: string): number => Math.abs(rank.get(first)! - rank.get(second)!);
  const open = verdict.pairs
    .filter(({ comparison }) => comparison.verdict === 'AMBIGUOUS')
    .map(({ first, second, comparison }) => ({
      first,
      second,
      weight: Number(important.has(first)) + Number(important.has(second)),
      samples: comparison.ratio.samples,
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
 * Names that may stand on the front of time and score: those that nobody surely beats, being faster beyond
 * both intervals and scored at least as high. Without scores: whoever may be the fastest.
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
