/**
 * Evolution of a search space under a memory limit: choices of genes are dropped where the sampled members
 * that have them score worse and exceed the limit more often. After MCUFormer (Liang et al. 2023,
 * https://arxiv.org/abs/2310.16898), which differs: it moves two global axes (rank ratio and patch size) by
 * planes fitted to errors and illegal shares, and goes on training the supernet in the moved space. Here the
 * effect of every choice of every gene is estimated, choices only leave, and the supernet stays as it is.
 */
import type { Random } from '../../util/random.js';
import type { Candidate, SearchSpace } from '../candidate.js';

/** Allowed values of each gene. */
export type SubSpace = readonly ReadonlySet<number>[];

export interface ScoredGenes {
  readonly genes: readonly number[];
  /** Lower is better. */
  readonly error: number;
}

/** Draws that estimate how often a choice is illegal; their memory is known without evaluation. */
const DRAWS = 200;
/** Share of the choices with a bad effect that one step drops. */
const DROPPED = 1 / 3;

export const wholeSpace = ({ genes }: SearchSpace): SubSpace =>
  genes.map(({ choices }) => new Set(Array.from({ length: choices }, (_, choice) => choice)));

/** A gene that does not apply is always allowed. */
export const isWithin = (genes: readonly number[], allowed: SubSpace): boolean =>
  genes.every((choice, gene) => choice < 0 || allowed[gene]!.has(choice));

/** Draws within the sub-space; fewer than `count` where most draws fall outside it. */
function draws<V>(space: SearchSpace<V>, allowed: SubSpace, count: number, random: Random): Candidate<V>[] {
  const found: Candidate<V>[] = [];
  for (let tries = 0; tries < 20 * count && found.length < count; tries++) {
    const candidate = space.sample(random);
    if (isWithin(candidate.genes, allowed)) found.push(candidate);
  }
  return found;
}

interface Choice {
  readonly gene: number;
  readonly choice: number;
  /** In standard deviations of error, plus the share of illegal draws; above 0 is worse than the mean. */
  readonly badness: number;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** How much worse members with each choice are than all; shrunk to 0 where few members have it. */
function effects(
  allowed: SubSpace,
  scored: readonly ScoredGenes[],
  drawn: readonly { readonly genes: readonly number[]; readonly isIllegal: boolean }[],
): Choice[] {
  const centre = scored.length > 0 ? mean(scored.map(({ error }) => error)) : 0;
  const spread = Math.sqrt(mean(scored.map(({ error }) => (error - centre) ** 2))) || 1;
  const illegal = mean(drawn.map(({ isIllegal }) => Number(isIllegal)));
  return allowed.flatMap((choices, gene) =>
    [...choices].map((choice): Choice => {
      const own = scored.filter(({ genes }) => genes[gene] === choice);
      const has = drawn.filter(({ genes }) => genes[gene] === choice);
      const error = own.reduce((sum, each) => sum + (each.error - centre) / spread, 0) / (own.length + 1);
      const excess = has.reduce((sum, each) => sum + Number(each.isIllegal) - illegal, 0) / (has.length + 1);
      return { gene, choice, badness: error + excess };
    }),
  );
}

/**
 * One step: drops the worst third of the choices that are worse than the mean. A gene keeps a choice, and the
 * sub-space a legal member: what would end that stays.
 */
export function evolveSpace<V>(
  space: SearchSpace<V>,
  allowed: SubSpace,
  scored: readonly ScoredGenes[],
  isLegal: (candidate: Candidate<V>) => boolean,
  random: Random,
): SubSpace {
  const drawn = draws(space, allowed, DRAWS, random).map((candidate) => ({
    genes: candidate.genes,
    isIllegal: !isLegal(candidate),
  }));
  if (drawn.length === 0) return allowed;
  const bad = effects(
    allowed,
    scored.filter(({ genes }) => isWithin(genes, allowed)),
    drawn,
  )
    .filter(({ badness }) => badness > 0)
    .sort((a, b) => b.badness - a.badness);
  let kept = allowed.map((choices) => new Set(choices));
  for (const { gene, choice } of bad.slice(0, Math.ceil(DROPPED * bad.length))) {
    if (kept[gene]!.size < 2) continue;
    const without = kept.map((choices) => new Set(choices));
    without[gene]!.delete(choice);
    if (drawn.some(({ genes, isIllegal }) => !isIllegal && isWithin(genes, without))) kept = without;
  }
  return kept;
}
