/**
 * The costs of an ablation's arms: parameters and MACs always, measured latency where it is held. Of what is
 * held equal, the head states the tolerance and each cell the distance to the baseline.
 */
import type { AblationAnalysis, ArmResult } from '../../analysis/ablation/analyse-ablation.js';
import { countText, fixedText, plusMinusText } from '../../analysis/number-text.js';
import type { CandidateResult } from '../../store/experiment-result.js';
import { exactInterval, type Interval } from '../../util/statistics/interval.js';
import { type Cell, cell, type Table, unknownText } from './table.js';

export interface CostColumn {
  readonly column: Table['columns'][number];
  cell(arm: ArmResult): Cell;
  /** Explains marks that stand in a cell. */
  readonly notes: readonly string[];
}

interface Cost {
  readonly title: string;
  /** Largest relative difference to the baseline; undefined: free. */
  readonly tolerance: number | undefined;
  read(candidate: CandidateResult): Interval | undefined;
  text(value: Interval): string;
}

export function costColumns({ plan, arms }: AblationAnalysis): readonly CostColumn[] {
  const { hold } = plan;
  const count = ({ value }: Interval): string => countText(value);
  const costs: readonly Cost[] = [
    {
      title: 'params',
      tolerance: hold.params,
      read: ({ params }) => exactInterval(params),
      text: count,
    },
    { title: 'MACs', tolerance: hold.macs, read: ({ macs }) => exactInterval(macs), text: count },
    ...(hold.latency === undefined ? [] : [timeAt(hold.batch, hold.latency)]),
  ];
  return costs.map((cost) => costColumn(cost, arms));
}

const timeAt = (batch: number | undefined, tolerance: number): Cost => ({
  title: `ms @${batch}`,
  tolerance,
  read: ({ profiles }) => profiles.find((profile) => profile.batch === batch)?.stepMs,
  text: (stepMs) => plusMinusText(stepMs),
});

function costColumn(cost: Cost, arms: readonly ArmResult[]): CostColumn {
  const { title, tolerance, read, text } = cost;
  const target = arms[0] && read(arms[0].candidate)?.value;
  const isOutside = ({ candidate }: ArmResult): boolean => {
    const value = read(candidate)?.value;
    return (
      tolerance !== undefined &&
      target !== undefined &&
      value !== undefined &&
      Math.abs(value / target - 1) > tolerance + 1e-12
    );
  };
  const within = tolerance === undefined ? '' : `, held within ${percentText(tolerance)}`;
  return {
    column: { title: `${title}${within}`, align: 'r' },
    cell(arm) {
      const at = read(arm.candidate);
      if (!at) return cell(unknownText);
      if (tolerance === undefined || target === undefined || arm === arms[0]) return cell(text(at));
      return cell(`${text(at)} (${distanceText(at.value / target - 1)})${isOutside(arm) ? ' !' : ''}`);
    },
    notes: arms.some(isOutside) ? [`! marks ${title} outside the tolerance: the arm is not compared.`] : [],
  };
}

const percentText = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

/** `+0.8 %` */
const distanceText = (share: number): string => `${share < 0 ? '' : '+'}${fixedText(100 * share, 1)} %`;
