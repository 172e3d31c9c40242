/** Learning curves of the seeds of one network as a table: epochs down, seeds across. */
import { plusMinusText } from '../../analysis/number-text.js';
import { measuredOn } from '../../lab/device-text.js';
import type { CandidateResult, ExperimentResult } from '../../store/experiment-result.js';
import type { Io } from './io.js';
import { type Column, duration, table } from './text-format.js';

type SeedResult = CandidateResult['scores'][number];

const right = (title: string): Column => ({ title, align: 'right' });
const percent = (value: number): string => (value * 100).toFixed(1);

function curveCells({ curve }: SeedResult, index: number): string[] {
  const row = curve[index];
  if (!row) return ['', '', ''];
  const top1 = row.validationTop1 === undefined ? '–' : percent(row.validationTop1);
  return [row.trainLoss.toFixed(3), row.validationLoss.toFixed(3), top1];
}

function scoreText({ scores, top1 }: CandidateResult): string {
  const main = top1
    ? `top-1 ${plusMinusText(top1, 100)} %`
    : `loss ${scores.map(({ loss }) => loss?.toFixed(3) ?? '–').join(', ')}`;
  const miou = scores.flatMap((score) => score.miou ?? []);
  return miou.length > 0 ? `${main}, mIoU ${miou.map(percent).join(', ')} %` : main;
}

export function curveTable(candidate: CandidateResult, result: ExperimentResult, io: Io): string {
  const { layout, architectureId, scores } = candidate;
  const epochs = Math.max(...scores.map(({ curve }) => curve.length));
  const rows = Array.from({ length: epochs }, (_, index) => [
    String(index + 1),
    ...scores.flatMap((score) => curveCells(score, index)),
  ]);
  const names = scores.flatMap(({ seed }) => [
    scores.length === 1 ? 'train loss' : `train loss, seed ${seed}`,
    'loss',
    'top-1 %',
  ]);
  const times = scores.map(({ seconds }) => duration(seconds)).join(', ');
  return [
    `${io.colours.bold(layout)}  ${architectureId}`,
    '',
    table([right('epoch'), ...names.map(right)], rows, io.colours.dim),
    '',
    `${scoreText(candidate)}  on ${result.datasetName}`,
    io.colours.dim(`${times}; ${measuredOn(result.device.key, result.environment)}`),
  ].join('\n');
}
