/** Time of each part of a network as a table. */
import { significantText } from '../../analysis/number-text.js';
import { type PartTime, stageShares } from '../../profile/part-times/part-times.js';
import type { Io } from './io.js';
import { table } from './text-format.js';

export function partTable(
  layout: string,
  batch: number,
  times: readonly PartTime[],
  io: Pick<Io, 'colours'>,
): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const bar = (share: number): string => '█'.repeat(Math.max(0, Math.round(40 * share)));
  return [
    `${layout} at batch ${batch}: time of each part in place`,
    table(
      [
        { title: 'part' },
        { title: '' },
        { title: 'ms', align: 'right' },
        { title: '±', align: 'right' },
        { title: 'share', align: 'right' },
        { title: '' },
      ],
      times.map(({ name, letter, stepMs, share }) => [
        name,
        letter ?? '',
        significantText(stepMs.value),
        significantText((stepMs.high - stepMs.low) / 2),
        percent(share),
        bar(share),
      ]),
      io.colours.dim,
    ),
    `by stage: ${stageShares(times)
      .map(({ name, share }) => `${name} ${percent(share)}`)
      .join(', ')}`,
  ].join('\n');
}
