/**
 * Assembles files that build on others. `import "x.space"` adds definitions (let, block, pattern, rule).
 * `space a refines "b.space"` starts from all statements of b; those of a replace them, clause by clause for
 * stages; conditions are added.
 */
import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import type { Item, SpaceAst, StageItem } from '../../language/ast.js';
import { limits } from '../../language/limits.js';
import { parseSpaceFile } from '../../language/parse.js';
import type { SourceSpan } from '../../language/source-span.js';
import { type Diagnostic, UserError } from '../../util/errors.js';
import { noSuchFile } from '../../util/read-text-file.js';

/** Depth of files that build on each other. */
const DEPTH = 16;

/** The text of a space file. @throws UserError where it cannot be read or is too large */
export function readSpaceText(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > 4 * limits.fileCharacters)
      throw new UserError(
        `${file}: a space file may hold at most ${limits.fileCharacters} characters, got ${size} bytes`,
      );
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof UserError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw noSuchFile(file, error);
    throw new UserError(
      `${file}: a space file must be readable, got ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

export interface AssembledSpace {
  readonly ast: SpaceAst | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** Texts of all files that were read, by name, for rendering diagnostics. */
  readonly sources: ReadonlyMap<string, string>;
}

const definitions: readonly Item['kind'][] = ['let', 'block', 'pattern', 'rule'];

/** Statements with equal keys replace each other; conditions and imports have no key. */
function keyOf(item: Item): string | undefined {
  switch (item.kind) {
    case 'let':
      return `let ${item.name.name}`;
    case 'pattern':
    case 'rule':
      return `pattern ${item.name.name}`;
    case 'block':
      return `block ${item.letter.name}`;
    case 'stage':
      return `stage ${item.number}`;
    case 'input':
    case 'classes':
    case 'stem':
    case 'head':
    case 'downsample':
      return item.kind;
    default:
      return undefined;
  }
}

function refineStage(base: StageItem, own: StageItem): StageItem {
  return {
    ...own,
    width: own.width ?? base.width,
    depth: own.depth ?? base.depth,
    stride: own.stride ?? base.stride,
    downsample: own.downsample ?? base.downsample,
    mirrors: own.mirrors ?? base.mirrors,
    pattern: own.pattern ?? base.pattern,
  };
}

/**
 * `own` over `base`: replaced in place, new statements after. Repeated statements of `own` are kept, so that
 * later checks report them.
 */
function overlay(base: readonly Item[], own: readonly Item[]): Item[] {
  const ownByKey = new Map<string, Item>();
  for (const item of own) {
    const key = keyOf(item);
    if (key !== undefined && !ownByKey.has(key)) ownByKey.set(key, item);
  }
  const replaced = new Set<Item>();
  const merged = base.map((item) => {
    const key = keyOf(item);
    const by = key === undefined ? undefined : ownByKey.get(key);
    if (!by) return item;
    replaced.add(by);
    return item.kind === 'stage' && by.kind === 'stage' ? refineStage(item, by) : by;
  });
  return [...merged, ...own.filter((item) => !replaced.has(item))];
}

class Assembler {
  readonly diagnostics: Diagnostic[] = [];
  readonly sources = new Map<string, string>();

  /** Characters of all files, as often as they are read. */
  private characters = 0;

  private files = 0;

  assemble(text: string, file: string, inside: readonly string[]): SpaceAst | undefined {
    this.characters += text.length;
    this.files++;
    this.sources.set(file, text);
    const { ast, diagnostics } = parseSpaceFile(text, file);
    this.diagnostics.push(...diagnostics);
    if (!ast) return undefined;
    let items: readonly Item[] = ast.items.filter((item) => item.kind !== 'import');
    if (ast.refines) {
      const base = this.open(ast.refines.path, ast.refines.span, file, inside);
      if (base) items = overlay(base.items, items);
    }
    for (const item of ast.items) {
      if (item.kind !== 'import') continue;
      const imported = this.open(item.path, item.span, file, inside);
      if (imported)
        items = overlay(
          imported.items.filter(({ kind }) => definitions.includes(kind)),
          items,
        );
    }
    return { ...ast, refines: undefined, items };
  }

  private open(
    path: string,
    span: SourceSpan,
    from: string,
    inside: readonly string[],
  ): SpaceAst | undefined {
    const fail = (message: string): undefined => {
      const { file, line, column, length } = span;
      this.diagnostics.push({ severity: 'error', span: { file, line, column, length }, message });
      return undefined;
    };
    const target = isAbsolute(path) ? join(path) : join(dirname(from), path);
    if (!path.endsWith('.space') || path.includes('\0'))
      return fail(`a file to build on must end in .space, got ${JSON.stringify(path)}`);
    if (inside.includes(target) || target === join(from))
      return fail(`a file must not build on itself, got ${[...inside, join(from), target].join(' -> ')}`);
    if (inside.length >= DEPTH) return fail(`files may build on each other at most ${DEPTH} deep`);
    if (this.files >= limits.names)
      return fail(
        `a space may build on at most ${limits.names} files, each counted as often as it is imported`,
      );
    if (this.characters > limits.assembledCharacters)
      return fail(`all files of a space may hold at most ${limits.assembledCharacters} characters together`);
    try {
      return this.assemble(readSpaceText(target), target, [...inside, join(from)]);
    } catch (error) {
      if (error instanceof UserError) return fail(error.message);
      throw error;
    }
  }
}

/** One syntax tree of a file and all files it builds on. */
export function assembleSpace(text: string, file: string): AssembledSpace {
  const assembler = new Assembler();
  const ast = assembler.assemble(text, file, []);
  return {
    ast: assembler.diagnostics.length > 0 ? undefined : ast,
    diagnostics: assembler.diagnostics.slice(0, limits.diagnostics),
    sources: assembler.sources,
  };
}
