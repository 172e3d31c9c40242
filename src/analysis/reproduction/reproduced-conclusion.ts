/** What a second run of an experiment says of a conclusion of the first. */

/**
 * `holds`: the second run supports it. `contradicted`: the second run's intervals exclude it. `not decided`:
 * neither, or the first run did not decide it.
 */
export type ReproductionVerdict = 'holds' | 'contradicted' | 'not decided';

export interface ReproducedConclusion {
  /** The conclusion of the first run, without a full stop. */
  readonly conclusion: string;
  readonly verdict: ReproductionVerdict;
  /** The figure of each run with its interval; `not measured` where a run has none. */
  readonly before: string;
  readonly after: string;
}

export const notMeasured = 'not measured';

/** How many conclusions have each verdict. */
export const countVerdicts = (
  conclusions: readonly ReproducedConclusion[],
): Readonly<Record<ReproductionVerdict, number>> => {
  const countOf = (wanted: ReproductionVerdict): number =>
    conclusions.filter(({ verdict }) => verdict === wanted).length;
  return {
    holds: countOf('holds'),
    contradicted: countOf('contradicted'),
    'not decided': countOf('not decided'),
  };
};
