/** Whether an ablation orders its arms as the paper does: Kendall's tau between measured and published. */
import type { Estimate } from '../../util/statistics/interval.js';
import { kendallTau, tauInterval } from '../../util/statistics/kendall.js';
import type { AblationAnalysis } from './analyse-ablation.js';

export interface PublishedRanks {
  readonly metric: string;
  /** Arms with a measured and a published value. */
  readonly arms: number;
  /** Arms that the paper has, whose value is unknown here. */
  readonly unknown: number;
  /** From two arms. */
  readonly tau?: number;
  /** From five arms. */
  readonly interval?: Estimate;
}

/** Published value of an arm under the metric of the response; undefined where it is unknown. */
export const publishedValue = ({ plan, response }: AblationAnalysis, arm: string): number | undefined =>
  plan.published?.find((row) => row.arm === arm && row.metric === response.objective.name)?.value;

/** Undefined where no published table is given. */
export function publishedRanks(analysis: AblationAnalysis): PublishedRanks | undefined {
  const { plan, response, arms } = analysis;
  const metric = response.objective.name;
  const rows = plan.published?.filter((row) => row.metric === metric);
  if (!rows) return undefined;
  const pairs = arms.flatMap(({ name, mean }) => {
    const value = publishedValue(analysis, name);
    return value === undefined || mean === undefined ? [] : [[mean, value] as const];
  });
  const [measured, published] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
  return {
    metric,
    arms: pairs.length,
    unknown: rows.filter(({ value }) => value === undefined).length,
    ...(pairs.length >= 2 && { tau: kendallTau(measured, published).tau }),
    ...(pairs.length >= 5 && { interval: tauInterval(measured, published) }),
  };
}

/** Whether the published table names arms of the ablation, and not other networks. */
export const publishesArms = ({ plan, arms }: AblationAnalysis): boolean =>
  plan.published?.some(({ arm }) => arms.some(({ name }) => name === arm)) ?? false;

/** Kendall's tau of MACs with the response over published networks, with its interval from five networks. */
export interface MacsAgreement {
  readonly networks: number;
  readonly tau: number;
  readonly interval?: Estimate;
}

/** Undefined where the published table has not both for two networks. */
export function macsAgreement({ plan, response }: AblationAnalysis): MacsAgreement | undefined {
  const published = (arm: string, metric: string): number | undefined =>
    plan.published?.find((row) => row.arm === arm && row.metric === metric)?.value;
  const pairs = [...new Set(plan.published?.map(({ arm }) => arm))].flatMap((arm) => {
    const [macs, value] = [published(arm, 'macs'), published(arm, response.objective.name)];
    return macs === undefined || value === undefined ? [] : [[macs, value] as const];
  });
  if (pairs.length < 2) return undefined;
  const [macs, values] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
  const { tau } = kendallTau(macs, values);
  if (tau === undefined) return undefined; // all equal
  return {
    networks: pairs.length,
    tau,
    ...(pairs.length >= 5 && { interval: tauInterval(macs, values) }),
  };
}

function macsSentence(analysis: AblationAnalysis): string {
  const found = macsAgreement(analysis);
  if (!found) return '';
  const { networks, tau, interval } = found;
  const bounds = interval ? ` [${interval.low.toFixed(2)}, ${interval.high.toFixed(2)}]` : '';
  const { sign, objective, kind } = analysis.response;
  const perfect = sign === 1 ? '−1' : '1';
  return (
    `Over ${networks} published networks, Kendall's tau of MACs with ${objective.short} is ` +
    `${tau.toFixed(2).replace('-', '−')}${bounds.replaceAll('-', '−')}` +
    `${kind === 'log-rate' ? `; MACs that predict the order would give ${perfect}` : ''}.`
  );
}

/** One sentence; '' where no published table is given. */
export function publishedSentence(analysis: AblationAnalysis): string {
  if (!publishesArms(analysis)) return macsSentence(analysis);
  const ranks = publishedRanks(analysis);
  if (!ranks) return '';
  const { metric, arms, unknown, tau, interval } = ranks;
  const unknownText = unknown === 1 ? '1 published value is' : `${unknown} published values are`;
  const missing = unknown > 0 ? `; ${unknownText} unknown` : '';
  if (tau === undefined || !Number.isFinite(tau))
    return (
      `The order of the arms cannot be compared with the published ${metric}: ` +
      `${arms === 1 ? '1 arm has' : `${arms} arms have`} both${missing}.`
    );
  const bounds = interval
    ? ` [${interval.low.toFixed(2)}, ${interval.high.toFixed(2)}]`
    : ', no interval below 5 arms';
  return (
    `Kendall's tau between measured and published ${metric} is ${tau.toFixed(2)}${bounds} ` +
    `over ${arms} arms${missing}.`
  );
}
