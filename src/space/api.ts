/**
 * The programming interface of spaces (`import … from 'stagecraft/space'`): build a space with typed
 * functions or load a file, then query it. Files and values convert to each other without loss:
 * `printSpace(parseSpaceFile(text).ast)` is the canonical form of `text`, and a value prints to a file that
 * parses back to it.
 */
import { join } from 'node:path';
import type { SpaceAst } from '../language/ast.js';
import { printSpace } from '../language/print.js';
import { renderDiagnostics } from '../language/render-diagnostic.js';
import { DiagnosticError } from '../util/errors.js';
import type { CompiledSpace } from './compiled-space.js';
import { spaceFromText } from './load.js';

export type { Architecture } from '../architecture/architecture.js';
export { architectureDifferences as differences } from '../architecture/architecture-differences.js';
export { architectureId, canonicalText, parseArchitecture } from '../architecture/canonical.js';
export { asymmetryScore, layoutOf, symmetryOf } from '../architecture/layout.js';
export type { SpaceAst } from '../language/ast.js';
export * as conditions from '../language/builder/conditions.js';
export * from '../language/builder/layouts.js';
export * from '../language/builder/space-builder.js';
export * from '../language/builder/values.js';
export { parseSpaceFile } from '../language/parse.js';
export { printSpace } from '../language/print.js';
export { type Random, seededRandom } from '../util/random.js';
export { breakdown } from './inspect/breakdown.js';
export { FunctionalClasses } from './inspect/functional-classes.js';
export { lintSpace } from './inspect/lint.js';
export {
  asymmetryHistogram,
  type Bin,
  blockHistogram,
  costHistogram,
  stratifiedSample,
} from './inspect/member-histogram.js';
export { crossover, mutate, neighbours } from './inspect/neighbours.js';
export { sampleByLayout } from './inspect/sample-by-layout.js';
export { loadSpace } from './load.js';
export type { Count, Space, WeightedSpace } from './model/space.js';

/**
 * Compiles the text of a space file.
 * @param file path that imported and refined files are relative to, and that messages name
 * @throws DiagnosticError with all diagnostics at their lines and columns
 */
export function readSpace(text: string, file = 'text.space'): CompiledSpace {
  const { space, diagnostics, sources } = spaceFromText(text, file);
  if (!space) throw new DiagnosticError(diagnostics, renderDiagnostics(diagnostics, text, sources));
  return space;
}

/**
 * Compiles a space that was built or parsed.
 * @param folder where imported and refined files are resolved; default the working folder
 * @throws DiagnosticError with all diagnostics, at spans of the printed value
 */
export function openSpace(value: SpaceAst, folder = '.'): CompiledSpace {
  const text = printSpace(value);
  const { space, diagnostics, sources } = spaceFromText(text, join(folder, `${value.name.name}.space`));
  if (!space) throw new DiagnosticError(diagnostics, renderDiagnostics(diagnostics, text, sources));
  return space;
}
