/** Effects of an ablation with their intervals: the data of a forest plot. */
import { differenceText } from '../../analysis/ablation/ablation-sentences.js';
import { analyseAblation } from '../../analysis/ablation/analyse-ablation.js';
import type { Figure } from './figure.js';

export interface EffectsInfo {
  readonly response: string;
  /** Unit of the differences. */
  readonly unit: string;
  readonly rows: readonly {
    readonly label: string;
    readonly against: string;
    /** In displayed units; absent where nothing is compared. */
    readonly value?: number;
    /** Absent where nothing bounds it yet. */
    readonly low?: number;
    readonly high?: number;
    readonly text: string;
    readonly isReal: boolean;
    readonly verdict: string;
  }[];
}

export const effectsFigure = {
  name: 'effects',
  title: () => 'Effects of the changes',
  caption: ({ response, unit }) =>
    `Paired differences of ${response}${unit === '' ? '' : ` in ${unit}`} with 95 % intervals. ` +
    'A filled mark is a difference that is real after correction for all comparisons.',
  info(result) {
    const analysis = analyseAblation(result);
    if (!analysis) return undefined;
    const { response } = analysis;
    const shown = (value: number): number =>
      (response.kind === 'log-rate' ? Math.expm1(value) : value) * response.scale;
    return {
      response: response.objective.short,
      unit: response.unit,
      rows: analysis.effects.map((effect) => {
        const { name, against, difference, refused, decision, isReal = false } = effect;
        const bounds =
          difference && Number.isFinite(difference.low)
            ? { low: shown(difference.low), high: shown(difference.high) }
            : {};
        return {
          label: name,
          against,
          ...(difference && { value: shown(difference.value), ...bounds }),
          text: refused ?? differenceText(effect, analysis).replace(', interval not', ', not'), // fits
          isReal,
          verdict: decision?.verdict ?? 'not compared',
        };
      }),
    };
  },
} satisfies Figure<EffectsInfo>;
