/** The note under the main plot: what the intervals are, and the hypervolume. */
import type { CostFront, ScoreInfo } from '../figures/front-figure.js';

export const costNote = (cost: CostFront, score: ScoreInfo): string =>
  [
    `${score.label} is measured, ${cost.label} is ${cost.provenance}.${chanceText(score)}`,
    `Intervals: ${score.short}, ${score.interval}; ` +
      `${cost.label}, ${cost.interval}.${volumeText(cost, score)}`,
  ].join(' ');

/** Chance is stated in words, too, since the axis may end above it. */
const chanceText = ({ chance, scale, unit }: ScoreInfo): string =>
  chance === undefined ? '' : ` Chance is ${Number((chance * scale).toPrecision(3))}${unit && ` ${unit}`}.`;

function volumeText(cost: CostFront, { scale, unit, short }: ScoreInfo): string {
  if (!cost.hypervolume) return '';
  const { value, reference } = cost.hypervolume;
  const text = (number: number): string => number.toLocaleString('en', { maximumSignificantDigits: 4 });
  return (
    ` Hypervolume ${text(value * scale)} ${unit || short}·${cost.unit || cost.short} from beyond the worst ` +
    `values (${text(reference[1] * scale)}${unit && ` ${unit}`}, ${text(reference[0])}).`
  );
}
