/** The SPACE argument with `--where`, of every command that reads a space. */
import type { Command } from 'commander';
import type { CompiledSpace } from '../../space/compiled-space.js';
import { loadSpace } from '../../space/load.js';

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
export function openSpace(file: string, { where }: WhereOption): CompiledSpace {
  const space = loadSpace(file);
  return where === undefined ? space : space.where(where);
}
