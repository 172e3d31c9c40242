/** `docs/settings.md` is written from the table of settings: `vitest run FILE -u` writes it anew. */
import { expect, it } from 'vitest';
import { rangeText } from '../../../src/cli/commands/network/blocks-command.js';
import type { Setting } from '../../../src/lab/settings/setting.js';
import { settingTable } from '../../../src/lab/settings/setting-table.js';
import { listText, type ParamTable } from '../../../src/util/params.js';

const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\s+/g, ' ');

function callSection(name: string, params: ParamTable): string {
  const entries = Object.entries(params);
  if (entries.length === 0) return `\`${name}\` takes no parameters.`;
  const rows = entries.map(([parameter, spec]) => {
    const standard = spec.default === undefined ? 'required' : listText(spec.default) || 'none';
    return `| \`${parameter}\` | ${cell(rangeText(spec))} | ${cell(standard)} | ${cell(spec.doc)} |`;
  });
  return `\`${name}\`:\n\n| parameter | values | default | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
}

const section = ({ keyword, summary, example, reference, calls = {} }: Setting<unknown>): string =>
  [
    `## ${keyword}`,
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    `    ${example}`,
    reference,
    ...Object.entries(calls).map(([name, params]) => callSection(name, params)),
  ].join('\n\n');

it('docs/settings.md is the reference of the table of settings', async () => {
  const head =
    '# Settings of experiment files\n\nEvery setting with an example, its calls and their parameters. ' +
    '`docs/experiments.md` introduces experiment files.\nThis page is written from the table of settings, ' +
    'and a test compares it.';
  const text = `${[head, ...settingTable.map(section)].join('\n\n')}\n`;
  for (const { keyword } of settingTable) expect(text).toContain(`## ${keyword}\n`);
  await expect(text).toMatchFileSnapshot('../../../docs/settings.md');
});
