/** The SPACE argument with `--where`, of every command that reads a space. */
import type { Command } from 'commander';
import { renderDiagnostics } from '../../language/render-diagnostic.js';
import type { CompiledSpace } from '../../space/compiled-space.js';
import { loadSpaceFile } from '../../space/load.js';

export interface WhereOption {
  readonly where?: string;
}

export function addWhere(command: Command): Command {
  return command.option(
    '-w, --where <expression>',
    "only members that satisfy it, e.g. 'asymmetric and macs <= 10M'",
  );
}

/** @throws DiagnosticError with file, line and column */
export const openSpace = (file: string, options: WhereOption): CompiledSpace =>
  openSpaceWithWarnings(file, options).space;

/** Also the file's warnings as text, '' for none. @throws DiagnosticError with file, line and column */
export function openSpaceWithWarnings(
  file: string,
  { where }: WhereOption,
): { readonly space: CompiledSpace; readonly warnings: string } {
  const { space, diagnostics, sources } = loadSpaceFile(file);
  return {
    space: where === undefined ? space : space.where(where),
    warnings: diagnostics.length === 0 ? '' : renderDiagnostics(diagnostics, space.text, sources),
  };
}
