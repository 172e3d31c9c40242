/**
 * Designs of an ablation: which combinations of factor levels are run, and which differences of them answer
 * the question. Level 0 of a factor is the baseline's.
 */

/** The level of every factor, by index. */
export type Levels = readonly number[];

/** A linear combination of arms: its value at one seed is the effect that the seed shows. */
export interface Contrast {
  readonly kind: 'change' | 'main' | 'interaction';
  /** Factors that it is about, by index; with the level that is compared with level 0. */
  readonly terms: readonly { readonly factor: number; readonly level: number }[];
  /** Weight of each arm, by index; positive weights sum to 1 in changes and main effects. */
  readonly weights: ReadonlyMap<number, number>;
  /** Arms that differ in this change alone: treated and control. Empty where the design has none. */
  readonly pairs: readonly (readonly [number, number])[];
}

export interface Design {
  /** Distinct; the first is the baseline. */
  readonly arms: readonly Levels[];
  readonly contrasts: readonly Contrast[];
  /** Effects that the design cannot tell apart, as sets of factor indices. */
  readonly aliases?: readonly (readonly (readonly number[])[])[];
}

const keyOf = (levels: Levels): string => levels.join(',');

/** Index of the arm with these levels; -1 where there is none. */
export function armOf(arms: readonly Levels[], levels: Levels): number {
  const key = keyOf(levels);
  return arms.findIndex((arm) => keyOf(arm) === key);
}

/** `treated` less `control`. */
export const change = (treated: number, control: number, terms: Contrast['terms']): Contrast => ({
  kind: 'change',
  terms,
  weights: new Map([
    [treated, 1],
    [control, -1],
  ]),
  pairs: [[treated, control]],
});

/** The levels with those of some factors replaced. */
export const withLevels = (levels: Levels, terms: Contrast['terms']): Levels =>
  levels.map((level, factor) => terms.find((term) => term.factor === factor)?.level ?? level);

/** @throws RangeError unless every factor has at least two levels */
export function assertLevels(levelCounts: readonly number[]): void {
  if (levelCounts.length === 0) throw new RangeError('design: at least one factor is needed, got none');
  const wrong = levelCounts.findIndex((count) => !Number.isInteger(count) || count < 2);
  if (wrong >= 0)
    throw new RangeError(`design: a factor must have at least 2 levels, got ${levelCounts[wrong]}`);
}
