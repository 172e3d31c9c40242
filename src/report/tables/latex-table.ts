/** Tables as LaTeX with booktabs; ticks are of amssymb. Every text is escaped, so that any name compiles. */
import type { Cell, Table } from './table.js';

const special: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  _: '\\_',
  '%': '\\%',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\textquotedbl{}',
  "'": "{'}",
  '`': '{`}',
  '[': '{[}',
  ']': '{]}',
  '-': '{-}',
  '✓': '\\checkmark{}',
  '−': '$-$',
  '–': '--',
  '±': '$\\pm$',
  '×': '$\\times$',
  '≤': '$\\leq$',
  '≥': '$\\geq$',
  '→': '$\\rightarrow$',
  '’': "{'}",
  '…': '\\ldots{}',
};

/** A text for the body of a pdfLaTeX document; what its fonts may lack becomes its code point. */
export const escapeLatex = (text: string): string =>
  [...text.replace(/[\r\n\t]+/g, ' ')]
    .map((character) => {
      const known = special[character];
      if (known !== undefined) return known;
      return /^[ -~]$/.test(character) ? character : `{[}U+${codePoint(character)}{]}`;
    })
    .join('');

const codePoint = (character: string): string =>
  character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');

const cellText = ({ text, bold }: Cell): string =>
  bold ? `\\textbf{${escapeLatex(text)}}` : escapeLatex(text);

/** A float for `\usepackage{booktabs}` and `\usepackage{amssymb}`. */
export function latexTable({ caption, columns, rows, notes }: Table): string {
  const line = (cells: readonly string[]): string => `    ${cells.join(' & ')} \\\\`;
  return [
    '% \\usepackage{booktabs} \\usepackage{amssymb} \\usepackage[T1]{fontenc}',
    '\\begin{table}',
    '  \\centering',
    `  \\caption{${escapeLatex([caption, ...notes].join(' '))}}`,
    `  \\begin{tabular}{${columns.map(({ align }) => align).join('')}}`,
    '    \\toprule',
    line(columns.map(({ title }) => escapeLatex(title))),
    '    \\midrule',
    ...rows.map((row) => line(row.map(cellText))),
    '    \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}',
    '',
  ].join('\n');
}
