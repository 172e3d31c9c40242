/** Command lines of documents, help texts and comments, and their words as a shell would split them. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Lines of indented and fenced code blocks that call `stagecraft` or change the folder. */
export function codeLines(markdown: string): string[] {
  let isFenced = false;
  return markdown.split('\n').flatMap((line) => {
    if (line.startsWith('```')) isFenced = !isFenced;
    if (!isFenced && !line.startsWith('    ')) return [];
    return /^(\$ |[A-Z_]+=\S+ )*((npx )?stagecraft |cd \w)/.test(line.trim()) ? [line.trim()] : [];
  });
}

/** Commands within sentences: `` `npx stagecraft run FILE` ``. They may lack arguments. */
export const inlineCommands = (markdown: string): string[] =>
  [...markdown.matchAll(/`(?:npx )?(stagecraft [^`]+)`/g)].map(([, command]) =>
    command!.replace(/\s*…\s*/g, ' ').trim(),
  );

/** Commands that comments of shipped files tell the reader to type; those in backticks stand in sentences. */
export const commentCommands = (text: string): string[] =>
  [...text.matchAll(/^ *#.*?(?<!`)npx (stagecraft .*)$/gm)].flatMap(([, rest]) =>
    `npx ${rest}`
      .split('npx ')
      .filter((part) => part.startsWith('stagecraft '))
      .map((part) => part.replace(/([;`]|, | {2}#| {3}).*$/, '').trim()),
  );

/** Lines below `Examples:`, and any further line behind a `$`. */
export const helpExamples = (help: string): string[] =>
  [...help.matchAll(/^ +\$ (?:npx )?(stagecraft.*)$/gm)].map(([, line]) => line!);

/** Words up to a pipe, a redirection or a comment; quotes are taken off, patterns in `folder` expanded. */
export function shellWords(line: string, folder: string): string[] {
  const words: string[] = [];
  for (const [token] of line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)) {
    if (/^[|>#]/.test(token)) break;
    const word = token.replace(/'([^']*)'|"([^"]*)"/g, '$1$2');
    words.push(...(/['"]/.test(token) ? [word] : expanded(word, folder)));
  }
  return words;
}

function expanded(word: string, folder: string): string[] {
  const path = dirname(word);
  if (!word.includes('*') || !existsSync(join(folder, path))) return [word];
  const pattern = new RegExp(
    `^${word
      .slice(path.length + 1)
      .replace(/\./g, '\\.')
      .replace(/\*/g, '.*')}$`,
  );
  return readdirSync(join(folder, path))
    .filter((name) => pattern.test(name))
    .map((name) => join(path, name));
}
