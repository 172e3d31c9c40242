/**
 * Who was taken for whom: per-class accuracy and confusion of each layout, from its last scoring passes; and
 * scores on the test split.
 */
import { fixedText } from '../../analysis/number-text.js';
import type { Score } from '../../analysis/objectives/result-score.js';
import { testOf } from '../../analysis/objectives/test-split.js';
import type { CandidateResult, ExperimentResult } from '../../store/experiment-result.js';
import { escapeMarkup } from '../../util/escape-markup.js';

/** More classes than this are told by accuracy alone, the worst first. */
const matrixClasses = 30;
const worstShown = 20;
/** Layouts whose classes are shown: the best by score. */
const layoutsShown = 12;

interface Classes {
  readonly classes: readonly string[];
  readonly confusion: readonly (readonly number[])[];
}

/** Sum over the seeds that have one. */
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
    return `<td class="r" style="padding: 2px 6px; background: color-mix(in srgb, ${colour} ${Math.round(60 * share)}%, transparent)"${label === predicted ? ' aria-label="right"' : ''}>${share >= 0.005 ? percent(row[predicted]!, total(row)) : ''}</td>`;
  };
  const title = (name: string): string =>
    `<th scope="col" style="position: static; padding: 2px 6px">${escapeMarkup(name)}</th>`;
  return `<div class="scroll"><table class="num"><thead><tr>${title('true class, predicted %')}${classes.map(title).join('')}</tr></thead><tbody>
${confusion.map((row, label) => `<tr><th scope="row" style="position: static; padding: 2px 6px; text-align: left">${escapeMarkup(classes[label]!)}</th>${row.map((_, predicted) => cell(row, label, predicted)).join('')}</tr>`).join('\n')}
</tbody></table></div>`;
}

function worst({ classes, confusion }: Classes): string {
  const rows = confusion
    .map((row, label) => ({ name: classes[label]!, right: row[label]!, count: total(row) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.right / a.count - b.right / b.count)
    .slice(0, worstShown);
  return `<p class="muted">The ${rows.length} classes told worst, right %: ${rows.map(({ name, right, count }) => `${escapeMarkup(name)} ${percent(right, count)}`).join(', ')}.</p>`;
}

function testText({ scores }: CandidateResult, score: Score): string {
  const tested = scores.flatMap(({ seed, test }) => {
    const value = testOf(score, test);
    return value === undefined ? [] : [`seed ${seed}: ${score.valueText(value)}`];
  });
  return tested.length === 0 ? '' : ` <span class="muted">test split: ${tested.join(', ')}</span>`;
}

/** Empty where no training left a report. */
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
  const tested = candidates.filter(({ scores }) => scores.some(({ test }) => test)).length;
  return `<section><h2>Class by class</h2><p class="caption">The validation split after the last epoch, all seeds together${candidates.length > shown.length ? `, of the ${shown.length} best layouts` : ''}: each row is a true class, each column what it was taken for${shown.some(({ candidate }) => candidate.scores.some(({ miou }) => miou !== undefined)) ? ', counted by pixel' : ''}.${tested > 0 ? ` The test split was looked at for ${tested} ${tested === 1 ? 'layout' : 'layouts'}.` : ''}</p>
${shown.map(({ candidate, report, value }, index) => `<details${index === 0 ? ' open' : ''}><summary><span class="mono">${escapeMarkup(candidate.layout)}</span> ${value === undefined ? '' : escapeMarkup(`${score.short} ${score.valueText(value)}`)}${testText(candidate, score)}</summary>${report.classes.length <= matrixClasses ? matrix(report) : worst(report)}</details>`).join('\n')}
</section>`;
}
