/**
 * Formats the verdict of a session for a terminal: ratios and comparisons first, then resolution, control and
 * failures. Pure.
 */
import type { Comparison, Verdict } from '../../util/statistics/verdict.js';
import type { SessionVerdict } from './session-verdict.js';

const percent = (share: number): string => `${(100 * Math.abs(share)).toFixed(1)} %`;
const signed = (ratio: number): string => `${ratio >= 1 ? '+' : '−'}${percent(ratio - 1)}`;
const range = ({ low, high }: { readonly low: number; readonly high: number }): string =>
  `${signed(low)} to ${signed(high)}`;

const phrases: Readonly<Record<Verdict, (comparison: Comparison) => string>> = {
  FASTER: ({ ratio }) => `is FASTER, by ${percent(ratio.value - 1)}`,
  SLOWER: ({ ratio }) => `is SLOWER, by ${percent(ratio.value - 1)}`,
  SAME: ({ relevance }) => `is the SAME within ${percent(relevance)}`,
  'NOT TOLD APART': ({ resolution }) => `NOT TOLD APART${within(resolution)}`,
};

const within = (resolution: number): string =>
  Number.isFinite(resolution) ? ` (within ${percent(resolution)})` : '';

/** @example 'CC-CT  against  CC-TT  is FASTER, by 3.1 %  (time −3.6 % to −2.6 %)' */
export function comparisonText(verdict: SessionVerdict): string {
  const width = Math.max(4, ...verdict.pairs.flatMap(({ first, second }) => [first.length, second.length]));
  const lines = [
    `batch ${verdict.batch}, ${verdict.launches} launches; time against the anchor network's, fastest first:`,
    ...verdict.ratios.map(({ name, ratio, stepMs }) => {
      const interval = ratio.unknown ? '' : `  [${ratio.low.toFixed(3)}, ${ratio.high.toFixed(3)}]`;
      const time = `${ratio.value.toFixed(3)}${interval}  about ${stepMs.toPrecision(3)} ms a pass`;
      return `  ${name.padEnd(width)}  ${time}`;
    }),
    ...verdict.pairs.map(({ first, second, comparison }) => {
      const interval = Number.isFinite(comparison.resolution) ? `  (time ${range(comparison.ratio)})` : '';
      const said = `${phrases[comparison.verdict](comparison)}${interval}`;
      return `  ${first.padEnd(width)}  against  ${second.padEnd(width)}  ${said}`;
    }),
    ...scatterLines(verdict),
  ];
  for (const [name, { status, reason }] of Object.entries(verdict.failures))
    lines.push(`not measured: ${name}: ${status}: ${reason}`);
  return lines.join('\n');
}

function scatterLines({ control, resolution, pairs, looks, void: isVoid }: SessionVerdict): string[] {
  if (!control || !resolution)
    return [
      'one launch says nothing of the scatter between launches, so no pair is told apart; ' +
        'run more: --launches 3',
    ];
  const relevance = pairs[0]?.comparison.relevance;
  const same = relevance === undefined ? '' : `; SAME: closer than ${percent(relevance)}`;
  const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
  const corrected = `corrected for ${count(looks, 'look')} and ${count(pairs.length, 'pair')}`;
  const lines = [
    `differences under ${percent(resolution.relative)} cannot be told here now${same}; ` +
      `verdicts are ${corrected}`,
    `control: the anchor against itself: time ${range(control.ratio)}`,
  ];
  if (isVoid)
    lines.push(
      'VOID: the anchor differs from itself by more than that (p < 0.01): ' +
        'the machine favours some processes, so no line above is a finding; stop other work',
    );
  return lines;
}
