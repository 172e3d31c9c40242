/**
 * The contract of one experiment setting. A setting is a keyword of an experiment file with its parser, its
 * defaults, its part of the experiment's hash, its help line and its reference entry. Each setting has one
 * file in this folder and one line in `setting-table.ts`.
 */
import { isAbsolute, join } from 'node:path';
import type { Architecture } from '../../architecture/architecture.js';
import type { DiagnosticCollector } from '../../language/diagnostic-collector.js';
import type { ExperimentFile } from '../../language/experiment-file.js';
import type { ParamTable } from '../../util/params.js';

/** One line of an experiment file: keyword, terms and their spans. */
export type SettingSource = ExperimentFile['settings'][number];

/** Tables of parameters by the name of the call that takes them, e.g. `{ adamw: {…}, sgd: {…} }`. */
export type CallTables = Readonly<Record<string, ParamTable>>;

/** One line of meaning by name. */
export type Docs = Readonly<Record<string, string>>;

/** A path of an experiment file, by its folder as the caller named it: `own/weights.safetensors`. */
export const pathIn = (namedFolder: string, path: string): string =>
  isAbsolute(path) ? path : join(namedFolder, path);

export interface ReadContext {
  readonly file: ExperimentFile;
  /** Paths in the file are relative to this folder. */
  readonly baseFolder: string;
  /** The same folder as the caller named it, for messages about files in it. */
  readonly namedFolder: string;
  readonly diagnostics: DiagnosticCollector;
  /** Architectures that a command passes instead of `space` and `sample`. */
  readonly architectures: readonly Architecture[] | undefined;
  /** The text of the space, where a caller has it instead of the file. */
  readonly spaceText?: string;
  has(keyword: string): boolean;
  /** Value of another setting; each setting is read once, whatever the order. */
  get<V>(setting: Setting<V>): V | undefined;
}

export interface Setting<V> {
  readonly keyword: string;
  /** One line for help texts. */
  readonly summary: string;
  /** One line of an experiment file. */
  readonly example: string;
  /** Reference entry: meaning and default, one paragraph. */
  readonly reference: string;
  /** Calls that the setting accepts, with their parameters, for the reference. */
  readonly calls?: CallTables;
  /** One line for each call that has one, by its name. */
  readonly callDocs?: Docs;
  /** Words that the setting accepts besides calls, such as names of objectives, with their meanings. */
  readonly words?: Docs;
  /** Without that setting this one has no effect, and is not read. */
  readonly needs?: 'train' | 'strategy';
  /**
   * @param source undefined where the file lacks the setting
   * @returns undefined where the setting is absent without a default, or wrong: an error is then reported
   */
  read(source: SettingSource | undefined, context: ReadContext): V | undefined;
  /**
   * Members of the value that the experiment's hash covers. Settings that `train` needs, and `train` itself,
   * contribute to the member `train`.
   */
  meaning(value: V | undefined): Readonly<Record<string, unknown>>;
}

/** The one-line meanings of a table of definitions, by name. */
export const callDocs = (
  definitions: Readonly<Record<string, { readonly doc: string } | { readonly summary: string }>>,
): Docs =>
  Object.fromEntries(
    Object.entries(definitions).map(([name, each]) => [name, 'doc' in each ? each.doc : each.summary]),
  );

/** The parameter tables of a table of definitions, by name. */
export const callTables = (
  definitions: Readonly<Record<string, { readonly params: ParamTable }>>,
): CallTables => Object.fromEntries(Object.entries(definitions).map(([name, { params }]) => [name, params]));
