/** `explain [SETTING [NAME]]`: the settings of experiment files, their calls and parameters. */
import type { Command } from 'commander';
import {
  type NameEntry,
  type ParamEntry,
  type SettingEntry,
  settingReference,
} from '../../../lab/settings/setting-reference.js';
import { examples } from '../../options/option-parsers.js';
import { unknownName } from '../../options/unknown-name.js';
import { asCalled } from '../../output/as-called.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { wrapped, wrappedTable } from '../../output/text-format.js';

/** Settings with more calls than this are listed without parameters. */
const mostInFull = 3;

export function configure(command: Command, io: Io): void {
  command
    .argument('[setting]', 'keyword of an experiment file, or a name that one takes, such as adamw')
    .argument('[name]', 'one name of the setting: a data set, recipe, strategy, rule, quantity')
    .option('--json', 'one object per setting: keyword, summary, example, reference, words, calls')
    .addHelpText(
      'after',
      examples('explain', 'explain sample', 'explain data folder', 'explain objectives', 'explain adamw'),
    )
    .action((word: string | undefined, name: string | undefined, { json }: { json?: boolean }) => {
      const settings = settingReference();
      if (word === undefined) {
        print(io, json ? settings.map(jsonLine).join('\n') : asCalled(overview(settings, io), io));
        return;
      }
      const setting = settings.find(({ keyword }) => keyword === word.toLowerCase());
      if (setting && name === undefined)
        print(io, json ? jsonLine(setting) : asCalled(settingText(setting, io), io));
      else explainName(setting ? [setting] : settings, name ?? word, { json, io });
    });
}

function explainName(
  settings: readonly SettingEntry[],
  name: string,
  { json, io }: { readonly json: boolean | undefined; readonly io: Io },
): void {
  const found = settings.flatMap((setting) =>
    [...setting.calls, ...setting.words]
      .filter((each) => isNamed(each, name))
      .map((entry) => ({ setting, entry })),
  );
  const params = found.length === 0 ? parametersNamed(settings, name) : [];
  if (params.length > 0) {
    print(
      io,
      params.map((each) => (json ? jsonLine(each) : parameterText(each, io))).join(json ? '\n' : '\n\n'),
    );
    return;
  }
  if (found.length === 0) {
    const names = settings.flatMap(({ calls, words }) => [...calls, ...words].map((each) => each.name));
    const known = settings.length > 1 ? [...settings.map(({ keyword }) => keyword), ...names] : names;
    const where = settings.length > 1 ? 'explain' : `explain ${settings[0]!.keyword}`;
    throw unknownName(where, settings.length > 1 ? 'setting' : 'name', name, known);
  }
  const texts = found.map(({ setting, entry }) =>
    json ? jsonLine({ setting: setting.keyword, ...entry }) : asCalled(nameText(entry, setting, io), io),
  );
  print(io, texts.join(json ? '\n' : '\n\n'));
}

interface NamedParameter extends ParamEntry {
  readonly setting: string;
  /** Calls that take it with this range and default. */
  readonly calls: readonly string[];
}

/** Parameters of this name, those of equal range, default and meaning together. */
function parametersNamed(settings: readonly SettingEntry[], name: string): NamedParameter[] {
  const groups = new Map<string, NamedParameter>();
  for (const { keyword: setting, calls } of settings)
    for (const call of calls)
      for (const param of call.params.filter((each) => each.name === name.toLowerCase())) {
        const key = jsonLine([setting, param]);
        groups.set(key, { ...param, setting, calls: [...(groups.get(key)?.calls ?? []), call.name] });
      }
  return [...groups.values()];
}

const parameterText = (
  { name, doc, values, default: standard, setting, calls }: NamedParameter,
  io: Io,
): string =>
  `${title(name, doc, io)}\n  ${values}, default ${standard}; a parameter of ${setting}: ${calls.join(', ')}`;

/** `latency` names the entry `latency@16`. */
const isNamed = ({ name }: NameEntry, given: string): boolean =>
  name === given.toLowerCase() || name.split('@')[0] === given.toLowerCase().split('@')[0];

const overview = (settings: readonly SettingEntry[], io: Io): string =>
  [
    wrappedTable(
      [{ title: 'setting' }, { title: 'meaning' }],
      settings.map(({ keyword, summary }) => [keyword, summary]),
      { width: io.width, title: io.colours.dim },
    ),
    '',
    'npx stagecraft explain SETTING       example, default, names and parameters',
    'npx stagecraft explain SETTING NAME  parameters of one name, such as `explain train adamw`',
  ].join('\n');

function settingText({ keyword, summary, example, reference, calls, words }: SettingEntry, io: Io): string {
  const { dim } = io.colours;
  const known = [...(calls.length > mostInFull ? calls : []), ...words];
  const lists =
    known.length === 0
      ? []
      : [
          wrappedTable(
            [{ title: '  name' }, { title: 'meaning' }],
            known.map(({ name, doc }) => [`  ${name}`, doc]),
            { width: io.width, title: dim },
          ),
        ];
  const withParams = calls.find(({ params }) => params.length > 0)?.name;
  const more =
    calls.length > mostInFull
      ? [`npx stagecraft explain ${keyword} ${withParams}  its parameters`]
      : callTexts(calls, io);
  return [
    title(keyword, summary, io),
    `    ${example}`,
    wrapped(reference, io.width).join('\n'),
    ...lists,
    ...more,
  ].join('\n\n');
}

/** `name: meaning`, the name in bold. */
const title = (name: string, doc: string, io: Io): string =>
  wrapped(doc === '' ? name : `${name}: ${doc}`, io.width)
    .join('\n')
    .replace(name, () => io.colours.bold(name));

function nameText(entry: NameEntry, { keyword, words }: SettingEntry, io: Io): string {
  const head = io.colours.dim(`of the setting ${keyword}`);
  if (words.includes(entry)) return `${title(entry.name, entry.doc, io)}\n\n${head}`;
  return `${callText(entry, io)}\n\n${head}`;
}

/** Calls with their parameters; the parameters once where all calls take the same. */
function callTexts(calls: readonly NameEntry[], io: Io): string[] {
  const [first, ...others] = calls;
  const same =
    others.length > 0 && others.every(({ params }) => jsonLine(params) === jsonLine(first!.params));
  if (!same) return calls.map((call) => callText(call, io));
  const names = wrappedTable(
    [{ title: '  name' }, { title: 'meaning' }],
    calls.map(({ name, doc }) => [`  ${name}`, doc]),
    { width: io.width, title: io.colours.dim },
  );
  return [names, `Each takes the same parameters:\n${paramTable(first!.params, io)}`];
}

function callText({ name, doc, params }: NameEntry, io: Io): string {
  const head = title(name, doc, io);
  if (params.length === 0) return `${head}\n  takes no parameters`;
  return `${head}\n${paramTable(params, io)}`;
}

const paramTable = (params: readonly ParamEntry[], io: Io): string =>
  wrappedTable(
    [{ title: '  parameter' }, { title: 'values' }, { title: 'default' }, { title: 'meaning' }],
    params.map((each) => [`  ${each.name}`, each.values, each.default, each.doc]),
    { width: io.width, title: io.colours.dim },
  );
