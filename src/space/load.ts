/** Loads a space from a file or a text, with all diagnostics of the run. */

import type { SpaceAst } from '../language/ast.js';
import { DiagnosticCollector } from '../language/diagnostic-collector.js';
import { renderDiagnostics } from '../language/render-diagnostic.js';
import { type Diagnostic, DiagnosticError } from '../util/errors.js';
import { buildDfa, transitionBudget } from './automaton/dfa-builder.js';
import { PlacementTable } from './automaton/placement-table.js';
import { openingBudget, type WorkBudget } from './automaton/work-budget.js';
import { CompiledSpace } from './compiled-space.js';
import type { Condition, Formula, NumberExpr } from './conditions/condition.js';
import { type AdditiveMeasure, additiveMeasures } from './conditions/cost-ranges.js';
import { assembleSpace, readSpaceText } from './elaborate/assemble-space.js';
import { elaborate } from './elaborate/elaborate.js';
import { costRange } from './inspect/member-histogram.js';
import { spanOfProblem } from './inspect/problem-span.js';
import { smallestConflict } from './inspect/smallest-conflict.js';
import type { SpaceModel } from './model/space-model.js';
import { TooLargeError } from './model/too-large-error.js';

export interface LoadedSpace {
  readonly space?: CompiledSpace;
  readonly diagnostics: readonly Diagnostic[];
  /** Texts of the files that were read, by name. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * Compiles the text of a space file; `space` is absent where an error is among the diagnostics.
 * @param file name used in diagnostics; imports are resolved relative to it
 */
export function spaceFromText(text: string, file: string): LoadedSpace {
  const { ast, diagnostics: syntax, sources } = assembleSpace(text, file);
  if (!ast) return { diagnostics: syntax, sources };
  const diagnostics = new DiagnosticCollector();
  try {
    const space = compileSpace(ast, diagnostics);
    return { ...(space && !diagnostics.hasErrors && { space }), diagnostics: diagnostics.all, sources };
  } catch (error) {
    if (error instanceof DiagnosticError)
      return { diagnostics: [...diagnostics.all, ...error.diagnostics], sources };
    if (!(error instanceof TooLargeError)) throw error;
    diagnostics.error(ast.name.span, error.message, 'give fewer choices, or shorter stages');
    return { diagnostics: diagnostics.all, sources };
  }
}

/** @throws TooLargeError, DiagnosticError */
function compileSpace(ast: SpaceAst, diagnostics: DiagnosticCollector): CompiledSpace | undefined {
  const model = elaborate(ast, ast.items, diagnostics);
  if (diagnostics.hasErrors) return undefined;
  const places = new PlacementTable();
  const work = openingBudget();
  const base = buildDfa(model, [], places, { work: transitionBudget(work) });
  reportPlaces(ast, model, places, base.counts[0] === 0n, diagnostics);
  if (diagnostics.hasErrors) return undefined;
  const space = new CompiledSpace(
    { model, ast, placementTable: places, unconditioned: base },
    model.conditions,
    work,
  );
  if (space.isKnownEmpty(work)) reportConflict(space, work, diagnostics);
  for (const item of ast.items) {
    if (item.kind === 'block' && !model.slots.some(({ letter }) => letter === item.letter.name))
      diagnostics.warning(item.letter.span, `block ${item.letter.name} is used in no layout`);
  }
  return space;
}

/** Reports parts that cannot stand at a placement: errors where the space is empty, else warnings. */
function reportPlaces(
  ast: SpaceAst,
  model: SpaceModel,
  { problems, warnings }: PlacementTable,
  empty: boolean,
  diagnostics: DiagnosticCollector,
): void {
  for (const found of problems.values()) {
    const span = spanOfProblem(ast, model, found);
    const inStage = found.stage > 0 && found.stage <= model.stages.length;
    const text = inStage ? `stage ${found.stage}: ${found.problem.message}` : found.problem.message;
    if (empty) diagnostics.error(span, text);
    else diagnostics.warning(span, `${text}: members with this are left out`);
  }
  for (const warning of warnings.values())
    diagnostics.warning(
      spanOfProblem(ast, model, warning),
      `stage ${warning.stage}: ${warning.problem.message}`,
    );
  if (!empty) return;
  const [first] = problems.values();
  diagnostics.error(
    ast.name.span,
    'the space has no member',
    first?.problem.message ?? 'no assignment of the `let` names fits every expression that uses them',
  );
}

/** Reports the smallest set of conditions that contradict each other, for a space without members. */
function reportConflict(space: CompiledSpace, work: WorkBudget, diagnostics: DiagnosticCollector): void {
  const conflict = smallestConflict(space.base, space.conditions, work);
  const [first, ...others] = conflict.conditions;
  if (!first) return;
  const message =
    others.length === 0
      ? `no network meets \`${first.text}\``
      : `${others.length + 1} conditions contradict each other`;
  const unfinished = 'some of them may do so alone: the search for the fewest took too many steps';
  const hint = conflict.unfinished && others.length > 0 ? unfinished : costRangeHint(space, first);
  diagnostics.error(first.span, `the space has no member: ${message}`, hint);
  for (const { span } of others)
    diagnostics.error(span, `the space has no member: this condition contradicts \`${first.text}\``);
}

/** The range of each additive cost that a condition reads, over the space without conditions. */
function costRangeHint(space: CompiledSpace, { formula }: Condition): string | undefined {
  const measures = additiveMeasures.filter((measure) => readsMeasure(formula, measure));
  if (measures.length === 0) return undefined;
  const unconditioned = new CompiledSpace(space.base, []);
  return measures
    .map((measure) => {
      const { low, high } = costRange(unconditioned, measure);
      return `without conditions ${measure} lie in ${low}..${high}`;
    })
    .join('; ');
}

function readsMeasure(formula: Formula, measure: AdditiveMeasure): boolean {
  const reads = (expr: NumberExpr): boolean => {
    if (expr.kind === 'arithmetic') return reads(expr.left) || reads(expr.right);
    return expr.kind === 'feature' && expr.feature.kind === 'cost' && expr.feature.measure === measure;
  };
  switch (formula.kind) {
    case 'predicate':
      return (
        formula.predicate.kind === 'compare' &&
        (reads(formula.predicate.left) || reads(formula.predicate.right))
      );
    case 'not':
      return readsMeasure(formula.item, measure);
    default:
      return formula.items.some((item) => readsMeasure(item, measure));
  }
}

/**
 * Loads a space file, with the warnings of the run.
 * @throws DiagnosticError with all diagnostics; UserError where the file cannot be read
 */
export function loadSpaceFile(file: string): LoadedSpace & { readonly space: CompiledSpace } {
  const text = readSpaceText(file);
  const { space, diagnostics, sources } = spaceFromText(text, file);
  if (!space) throw new DiagnosticError(diagnostics, renderDiagnostics(diagnostics, text, sources));
  return { space, diagnostics, sources };
}

/** @throws DiagnosticError with all diagnostics; UserError where the file cannot be read */
export const loadSpace = (file: string): CompiledSpace => loadSpaceFile(file).space;

export { readSpaceText };
