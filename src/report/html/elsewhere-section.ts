/** The table of a search's networks on several devices: who is on every front, and the regret elsewhere. */
import {
  type ElsewhereFronts,
  elsewhereFronts,
  regretText,
  robustSentence,
} from '../../analysis/pareto/elsewhere-fronts.js';
import type { ExperimentResult } from '../../store/experiment-result.js';
import { escapeMarkup } from '../../util/escape-markup.js';

/** Empty where the search names no other device. */
export const elsewhereSection = (result: ExperimentResult): string =>
  elsewhereFronts(result).map(section).join('\n');

function section(fronts: ElsewhereFronts): string {
  const { score, cost, devices, standings } = fronts;
  const heads = ['Layout', score.short, ...devices.flatMap(({ name }) => [`${cost.short} on ${name}`, ''])];
  const rows = standings.map((standing) => {
    const cells = devices.flatMap((_, device) => {
      const value = standing.costs[device]!;
      const mark = standing.isPredicted[device] ? ' (predicted)' : '';
      return [`${cost.text({ value, low: value, high: value })}${mark}`, regretText(standing, device, score)];
    });
    const rest = [score.valueText(standing.score), ...cells].map((text) => `<td>${escapeMarkup(text)}</td>`);
    return `<tr><td class="mono">${escapeMarkup(standing.layout)}</td>${rest.join('')}</tr>`;
  });
  const head = heads.map(
    (title) => `<th style="position: static; padding: 4px 8px">${escapeMarkup(title)}</th>`,
  );
  return `<section><h2>On several devices</h2><p class="caption">${escapeMarkup(robustSentence(fronts))}. \
Times elsewhere are those that the databases of <code>devices</code> hold; predicted: by a latency model \
fitted to them, to be measured there before it is stated. Regret: what the score lacks to the best network \
of no higher cost on that device.</p><div class="scroll"><table class="failures"><thead><tr>\
${head.join('')}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div></section>`;
}
