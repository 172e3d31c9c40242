/**
 * Regular fractional factorial of two-level factors (Box, Hunter and Hunter, Statistics for Experimenters,
 * 2005, chapter 6): 2^(k−p) of the 2^k combinations. The levels of p factors are products of others; the
 * choice maximises resolution, the length of the shortest word of the defining relation, then has the fewest
 * such words.
 */
import { assertLevels, type Contrast, type Design, type Levels } from './design.js';

export interface FractionalDesign extends Design {
  /** 3: main effects are clear of each other; 4: of interactions of two; 5: these of each other. */
  readonly resolution: number;
}

/** Bits of a number. */
const weightOf = (word: number): number => word.toString(2).replaceAll('0', '').length;

/**
 * @param levelCounts 2 for each factor, at most 12
 * @param halvings p: each halves the number of arms
 * @throws RangeError for a factor of more levels, or where main effects would not stay apart
 */
export function fractionalFactorial(levelCounts: readonly number[], halvings: number): FractionalDesign {
  assertLevels(levelCounts);
  const factors = levelCounts.length;
  const wrong = levelCounts.find((count) => count !== 2);
  if (wrong !== undefined)
    throw new RangeError(`fractional-factorial: a factor must have 2 levels, got ${wrong}`);
  if (factors > 12) throw new RangeError(`fractional-factorial: at most 12 factors, got ${factors}`);
  const basic = factors - halvings;
  const products = Array.from({ length: 2 ** Math.max(0, basic) }, (_, word) => word).filter(
    (word) => weightOf(word) >= 2,
  );
  const best = bestGenerators(basic, halvings, products);
  if (halvings < 1 || !best)
    throw new RangeError(
      'fractional-factorial: ' +
        `1/${2 ** halvings} of ${factors} factors must keep their effects apart, got none that does`,
    );
  const arms = Array.from({ length: 2 ** basic }, (_, run): Levels => {
    const levels = Array.from({ length: basic }, (_, factor) => (run >> factor) & 1);
    // the sign of a product: level 1 for an odd number of changed factors, so that the baseline is an arm
    const generated = best.generators.map((word) => weightOf(word & run) % 2);
    return [...levels, ...generated];
  });
  return {
    arms,
    contrasts: Array.from({ length: factors }, (_, factor) => mainEffect(arms, factor)),
    aliases: aliasesOf(factors, best.relation),
    resolution: best.resolution,
  };
}

interface Generators {
  readonly generators: readonly number[];
  /** Words of the defining relation, as bits of factors. */
  readonly relation: readonly number[];
  readonly resolution: number;
  readonly shortest: number;
}

function bestGenerators(
  basic: number,
  halvings: number,
  products: readonly number[],
): Generators | undefined {
  let best: Generators | undefined;
  const visit = (chosen: readonly number[], from: number): void => {
    if (chosen.length === halvings) {
      const found = relationOf(chosen, basic);
      const better =
        !best ||
        found.resolution > best.resolution ||
        (found.resolution === best.resolution && found.shortest < best.shortest);
      if (found.resolution >= 3 && better) best = found;
      return;
    }
    for (let index = from; index < products.length; index++) visit([...chosen, products[index]!], index + 1);
  };
  if (basic >= 2) visit([], 0);
  return best;
}

function relationOf(generators: readonly number[], basic: number): Generators {
  const words = generators.map((word, index) => word | (1 << (basic + index)));
  const relation: number[] = [];
  for (const word of words) relation.push(...relation.map((each) => each ^ word), word);
  const lengths = relation.map(weightOf);
  const resolution = Math.min(...lengths);
  return {
    generators,
    relation,
    resolution,
    shortest: lengths.filter((length) => length === resolution).length,
  };
}

function mainEffect(arms: readonly Levels[], factor: number): Contrast {
  const share = 2 / arms.length;
  return {
    kind: 'main',
    terms: [{ factor, level: 1 }],
    pairs: [],
    weights: new Map(arms.map((levels, arm) => [arm, levels[factor] === 1 ? share : -share])),
  };
}

/** Each main effect with the interactions of two that it cannot be told from. */
function aliasesOf(factors: number, relation: readonly number[]): number[][][] {
  const factorsOf = (word: number): number[] =>
    Array.from({ length: factors }, (_, factor) => factor).filter((factor) => (word >> factor) & 1);
  return Array.from({ length: factors }, (_, factor) => [
    [factor],
    ...relation
      .map((word) => word ^ (1 << factor))
      .filter((word) => weightOf(word) === 2)
      .map(factorsOf),
  ]).filter((group) => group.length > 1);
}
