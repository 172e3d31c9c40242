/** The contract of a command module, and option parsers that several commands share. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ThemeName } from '../../report/report-theme.js';
import type { Io } from '../output/io.js';

export interface CommandModule {
  /** Adds arguments, options, help text and the action to a command that has its name and summary. */
  configure(command: Command, io: Io): void;
}

/** `--seed`, `--count`…: a whole number of at least `min`. */
export function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value) || value < min)
      throw new InvalidArgumentError(`must be a whole number of at least ${min}`);
    return value;
  };
}

/** `1,16,64` */
export function wholeNumbers(min: number): (text: string) => number[] {
  return (text) => text.split(',').map((part) => wholeNumber(min)(part.trim()));
}

export function numberIn(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= low && value <= high))
      throw new InvalidArgumentError(`must lie in ${low}..${high}`);
    return value;
  };
}

/** An option that may be given several times. */
export const collected = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  text,
];

export function bigNumber(text: string): bigint {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('must be a whole number of at least 0');
  return BigInt(text);
}

const themeNames: readonly ThemeName[] = ['light', 'dark'];

/** `--theme` of every command that writes a figure. */
export const themeOption = (meaning = 'with --figure: its colours'): Option =>
  new Option('--theme <name>', meaning).choices(themeNames).default('light');

/** Help text under the options: examples, one per line, `command  # what it does`. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ npx stagecraft ${line}`).join('\n')}\n`;
}
