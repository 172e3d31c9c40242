/**
 * Confusion matrices and per-class accuracy of the best layouts, from the last validation of each training,
 * and test scores.
 */

import { candidateName } from '../../analysis/candidate-name.js';
import { fixedText } from '../../analysis/number-text.js';
import type { Score } from '../../analysis/objectives/result-score.js';
import { testOf } from '../../analysis/objectives/test-split.js';
import type { CandidateResult, ExperimentResult } from '../../store/experiment-result.js';
import { escapeMarkup } from '../../util/escape-markup.js';

/** With more classes, only the accuracies of the worst classes are listed. */
const matrixClasses = 30;
const worstShown = 20;
/** Number of layouts shown: the best by score. */
const layoutsShown = 12;

interface Classes {
  readonly classes: readonly string[];
  readonly confusion: readonly (readonly number[])[];
}

/** Sum over the seeds with a report. */
function summed({ scores }: CandidateResult): Classes | undefined {
  const reports = scores.flatMap(({ classReport }) => classReport ?? []);
  const first = reports[0];
  return (
    first && {
      classes: first.classes,
      confusion: first.confusion.map((row, label) =>
        row.map((_, predicted) =>
          reports.reduce((sum, { confusion }) => sum + confusion[label]![predicted]!, 0),
        ),
      ),
    }
  );
}

const total = (row: readonly number[]): number => row.reduce((a, b) => a + b, 0);
const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : fixedText((100 * part) / whole, 0);

function matrix({ classes, confusion }: Classes): string {
  const cell = (row: readonly number[], label: number, predicted: number): string => {
    const share = row[predicted]! / Math.max(1, total(row));
    const colour = label === predicted ? 'var(--accent)' : 'var(--block-t)';
    const background = `color-mix(in srgb, ${colour} ${Math.round(60 * share)}%, transparent)`;
    const correct = label === predicted ? ' aria-label="correct"' : '';
    const text = share >= 0.005 ? percent(row[predicted]!, total(row)) : '';
    return `<td class="r" style="padding: 2px 6px; background: ${background}"${correct}>${text}</td>`;
  };
  const title = (name: string, index: number): string =>
    `<th scope="col"${index > 0 ? ' class="r"' : ''} style="position: static; padding: 2px 6px">` +
    `${escapeMarkup(name)}</th>`;
  const headStyle = 'position: static; padding: 2px 6px; text-align: left';
  const rows = confusion.map((row, label) => {
    const head = `<th scope="row" style="${headStyle}">${escapeMarkup(classes[label]!)}</th>`;
    return `<tr>${head}${row.map((_, predicted) => cell(row, label, predicted)).join('')}</tr>`;
  });
  const heads = ['true class, predicted %', ...classes].map(title).join('');
  return `<div class="scroll"><table class="num"><thead><tr>${heads}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div>`;
}

function worst({ classes, confusion }: Classes): string {
  const rows = confusion
    .map((row, label) => ({ name: classes[label]!, right: row[label]!, count: total(row) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.right / a.count - b.right / b.count)
    .slice(0, worstShown);
  const accuracies = rows.map(({ name, right, count }) => `${escapeMarkup(name)} ${percent(right, count)}`);
  return (
    `<p class="muted">The ${rows.length} classes with the lowest accuracy, in %: ` +
    `${accuracies.join(', ')}.</p>`
  );
}

function testText({ scores }: CandidateResult, score: Score): string {
  const tested = scores.flatMap(({ seed, test }) => {
    const value = testOf(score, test);
    return value === undefined ? [] : [`seed ${seed}: ${score.valueText(value)}`];
  });
  return tested.length === 0 ? '' : ` <span class="muted">test split: ${tested.join(', ')}</span>`;
}

/** Empty where no training has a class report. */
export function classesSection({ candidates }: Pick<ExperimentResult, 'candidates'>, score: Score): string {
  const shown = candidates
    .flatMap((candidate) => {
      const report = summed(candidate);
      return report ? [{ candidate, report }] : [];
    })
    .map((each) => {
      const value = score.read(each.candidate)?.value;
      return { ...each, value, merit: value === undefined ? -Infinity : score.merit(value) };
    })
    .sort((a, b) => (b.merit === a.merit ? 0 : b.merit - a.merit))
    .slice(0, layoutsShown);
  if (shown.length === 0) return '';
  return `<section><h2>Confusion by class</h2><p class="caption">${caption(candidates, shown)}</p>
${shown.map((each, index) => details(each, score, index === 0)).join('\n')}
</section>`;
}

interface ShownCandidate {
  readonly candidate: CandidateResult;
  readonly report: Classes;
  /** Of the score. */
  readonly value: number | undefined;
}

function caption(candidates: readonly CandidateResult[], shown: readonly ShownCandidate[]): string {
  const best = candidates.length > shown.length ? `, of the ${shown.length} best layouts` : '';
  const isByPixel = shown.some(({ candidate }) => candidate.scores.some(({ miou }) => miou !== undefined));
  const tested = candidates.filter(({ scores }) => scores.some(({ test }) => test)).length;
  const test = ` The test split was evaluated for ${tested} ${tested === 1 ? 'layout' : 'layouts'}.`;
  return [
    `The validation split after the last epoch, all seeds together${best}:`,
    `rows are true classes, columns predicted classes${isByPixel ? ', counted in pixels' : ''}.`,
  ]
    .join(' ')
    .concat(tested > 0 ? test : '');
}

function details({ candidate, report, value }: ShownCandidate, score: Score, open: boolean): string {
  const layout = `<span class="mono">${escapeMarkup(candidateName(candidate))}</span>`;
  const scoreText = value === undefined ? '' : escapeMarkup(`${score.short} ${score.valueText(value)}`);
  const body = report.classes.length <= matrixClasses ? matrix(report) : worst(report);
  const summary = `<summary>${layout} ${scoreText}${testText(candidate, score)}</summary>`;
  return `<details${open ? ' open' : ''}>${summary}${body}</details>`;
}
