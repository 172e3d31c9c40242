/**
 * Full factorial: every combination of levels. A main effect is the mean change of a factor over all settings
 * of the others; an interaction of two is how much the change of one depends on the other.
 */
import { armOf, assertLevels, type Contrast, type Design, type Levels, withLevels } from './design.js';

/** More arms than this are not run by mistake. */
export const mostArms = 4096;

/** @param levelCounts levels of each factor @throws RangeError for more than 4096 combinations */
export function fullFactorial(levelCounts: readonly number[]): Design {
  assertLevels(levelCounts);
  const size = levelCounts.reduce((product, count) => product * count, 1);
  if (size > mostArms)
    throw new RangeError(`full-factorial: at most ${mostArms} combinations are possible, got ${size}`);
  const arms = levelCounts.reduceRight<Levels[]>(
    (tails, count) =>
      Array.from({ length: count }, (_, level) => tails.map((tail) => [level, ...tail])).flat(),
    [[]],
  );
  const terms = levelCounts.flatMap((count, factor) =>
    Array.from({ length: count - 1 }, (_, index) => ({ factor, level: index + 1 })),
  );
  const mains = terms.map((term) => mainEffect(arms, term));
  const interactions = terms.flatMap((a, index) =>
    terms.slice(index + 1).flatMap((b) => (a.factor === b.factor ? [] : [interaction(arms, a, b)])),
  );
  return { arms, contrasts: [...mains, ...interactions] };
}

type Term = Contrast['terms'][number];

function mainEffect(arms: readonly Levels[], term: Term): Contrast {
  const pairs = arms.flatMap((levels, control) =>
    levels[term.factor] === 0 ? [[armOf(arms, withLevels(levels, [term])), control] as const] : [],
  );
  return {
    kind: 'main',
    terms: [term],
    pairs,
    weights: new Map(
      pairs.flatMap(([treated, control]) => [
        [treated, 1 / pairs.length] as const,
        [control, -1 / pairs.length] as const,
      ]),
    ),
  };
}

/** Change of `a` where `b` is changed less change of `a` where it is not, over all settings of the others. */
function interaction(arms: readonly Levels[], a: Term, b: Term): Contrast {
  const contexts = arms.flatMap((levels, index) =>
    levels[a.factor] === 0 && levels[b.factor] === 0 ? [index] : [],
  );
  const share = 1 / contexts.length;
  const weights = contexts.flatMap((none) => {
    const at = (terms: readonly Term[]): number => armOf(arms, withLevels(arms[none]!, terms));
    return [
      [at([a, b]), share] as const,
      [at([a]), -share] as const,
      [at([b]), -share] as const,
      [none, share] as const,
    ];
  });
  return { kind: 'interaction', terms: [a, b], pairs: [], weights: new Map(weights) };
}
