/** `space PATH`: the space that the architectures are drawn from. */
import { join } from 'node:path';
import { renderDiagnostics } from '../../language/render-diagnostic.js';
import type { CompiledSpace } from '../../space/compiled-space.js';
import { loadSpace, spaceFromText } from '../../space/load.js';
import { DiagnosticError, UserError } from '../../util/errors.js';
import { singleTerm, termText } from './read-terms.js';
import { pathIn, type Setting } from './setting.js';

export const spaceSetting: Setting<CompiledSpace> = {
  keyword: 'space',
  summary: 'path of the space file, relative to this file',
  example: 'space  ../search-spaces/ascan-cpu.space',
  reference: 'Required. The hash covers the text of the space, not its path.',
  read(source, { file, namedFolder, diagnostics, architectures, spaceText }) {
    if (architectures) return undefined;
    if (!source)
      return diagnostics.error(file.nameSpan, 'an experiment needs a space, got none', spaceSetting.example);
    const term = singleTerm(source, diagnostics);
    if (!term) return undefined;
    if (term.kind !== 'text')
      return diagnostics.error(term.span, `space must be a path, got ${JSON.stringify(termText(term))}`);
    if (spaceText !== undefined) return spaceOfText(spaceText, join(namedFolder, term.value));
    try {
      return loadSpace(pathIn(namedFolder, term.value));
    } catch (error) {
      // it has its own spans
      if (error instanceof DiagnosticError || !(error instanceof UserError)) throw error;
      return diagnostics.error(term.span, error.message, error.fix);
    }
  },
  meaning: (space) => ({ space: space?.text ?? '' }),
};

/** @param file names the text in diagnostics */
function spaceOfText(text: string, file: string): CompiledSpace {
  const { space, diagnostics, sources } = spaceFromText(text, file);
  if (!space) throw new DiagnosticError(diagnostics, renderDiagnostics(diagnostics, text, sources));
  return space;
}
