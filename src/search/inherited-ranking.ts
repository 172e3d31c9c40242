/**
 * Whether scores by inherited weights rank networks as their own trainings do. The networks compared are
 * those that the strategy chose for the check before it knew a trained score, so the correlation is not that
 * of a selection.
 */
import type { Estimate } from '../util/statistics/interval.js';
import { tauInterval } from '../util/statistics/kendall.js';
import type { History } from './history.js';
import type { SearchObjective } from './objective.js';

/** The quantity of an evaluation by inherited weights, never mixed with the objective itself. */
export const inheritedName = (objective: string): string => `inherited-${objective}`;

/** The score that weights can be inherited for: the first objective that is not known exactly. */
export const inheritedObjective = (objectives: readonly SearchObjective[]): SearchObjective =>
  objectives.find(({ exact, name }) => exact !== true && !name.includes('@')) ?? objectives[0]!;

export interface InheritedRanking {
  /** Kendall's tau-b with its 95 % interval; absent with fewer than five networks. */
  readonly tau?: Estimate;
  readonly networks: number;
  /** The interval lies above 0: the ranking is better than chance. */
  readonly isTrusted: boolean;
  /** One sentence. */
  readonly text: string;
}

const FEWEST = 5;

/** @param keys of the networks that were chosen for the check */
export function inheritedRanking(
  history: History,
  objectives: readonly SearchObjective[],
  keys: readonly string[],
): InheritedRanking {
  const { name } = inheritedObjective(objectives);
  const pairs = keys.flatMap((key) => {
    const values = history.of(key)?.firstValues;
    const [inherited, trained] = [values?.[inheritedName(name)], values?.[name]];
    return inherited === undefined || trained === undefined ? [] : [{ inherited, trained }];
  });
  return judged(
    pairs.map(({ inherited }) => inherited),
    pairs.map(({ trained }) => trained),
  );
}

/** @param inherited @param trained scores of the same networks, both with the same direction */
export function judged(inherited: readonly number[], trained: readonly number[]): InheritedRanking {
  const networks = trained.length;
  if (networks < FEWEST)
    return {
      networks,
      isTrusted: false,
      text:
        `the ranking by inherited weights is not trusted: ${FEWEST} networks with both scores are needed, ` +
        `got ${networks}`,
    };
  const tau = tauInterval(inherited, trained);
  const isTrusted = tau.low > 0;
  const verdict = isTrusted
    ? 'is trusted: its interval lies above 0'
    : 'is not trusted: its interval reaches 0 or below';
  const [value, low, high] = [tau.value, tau.low, tau.high].map((each) => each.toFixed(2));
  return {
    tau,
    networks,
    isTrusted,
    text:
      `the ranking by inherited weights ${verdict}; Kendall's tau against ${networks} trained networks ` +
      `${value} [${low}, ${high}]`,
  };
}
