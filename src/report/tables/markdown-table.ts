/** Tables as GitHub-flavoured Markdown. */
import type { Cell, Table } from './table.js';

/** A text without meaning to Markdown or HTML, on one line. */
export const escapeMarkdown = (text: string): string =>
  text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(/[\\`*_{}[\]#|~$]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;');

const cellText = ({ text, bold }: Cell): string => {
  const escaped = escapeMarkdown(text);
  return bold ? `**${escaped}**` : escaped;
};

const rules = { l: ':--', c: ':-:', r: '--:' } as const;

export function markdownTable({ caption, columns, rows, notes }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    escapeMarkdown(caption),
    '',
    line(columns.map(({ title }) => escapeMarkdown(title) || ' ')),
    line(columns.map(({ align }) => rules[align])),
    ...rows.map((row) => line(row.map(cellText))),
    ...(notes.length > 0 ? ['', ...notes.map((note) => `- ${escapeMarkdown(note)}`)] : []),
    '',
  ].join('\n');
}
