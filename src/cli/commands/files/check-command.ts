/** `check FILE…`: every error and warning of the files, with its line and a caret. */
import type { Command } from 'commander';
import { layoutOf } from '../../../architecture/layout.js';
import { databaseName } from '../../../lab/database-name.js';
import { type Diagnostic, DiagnosticError, UserError } from '../../../util/errors.js';
import { readTextFile } from '../../../util/read-text-file.js';
import { readArchitectureFile } from '../../options/architecture-argument.js';
import { collected, examples } from '../../options/option-parsers.js';
import { asCalled } from '../../output/as-called.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { grouped } from '../../output/text-format.js';
import type { CheckOptions } from '../../planning/check-experiment.js';

interface Verdict {
  readonly file: string;
  readonly kind: string;
  readonly ok: boolean;
  readonly summary?: string;
  readonly details?: readonly string[];
  readonly message?: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources?: ReadonlyMap<string, string>;
}

/** By the file's ending, else by its first word. */
function kindOf(file: string): 'space' | 'experiment' | 'architecture' {
  if (file.endsWith('.space')) return 'space';
  if (file.endsWith('.experiment')) return 'experiment';
  if (file.endsWith('.json')) return 'architecture';
  const text = readTextFile(file);
  const word = /^(?:\s|#.*\n)*(\w+)/.exec(text)?.[1];
  if (word === 'space' || word === 'experiment') return word;
  if (text.trimStart().startsWith('{')) return 'architecture';
  throw new UserError(
    `${file}: must be a space, experiment or architecture, ` +
      `got a file that begins with ${JSON.stringify(text.slice(0, 20))}`,
  );
}

/** `sources`: texts of the files that a space is built on, for showing their lines. */
export interface Checked {
  readonly summary: string;
  /** Lines below the summary. */
  readonly details?: readonly string[];
  readonly warnings: readonly Diagnostic[];
  readonly sources?: ReadonlyMap<string, string>;
}

interface Options extends CheckOptions {
  readonly json?: boolean;
}

const checks = {
  async space(file: string): Promise<Checked> {
    const [{ loadSpaceFile }, { lintSpace }] = await Promise.all([
      import('../../../space/load.js'),
      import('../../../space/inspect/lint.js'),
    ]);
    const { space, diagnostics, sources } = loadSpaceFile(file);
    const count = space.count();
    return {
      summary:
        `space ${space.name}, ` +
        `${count.exact ? grouped(count.count) : `about ${grouped(count.estimate)}`} architectures`,
      warnings: [...diagnostics, ...lintSpace(space)],
      sources,
    };
  },
  async experiment(file: string, options: Options): Promise<Checked> {
    return (await import('../../planning/check-experiment.js')).checkExperiment(file, options);
  },
  async architecture(file: string): Promise<Checked> {
    readTextFile(file);
    return { summary: `architecture ${layoutOf(readArchitectureFile(file))}`, warnings: [] };
  },
};

async function check(file: string, options: Options): Promise<Verdict> {
  const kind = kindOf(file);
  try {
    const { summary, details, warnings, sources } = await checks[kind](file, options);
    return {
      file,
      kind,
      ok: true,
      summary,
      ...(details ? { details } : {}),
      diagnostics: warnings,
      ...(sources ? { sources } : {}),
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return {
      file,
      kind,
      ok: false,
      message: error.message + (error.fix === undefined ? '' : `\n  ${error.fix}`),
      diagnostics: error instanceof DiagnosticError ? error.diagnostics : [],
    };
  }
}

export function configure(command: Command, io: Io): void {
  command
    .argument('<file...>', 'space, experiment and architecture files')
    .option('--db <file>', `of an experiment: its database (default: reports/NAME/${databaseName})`)
    .option('--no-data', 'of an experiment: leave the data unopened')
    .option(
      '--set <setting>',
      "of an experiment: a setting in place of the file's, as `run` takes it; repeatable",
      collected,
    )
    .option(
      '--json',
      'one object per file: file, kind, ok, summary or message, details (what an experiment can tell), ' +
        'diagnostics with line and column',
    )
    .addHelpText(
      'after',
      '\nOf an experiment it opens the data and says how long a run takes, from what was measured before.\n' +
        examples(
          'check search-spaces/ascan-cpu.space experiments/quickstart.experiment',
          'check experiments/quickstart.experiment --no-data',
        ),
    )
    .action(async (files: string[], options: Options) => {
      const { renderDiagnostics } = await import('../../../language/render-diagnostic.js');
      let wrong = 0;
      for (const file of files) {
        const { sources, ...verdict } = await check(file, options);
        if (!verdict.ok) wrong += 1;
        if (options.json) print(io, jsonLine(verdict));
        else if (verdict.ok) {
          if (verdict.diagnostics.length)
            io.stderr.write(`${renderDiagnostics(verdict.diagnostics, readTextFile(file), sources)}\n`);
          print(io, `${file}: ok: ${verdict.summary!}`);
          for (const line of verdict.details ?? []) print(io, asCalled(`  ${line}`, io));
        } else io.stderr.write(asCalled(`${verdict.message!}\n`, io));
      }
      if (wrong > 0)
        throw new UserError(
          `check: ${wrong} of ${files.length} ${files.length === 1 ? 'file' : 'files'} ` +
            `${wrong === 1 ? 'has' : 'have'} errors`,
        );
    });
}
