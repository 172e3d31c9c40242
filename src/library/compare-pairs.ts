/** Paired comparison of two networks. */
import { UserError } from '../util/errors.js';
import type { Estimate } from '../util/statistics/interval.js';
import { meanInterval } from '../util/statistics/student.js';

/**
 * Mean of the differences `second − first` at equal positions, with its 95 % interval by Student's t. Pair
 * what shares its seed or launch: the scatter that both share cancels.
 * @param first, second values of equal length, 2 or more, e.g. top-1 by seed
 * @throws UserError for other lengths
 * @example comparePairs([0.61, 0.63, 0.60], [0.64, 0.65, 0.64]).value // 0.03
 */
export function comparePairs(first: readonly number[], second: readonly number[]): Estimate {
  if (first.length !== second.length || first.length < 2)
    throw new UserError(
      'compare pairs: two lists of one length, 2 or more, are needed, ' +
        `got ${first.length} and ${second.length}`,
    );
  return meanInterval(second.map((value, index) => value - first[index]!))!;
}
