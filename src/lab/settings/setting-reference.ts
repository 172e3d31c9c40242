/**
 * The reference of experiment settings as values: `stagecraft explain`, `docs/settings.md` and the table of
 * `docs/experiments.md` are made from it. In: the table of settings. Out: entries of plain text.
 */
import { defaultText, rangeText } from '../../util/param-text.js';
import type { Setting } from './setting.js';
import { settingTable } from './setting-table.js';

export interface ParamEntry {
  readonly name: string;
  /** Range or choices. */
  readonly values: string;
  /** `required` where there is none. */
  readonly default: string;
  readonly doc: string;
}

/** A call such as `adamw(…)`, or a word such as `top-1`. */
export interface NameEntry {
  readonly name: string;
  /** Empty where the name says it all. */
  readonly doc: string;
  readonly params: readonly ParamEntry[];
}

export interface SettingEntry {
  readonly keyword: string;
  /** Begins with a capital, ends with a full stop. */
  readonly summary: string;
  readonly example: string;
  /** Meaning and default. */
  readonly reference: string;
  readonly words: readonly NameEntry[];
  readonly calls: readonly NameEntry[];
}

function settingEntry(setting: Setting<unknown>): SettingEntry {
  const { keyword, summary, example, reference, calls = {}, callDocs = {}, words = {} } = setting;
  return {
    keyword,
    summary: `${summary.charAt(0).toUpperCase()}${summary.slice(1)}${summary.endsWith('…') ? '' : '.'}`,
    example,
    reference,
    words: Object.entries(words).map(([name, doc]) => ({ name, doc, params: [] })),
    calls: Object.entries(calls).map(([name, params]) => ({
      name,
      doc: callDocs[name] ?? '',
      params: Object.entries(params).map(([parameter, spec]) => ({
        name: parameter,
        values: rangeText(spec),
        default: defaultText(spec),
        doc: spec.doc,
      })),
    })),
  };
}

/** Every setting, in the order in which files write them. */
export const settingReference = (): SettingEntry[] => settingTable.map(settingEntry);
