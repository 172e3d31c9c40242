/** Which scores of untrained networks rank them as training does. */
import { rankMeasures } from '../../analysis/zero-cost.js';
import { seededRandom } from '../../util/random.js';
import type { Figure } from './contract.js';

export interface ZeroCostInfo {
  readonly rows: readonly { readonly measure: string; readonly tau: number; readonly low: number; readonly high: number; readonly rho: number; readonly networks: number; readonly seconds: number }[];
}

const round = (value: number): number => Number(value.toPrecision(4));

export const zeroCostFigure = {
  name: 'zeroCost',
  title: 'Do untrained networks tell',
  caption: 'Kendall’s tau between each zero-cost score and the trained accuracy, with 95 % bootstrap intervals over architectures. An interval that holds zero: no ranking beyond chance.',
  info(result) {
    const rows = rankMeasures(result.candidates, seededRandom('zero-cost')).map(({ measure, tau, rho, seconds }) => ({
      measure, tau: round(tau.value), low: round(tau.low), high: round(tau.high), rho: round(rho.value), networks: tau.samples, seconds: round(seconds),
    }));
    return rows.length > 0 ? { rows } : undefined;
  },
} satisfies Figure<ZeroCostInfo>;
