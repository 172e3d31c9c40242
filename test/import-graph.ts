/**
 * What files import, read from their text: relative targets as paths, packages by name. `import type` is left
 * out where only what runs counts.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const repository = resolve(import.meta.dirname, '..');

/** Every TypeScript file below `folder`, as an absolute path, sorted. */
export function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

export interface Imports {
  /** Absolute paths of imported files of the repository. */
  readonly files: readonly string[];
  /** Names of imported packages and Node modules. */
  readonly packages: readonly string[];
  /** The file names a path below `dist`. */
  readonly readsBuild: boolean;
}

const IMPORT =
  /\b(import\s+type\b[^;'"]*|export\s+type\b[^;'"]*|import|require|from)\s*\(?\s*['"]([^'"]+)['"]/g;

/** A path below the build, quoted or behind another folder. */
const BUILD = /['"`/]dist\//;

/** Static and dynamic imports of a file, with or without those of types alone. */
export function importsOf(file: string, { types }: { readonly types: boolean }): Imports {
  const files: string[] = [];
  const packages: string[] = [];
  const text = readFileSync(file, 'utf8');
  for (const [, keyword, target] of text.matchAll(IMPORT)) {
    if (!types && /^(import|export)\s+type\b/.test(keyword!)) continue;
    if (!target!.startsWith('.')) {
      packages.push(target!);
      continue;
    }
    const path = resolve(dirname(file), target!);
    const found = [path.replace(/\.js$/, '.ts'), path.replace(/\.js$/, '.tsx'), path].find(existsSync);
    if (found !== undefined) files.push(found);
  }
  return { files, packages, readsBuild: BUILD.test(text) };
}
