/**
 * `docs/settings.md` and the table of `docs/experiments.md` are written from the table of settings:
 * `vitest run FILE -u` writes them anew.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  type NameEntry,
  type SettingEntry,
  settingReference,
} from '../../../src/lab/settings/setting-reference.js';
import { settingTable } from '../../../src/lab/settings/setting-table.js';

const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\s+/g, ' ');
const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

function callSection({ name, doc, params }: NameEntry): string {
  const title = doc === '' ? `\`${name}\`` : `\`${name}\`, ${doc}`;
  if (params.length === 0) return `${title}: no parameters.`;
  const rows = params.map((each) => [`\`${each.name}\``, each.values, each.default, each.doc]);
  return `${title}:\n\n${markdownTable(['parameter', 'values', 'default', 'meaning'], rows)}`;
}

const section = ({ keyword, summary, example, reference, words, calls }: SettingEntry): string =>
  [
    `## ${keyword}`,
    summary,
    `    ${example}`,
    reference,
    ...(words.length > 0
      ? [
          markdownTable(
            ['name', 'meaning'],
            words.map(({ name, doc }) => [`\`${name}\``, doc]),
          ),
        ]
      : []),
    ...calls.map(callSection),
  ].join('\n\n');

it('docs/settings.md is the reference of the table of settings', async () => {
  const head =
    '# Settings of experiment files\n\nEvery setting with an example, its calls and their parameters; ' +
    '`stagecraft explain SETTING` prints the same.\n`docs/experiments.md` introduces experiment files. ' +
    'This page is written from the table of settings,\nand a test compares it.';
  const text = `${[head, ...settingReference().map(section)].join('\n\n')}\n`;
  for (const { keyword } of settingTable) expect(text).toContain(`## ${keyword}\n`);
  await expect(text).toMatchFileSnapshot('../../../docs/settings.md');
});

it('docs/experiments.md has the table of settings', async () => {
  const file = new URL('../../../docs/experiments.md', import.meta.url);
  const [begin, end] = [
    '<!-- settings: written from the table of settings -->\n',
    '<!-- end of settings -->',
  ];
  const text = readFileSync(file, 'utf8');
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  expect(after).toBeDefined();
  const rows = settingReference().map(({ example, summary, reference, calls }) => {
    const names = calls.length > 1 ? ` Names: ${calls.map(({ name }) => `\`${name}\``).join(', ')}.` : '';
    return [`\`${example.replace(/\s+/g, ' ')}\``, `${summary} ${reference}${names}`];
  });
  await expect(
    `${before}${begin}\n${markdownTable(['setting', 'meaning'], rows)}\n\n${end}${after}`,
  ).toMatchFileSnapshot('../../../docs/experiments.md');
});
