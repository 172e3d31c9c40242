/** `fmt FILE…`: space files in their canonical form, comments kept. */
import { renameSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parseSpaceFile } from '../../../language/parse.js';
import { printSpace } from '../../../language/print.js';
import { renderDiagnostics } from '../../../language/render-diagnostic.js';
import { readSpaceText } from '../../../space/load.js';
import { DiagnosticError, UserError } from '../../../util/errors.js';
import { examples } from '../../options/option-parsers.js';
import { type Io, print } from '../../output/io.js';

export function configure(command: Command, io: Io): void {
  command
    .argument('<file...>', 'space files')
    .option('--write', 'write the files in place, instead of printing them')
    .option('--check', 'change nothing; fail where a file is not in canonical form')
    .addHelpText('after', examples('fmt search-spaces/ascan-cpu.space', 'fmt --check search-spaces/*.space'))
    .action((files: string[], options: { write?: boolean; check?: boolean }) => {
      const other: string[] = [];
      for (const file of files) {
        const text = readSpaceText(file);
        const { ast, diagnostics } = parseSpaceFile(text, file);
        if (!ast) throw new DiagnosticError(diagnostics, renderDiagnostics(diagnostics, text));
        const canonical = printSpace(ast);
        if (canonical !== text) other.push(file);
        if (options.write && canonical !== text) {
          // beside it, then moved: never half a file
          writeFileSync(`${file}.new`, canonical);
          renameSync(`${file}.new`, file);
        }
        if (!options.write && !options.check) print(io, canonical.trimEnd());
      }
      if (options.check && other.length > 0)
        throw new UserError(`fmt: every file must be in canonical form, got ${other.join(', ')}`, {
          fix: `npx stagecraft fmt --write ${other.join(' ')}`,
        });
    });
}
