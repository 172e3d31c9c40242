/** The front as a plain text table, for the end of a run, pipes and terminals without a screen. */

import type { ExperimentResult } from '../../store/experiment-result.js';
import { candidateName } from '../candidate-name.js';
import type { Objective } from '../objectives/objectives.js';
import { inSentence, objective } from '../objectives/objectives.js';
import type { Front } from '../pareto/pareto-front.js';

/** Columns padded to equal width, numbers to the right; `align` has one letter a column, `l` or `r`. */
export function textTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: string,
): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        align[column] === 'r' ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  return [line(header), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n');
}

/**
 * One line per point of the front, the best by its first objective first; `=` marks points that tie with
 * another.
 */
export function frontTable(result: ExperimentResult, front: Front): string {
  const tied = new Set(front.ties.flat());
  return candidateTable(
    result,
    [...front.front].sort(
      (a, b) =>
        (front.y.better === 'higher' ? 1 : -1) *
        (front.y.read(result.candidates[b]!)!.value - front.y.read(result.candidates[a]!)!.value),
    ),
    front.x,
    front.y,
    (index) => (tied.has(index) ? '=' : ''),
  );
}

/** One line per candidate in the order given. */
export function candidateTable(
  result: ExperimentResult,
  indices: readonly number[],
  cost: Objective,
  score: Objective,
  mark: (index: number) => string,
): string {
  const columns = [
    score,
    cost,
    ...(['params', 'macs'] as const)
      .filter((name) => name !== cost.name && name !== score.name)
      .map((name) => objective(name)),
  ];
  const rows = indices.map((index) => {
    const candidate = result.candidates[index]!;
    const cells = columns.map((column) => {
      const measured = column.read(candidate);
      return measured ? column.text(measured) : '–';
    });
    return [mark(index), candidateName(candidate), candidate.symmetry, ...cells, candidate.architectureId];
  });
  const hasArms = result.ablation !== undefined;
  return textTable(
    ['', hasArms ? 'arm' : 'layout', 'kind', ...columns.map(inSentence), 'id'],
    rows,
    `lll${'r'.repeat(columns.length)}l`,
  );
}
