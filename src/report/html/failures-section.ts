/** The table of failed jobs and of trainings that early stopping ended. */

import { candidateName } from '../../analysis/candidate-name.js';
import type { CandidateResult, ExperimentResult } from '../../store/experiment-result.js';
import { escapeMarkup } from '../../util/escape-markup.js';

type Failure = CandidateResult['failures'][number];

/** Empty where every job finished. */
export function failuresSection({ candidates }: Pick<ExperimentResult, 'candidates'>): string {
  const rows = candidates.flatMap((candidate) =>
    [...candidate.failures, ...stoppedTrainings(candidate)].map((failure) => failureRow(candidate, failure)),
  );
  if (rows.length === 0) return '';
  const heads = ['Layout', 'Job', 'Status', 'Reason'].map(
    (title) => `<th style="position: static; padding: 4px 8px">${title}</th>`,
  );
  return `<section><h2>Failed and stopped jobs</h2><p class="caption">Failed jobs and trainings ended by \
early stopping, with the reason. Their layouts stay in the table.</p><div class="scroll">\
<table class="failures"><thead><tr>\
${heads.join('')}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div></section>`;
}

const stoppedTrainings = ({ stopped = [] }: CandidateResult): Failure[] =>
  stopped.map(({ seed, reason, curve }) => ({
    job: 'train',
    status: `stopped after ${curve.length} epochs`,
    reason,
    seed,
  }));

function failureRow(candidate: CandidateResult, { job, batch, seed, status, reason }: Failure): string {
  const where = [job, batch === undefined ? '' : `batch ${batch}`, seed === undefined ? '' : `seed ${seed}`];
  const cells = [where.filter(Boolean).join(', '), status, reason];
  const rest = cells.map((text) => `<td>${escapeMarkup(text)}</td>`).join('');
  return `<tr><td class="mono">${escapeMarkup(candidateName(candidate))}</td>${rest}</tr>`;
}
