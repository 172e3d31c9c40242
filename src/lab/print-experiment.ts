/** Text of an experiment file from its terms: the parser reads the same settings back. */
import type { ExperimentFile, Term } from '../language/experiment-file.js';

/** A text that the lexer reads as one bare word. */
const isBareWord = (text: string): boolean => /^[^\s"(){},#:]+$/.test(text) && Number.isNaN(Number(text));

/** A term as a file writes it. */
export function printTerm(term: Term): string {
  switch (term.kind) {
    case 'number':
      return String(term.value);
    case 'text':
      return term.quoted || !isBareWord(term.value) ? `"${term.value}"` : term.value;
    case 'set':
      return `{${term.items.map(printTerm).join(', ')}}`;
    case 'call': {
      const args = term.args.map(({ name, value }) => `${name}: ${printTerm(value)}`).join(', ');
      return args === '' ? term.name : `${term.name}(${args})`;
    }
    default:
      return term satisfies never;
  }
}

export function printExperiment({ name, settings }: Pick<ExperimentFile, 'name' | 'settings'>): string {
  const lines = settings.map(({ keyword, terms }) => `  ${keyword} ${terms.map(printTerm).join(' ')}`);
  return [`experiment ${name}`, ...lines, ''].join('\n');
}
