/**
 * The classes and functions of `python/`, by name, and which of them a piece of code needs. The files are a
 * Python package that stands by itself; a generated module copies the definitions that it uses.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'python');

let known: ReadonlyMap<string, string> | undefined;

/** Every definition of the package by name, read once. */
export function pythonDefinitions(): ReadonlyMap<string, string> {
  if (known) return known;
  const found = new Map<string, string>();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.py'))
    .sort();
  for (const file of files)
    for (const text of readFileSync(join(folder, file), 'utf8')
      .split(/^(?=(?:class|def) )/m)
      .slice(1)) {
      const name = /^(?:class|def) (\w+)/.exec(text)![1]!;
      if (found.has(name)) throw new Error(`python definitions: names must be unique, got ${name} twice`);
      found.set(name, text.trimEnd());
    }
  return (known = found);
}

/** Definitions that `code` uses, and those that these use; each after what it needs. */
export function neededDefinitions(code: string): string[] {
  const definitions = pythonDefinitions();
  const placed = new Set<string>();
  const ordered: string[] = [];
  const place = (text: string): void => {
    for (const [name] of text.matchAll(/\b[A-Za-z_]\w*\b/g)) {
      const definition = definitions.get(name);
      if (definition === undefined || placed.has(name)) continue;
      placed.add(name);
      place(definition);
      ordered.push(definition);
    }
  };
  place(code);
  return ordered;
}
