/** From a file or text to a space, with every finding of the run. */
import { renderDiagnostics } from '../language/render-diagnostic.js';
import { type Diagnostic, DiagnosticError } from '../util/errors.js';
import { assembleSpace, readSpaceText } from './assemble.js';
import { additive } from './budgets.js';
import { CompiledSpace } from './compiled-space.js';
import { smallestConflict } from './conflicts.js';
import { elaborate } from './elaborate.js';
import { Findings } from './findings.js';
import { buildGraph } from './graph.js';
import { costRange } from './histogram.js';
import { TooLargeError } from './layout-machine.js';
import { Places } from './places.js';
import { placeOfProblem } from './problem-place.js';

export interface Loaded {
  readonly space?: CompiledSpace;
  readonly diagnostics: readonly Diagnostic[] /** Texts of the files that were read, by name. */;
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * A space from its text; absent where an error is among the findings. `file` names it in messages and is
 * where imports start.
 */
export function spaceFromText(text: string, file: string): Loaded {
  const { ast, diagnostics, sources } = assembleSpace(text, file);
  if (!ast) return { diagnostics, sources };
  const findings = new Findings();
  const model = elaborate(ast, ast.items, findings);
  if (findings.hasErrors) return { diagnostics: findings.all, sources };
  try {
    const places = new Places();
    const base = buildGraph(model, [], places);
    const empty = base.counts[0] === 0n;
    for (const problem of places.problems.values()) {
      const span = placeOfProblem(ast, model, problem);
      const text =
        problem.stage > 0 && problem.stage <= model.stages.length
          ? `stage ${problem.stage}: ${problem.message}`
          : problem.message;
      if (empty) findings.error(span, text);
      else findings.warning(span, `${text}: members with this are left out`);
    }
    for (const note of places.notes.values())
      findings.warning(placeOfProblem(ast, model, note), `stage ${note.stage}: ${note.message}`);
    if (empty)
      findings.error(
        ast.name.span,
        'the space has no member',
        places.problems.size > 0
          ? [...places.problems.values()][0]!.message
          : 'no choice of names meets every place they stand in',
      );
    if (findings.hasErrors) return { diagnostics: findings.all, sources };
    const space = new CompiledSpace({ model, ast, places, base }, model.conditions);
    const count = space.count();
    if (count.exact && count.count === 0n) {
      const conflict = smallestConflict(space.shared, space.conditions);
      for (const [index, { span, text: condition }] of conflict.entries()) {
        if (index === 0)
          findings.error(
            span,
            conflict.length === 1
              ? `the space has no member: no network meets \`${condition}\``
              : `the space has no member: ${conflict.length} conditions cannot hold together`,
            rangeHint(space, condition),
          );
        else
          findings.error(
            span,
            `the space has no member: this cannot hold together with \`${conflict[0]!.text}\``,
          );
      }
    }
    for (const item of ast.items) {
      if (item.kind === 'block' && !model.templates.some(({ letter }) => letter === item.letter.name))
        findings.warning(item.letter.span, `block ${item.letter.name} stands in no layout`);
    }
    return findings.hasErrors
      ? { diagnostics: findings.all, sources }
      : { space, diagnostics: findings.all, sources };
  } catch (error) {
    if (error instanceof TooLargeError)
      findings.error(ast.name.span, error.message, 'give fewer choices, or shorter stages');
    else if (error instanceof DiagnosticError)
      return { diagnostics: [...findings.all, ...error.diagnostics], sources };
    else throw error;
    return { diagnostics: findings.all, sources };
  }
}

/** What the costs of a space lie between, where a condition is about them. */
function rangeHint(space: CompiledSpace, condition: string): string | undefined {
  const free = new CompiledSpace(space.shared, []);
  const measures = additive.filter((measure) => condition.includes(measure));
  return measures.length === 0
    ? undefined
    : measures
        .map((measure) => {
          const { low, high } = costRange(free, measure);
          return `without conditions ${measure} lie in ${low}..${high}`;
        })
        .join('; ');
}

/**
 * A space with the warnings of its loading. @throws DiagnosticError with every finding; UserError where the
 * file cannot be read
 */
export function loadSpaceFile(file: string): Loaded & { readonly space: CompiledSpace } {
  const text = readSpaceText(file);
  const { space, diagnostics, sources } = spaceFromText(text, file);
  if (!space) throw new DiagnosticError(diagnostics, renderDiagnostics(diagnostics, text, sources));
  return { space, diagnostics, sources };
}

/** @throws DiagnosticError with every finding; UserError where the file cannot be read */
export const loadSpace = (file: string): CompiledSpace => loadSpaceFile(file).space;

export { readSpaceText };
