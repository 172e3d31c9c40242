/** Experiments from files, texts, and values that a command built. */
import { join } from 'node:path';
import type { Architecture } from '../architecture/architecture.js';
import { parseExperiment } from '../language/parse-experiment.js';
import { renderDiagnostics } from '../language/render-diagnostic.js';
import { DiagnosticError } from '../util/errors.js';
import { readTextFile } from '../util/read-text-file.js';
import { withSettings } from './change-settings.js';
import type { Experiment } from './experiment.js';
import type { BuiltExperiment } from './experiment-builder.js';
import { renderOptionDiagnostics } from './option-diagnostics.js';
import { type ResolveOptions, resolveExperiment } from './settings/resolve-experiment.js';

/**
 * Parses and resolves a text.
 * @throws DiagnosticError with every error, at file, line and column
 */
export function experimentFromText(text: string, path: string, options: ResolveOptions = {}): Experiment {
  const parsed = parseExperiment(text, path);
  const resolved = parsed.experiment ? resolveExperiment(parsed.experiment, path, options) : undefined;
  const diagnostics = [...parsed.diagnostics, ...(resolved?.diagnostics ?? [])];
  if (resolved?.experiment) return resolved.experiment;
  throw new DiagnosticError(diagnostics, renderDiagnostics(diagnostics, text));
}

/**
 * @param changes settings in place of the file's or beside them, e.g. `train imagenet-300`; relative paths in
 * them are relative to the file
 * @throws UserError where the file cannot be read, DiagnosticError for errors in it
 */
export function loadExperiment(path: string, changes: readonly string[] = []): Experiment {
  return experimentFromText(withSettings(readTextFile(path), path, changes), path);
}

/**
 * The experiment of a command or program: settings from its values, architectures from its arguments.
 * @param architectures in place of the settings `space` and `sample`; undefined where these are given
 * @param folder paths of the settings are relative to it; default the working folder
 * @throws DiagnosticError that names the option of each error
 */
export function experimentFromOptions(
  { file, texts }: BuiltExperiment,
  architectures: readonly Architecture[] | undefined,
  folder = '.',
): Experiment {
  const { experiment, diagnostics } = resolveExperiment(
    file,
    join(folder, 'command line'),
    architectures ? { architectures } : {},
  );
  if (experiment) return { ...experiment, optionTexts: texts };
  throw new DiagnosticError(diagnostics, renderOptionDiagnostics(diagnostics, texts));
}

/** Warnings of an experiment as text; empty where there are none. */
export const warningText = ({ warnings, text, optionTexts }: Experiment): string =>
  optionTexts ? renderOptionDiagnostics(warnings, optionTexts) : renderDiagnostics(warnings, text);
