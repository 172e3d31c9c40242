/**
 * Formats the verdict of a session for a terminal: ratios and comparisons first, then control and failures.
 * Pure.
 */

import type { Verdict } from '../../util/statistics/paired.js';
import type { SessionVerdict } from './session-verdict.js';

const phrases: Readonly<Record<Verdict, (percent: string) => string>> = {
  FASTER: (percent) => `is FASTER, by ${percent}`,
  SLOWER: (percent) => `is SLOWER, by ${percent}`,
  SAME: () => 'is the SAME',
  AMBIGUOUS: () => 'AMBIGUOUS: more samples are needed',
};

/** @example 'CC-CT at batch 16: FASTER than CC-TT, by 3.1 % (2.6 to 3.6 %)' */
export function comparisonText(verdict: SessionVerdict, noiseFloor = verdict.control.noiseFloor): string {
  const width = Math.max(4, ...verdict.pairs.flatMap(({ first, second }) => [first.length, second.length]));
  const percent = (ratio: number): string => `${(100 * Math.abs(ratio - 1)).toFixed(1)} %`;
  const signed = (ratio: number): string =>
    `${ratio >= 1 ? '+' : '−'}${(100 * Math.abs(ratio - 1)).toFixed(1)} %`;
  const lines = [
    `batch ${verdict.batch}, ${verdict.launches} launches; time against the anchor network's, fastest first:`,
    ...verdict.ratios.map(
      ({ name, ratio, stepMs }) =>
        `  ${name.padEnd(width)}  ${ratio.value.toFixed(3)}  [${ratio.low.toFixed(3)}, ` +
        `${ratio.high.toFixed(3)}]  about ${stepMs.toPrecision(3)} ms a pass`,
    ),
    ...verdict.pairs.map(
      ({ first, second, comparison: { verdict: said, ratio }, direct }) =>
        `  ${first.padEnd(width)}  against  ${second.padEnd(width)}  ` +
        `${phrases[said](percent(ratio.value))}  (time ${signed(ratio.low)} ` +
        `to ${signed(ratio.high)}${direct ? '' : ', through the anchor'})`,
    ),
    `control: the anchor against itself is ${verdict.control.verdict} ` +
      `(${signed(verdict.control.ratio.low)} to ${signed(verdict.control.ratio.high)}); ` +
      `differences under ${(100 * noiseFloor).toFixed(0)} % count as none`,
  ];
  for (const [name, { status, reason }] of Object.entries(verdict.failures))
    lines.push(`not measured: ${name}: ${status}: ${reason}`);
  if (verdict.void)
    lines.push(
      'VOID: the control is not SAME: ' +
        'this machine cannot resolve such differences now, so no line above is a finding; ' +
        'stop other work or give more time',
    );
  return lines.join('\n');
}
