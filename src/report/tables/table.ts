/** A table as a value, printed as Markdown, LaTeX or CSV. */

export interface Cell {
  readonly text: string;
  /** A difference that is real, or the value that it makes better. */
  readonly bold?: boolean;
}

export interface Table {
  /** One sentence. */
  readonly caption: string;
  readonly columns: readonly { readonly title: string; readonly align: 'l' | 'c' | 'r' }[];
  readonly rows: readonly (readonly Cell[])[];
  /** What marks and intervals mean. */
  readonly notes: readonly string[];
}

export const cell = (text: string, bold = false): Cell => (bold ? { text, bold } : { text });

/** Of a change that an arm has. */
export const tick = '✓';
/** Of a value that is not known or not measured. */
export const unknownText = '–';
