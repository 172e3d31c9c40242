/** What a run can tell apart in time, in words: its resolution, or why its times compare nothing. */
import type { BatchResolution, ExperimentResult } from '../../store/experiment-result.js';

/** `1.9 %`, `12 %` */
export const percent = (share: number): string => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
const signed = (ratio: number): string => `${ratio >= 1 ? '+' : '−'}${percent(Math.abs(ratio - 1))}`;

/** Batch sizes at which the two copies of the anchor network differ: their times compare nothing. */
export const biasedBatches = ({ resolutions }: Pick<ExperimentResult, 'resolutions'>): BatchResolution[] =>
  resolutions.filter(({ anchors }) => anchors?.biased);

/**
 * One line per run; undefined where nothing is known.
 * @example 'time differences under 1.9 % (batch 1), 0.8 % (batch 16) cannot be told in this run; closer
 * than 1.0 %, the declared relevance, times count as the same, which this run cannot show (batch 1)'
 */
export function resolutionText(
  result: Pick<ExperimentResult, 'resolutions' | 'relevance'>,
): string | undefined {
  const { resolutions, relevance } = result;
  if (resolutions.length === 0) return undefined;
  const each = resolutions.map(({ batch, relative }) => `${percent(relative)} (batch ${batch})`).join(', ');
  return `time differences under ${each} cannot be told in this run; ${sameText(resolutions, relevance)}`;
}

/** SAME is an equivalence test: the resolution must be smaller than the relevance. */
function sameText(resolutions: readonly BatchResolution[], relevance: number): string {
  const coarse = resolutions.filter(({ relative }) => relative >= relevance);
  const what = `closer than ${percent(relevance)}, the declared relevance, times count as the same`;
  if (coarse.length === 0) return what;
  return `${what}, which this run cannot show (batch ${coarse.map(({ batch }) => batch).join(', ')})`;
}

/**
 * @example 'times at batch 16 may not be compared: the two copies of the anchor network differ by +3.1 % …'
 */
export function biasText(result: Pick<ExperimentResult, 'resolutions'>): string | undefined {
  const [biased] = biasedBatches(result);
  if (!biased) return undefined;
  const batches = biasedBatches(result)
    .map(({ batch }) => batch)
    .join(', ');
  const { ratio, p } = biased.anchors!;
  return (
    `times at batch ${batches} may not be compared: the two copies of the anchor network differ by ` +
    `${signed(ratio.value)} (p ${p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`}), ` +
    `more than the resolution of ${percent(biased.relative)}`
  );
}
