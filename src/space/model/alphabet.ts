/**
 * The alphabet in which an architecture is one word
 *   input, stem, then per stage: header, blocks…, end; at last the head.
 * Words and architectures correspond one to one. A set of architectures is therefore a language, and its
 * deterministic automaton counts every member once. The order of symbols is the order of the space.
 */
import type { Architecture, BlockSpec, PartSpec } from '../../architecture/architecture.js';
import { canonicalJson } from '../../util/canonical-json.js';
import type { ParamValue } from '../../util/params.js';

export type AlphabetSymbol =
  | { readonly kind: 'input'; readonly input: Architecture['input']; readonly classes: number }
  | { readonly kind: 'stem'; readonly stem: Architecture['stem'] }
  | {
      readonly kind: 'header';
      readonly width: number;
      readonly downsample: PartSpec | null;
      readonly firstStride: 1 | 2;
    }
  | { readonly kind: 'block'; readonly block: BlockSpec }
  | { readonly kind: 'end' }
  | { readonly kind: 'head'; readonly head: PartSpec };

type SortKey = readonly (number | string)[];

function compareKeys(a: SortKey, b: SortKey): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x === y) continue;
    if (typeof x === 'number' && typeof y === 'number') return x - y;
    return String(x) < String(y) ? -1 : 1;
  }
  return a.length - b.length;
}

const kinds = [
  'input',
  'stem',
  'header',
  'end',
  'block',
  'head',
] as const satisfies readonly AlphabetSymbol['kind'][];
const valueKey = (value: ParamValue): number | string => (typeof value === 'boolean' ? Number(value) : value);
const partKey = (part: PartSpec | null): SortKey =>
  part === null ? [''] : [part.type, ...Object.values(part.params).map(valueKey)];

/** Interned symbols of a space and of its subsets by `where`. Index 0 is `end`. */
export class Alphabet {
  readonly symbols: AlphabetSymbol[] = [];
  private readonly ids = new Map<string, number>();
  private readonly sortKeys: SortKey[] = [];
  private readonly blockIds = new WeakMap<BlockSpec, number>();
  private readonly partIds = new WeakMap<object, Map<string, number>>();

  /** @param letters block letters in the order they are declared */
  constructor(private readonly letters: readonly string[]) {
    this.intern({ kind: 'end' });
  }

  intern(symbol: AlphabetSymbol): number {
    const key = canonicalJson(symbol);
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.symbols.length;
      this.ids.set(key, id);
      this.symbols.push(freezeSymbol(symbol));
      this.sortKeys.push(this.sortKey(symbol));
    }
    return id;
  }

  /** Order of the space: shorter stages first, then letters as declared, then parameter values. */
  readonly compare = (a: number, b: number): number => compareKeys(this.sortKeys[a]!, this.sortKeys[b]!);

  private sortKey(symbol: AlphabetSymbol): SortKey {
    const kind = kinds.indexOf(symbol.kind);
    switch (symbol.kind) {
      case 'input':
        return [kind, symbol.input.height, symbol.input.width, symbol.input.channels, symbol.classes];
      case 'stem':
        return [kind, symbol.stem.width, ...partKey(symbol.stem)];
      case 'header':
        return [kind, symbol.width, symbol.firstStride, ...partKey(symbol.downsample)];
      case 'end':
        return [kind];
      case 'block': {
        const letter = this.letters.indexOf(symbol.block.letter);
        return [
          kind,
          letter < 0 ? this.letters.length : letter,
          symbol.block.letter,
          ...partKey(symbol.block),
        ];
      }
      case 'head':
        return [kind, ...partKey(symbol.head)];
      default:
        return symbol satisfies never;
    }
  }

  /** The word of an architecture; -1 for symbols outside the alphabet. */
  wordOf(architecture: Architecture): number[] {
    const find = (symbol: AlphabetSymbol): number => {
      const { part, rest } = symbolParts(symbol);
      if (part === null || !Object.isFrozen(part)) return this.ids.get(canonicalJson(symbol)) ?? -1;
      let known = this.partIds.get(part);
      if (!known) this.partIds.set(part, (known = new Map<string, number>()));
      let id = known.get(rest);
      if (id === undefined) {
        id = this.ids.get(canonicalJson(symbol)) ?? -1;
        if (id >= 0) known.set(rest, id); // an unknown symbol may be interned later
      }
      return id;
    };
    const block = (placed: BlockSpec): number => {
      let id = this.blockIds.get(placed);
      if (id === undefined) this.blockIds.set(placed, (id = find({ kind: 'block', block: placed })));
      return id;
    };
    return [
      find({ kind: 'input', input: architecture.input, classes: architecture.classes }),
      find({ kind: 'stem', stem: architecture.stem }),
      ...architecture.stages.flatMap(({ width, downsample, firstStride, blocks }) => [
        find({ kind: 'header', width, downsample, firstStride }),
        ...blocks.map(block),
        0,
      ]),
      find({ kind: 'head', head: architecture.head }),
    ];
  }

  /** The frozen architecture of a complete word; equal symbols give the same block object. */
  architectureOf(word: ArrayLike<number>): Architecture {
    const { symbols } = this;
    const stages: Architecture['stages'][number][] = [];
    let index = 2;
    for (const last = word.length - 1; index < last; index++) {
      const header = symbols[word[index++]!] as AlphabetSymbol & { kind: 'header' };
      const blocks: BlockSpec[] = [];
      for (let id = word[index]!; id !== 0; id = word[++index]!)
        blocks.push((symbols[id] as AlphabetSymbol & { kind: 'block' }).block);
      stages.push(stageOf(header, blocks));
    }
    const { input, classes } = symbols[word[0]!] as AlphabetSymbol & { kind: 'input' };
    return Object.freeze({
      input,
      classes,
      stem: (symbols[word[1]!] as AlphabetSymbol & { kind: 'stem' }).stem,
      stages: Object.freeze(stages),
      head: (symbols[word[index]!] as AlphabetSymbol & { kind: 'head' }).head,
    });
  }
}

/**
 * The object that identifies a symbol, and the rest of its key. Members of a space share frozen parts, so
 * that the canonical text of each is computed once.
 */
function symbolParts(symbol: AlphabetSymbol): { readonly part: object | null; readonly rest: string } {
  switch (symbol.kind) {
    case 'stem':
      return { part: symbol.stem, rest: '' };
    case 'head':
      return { part: symbol.head, rest: '' };
    case 'header':
      return { part: symbol.downsample, rest: `${symbol.width} ${symbol.firstStride}` };
    case 'input':
      return { part: symbol.input, rest: String(symbol.classes) };
    default:
      return { part: null, rest: '' };
  }
}

/** The frozen stage of a header and its blocks. */
export function stageOf(
  { width, downsample, firstStride }: AlphabetSymbol & { kind: 'header' },
  blocks: BlockSpec[],
): Architecture['stages'][number] {
  return Object.freeze({ width, downsample, firstStride, blocks: Object.freeze(blocks) });
}

function freezeSymbol(symbol: AlphabetSymbol): AlphabetSymbol {
  for (const value of Object.values(symbol)) {
    if (typeof value === 'object' && value !== null) {
      if ('params' in value) Object.freeze((value as PartSpec).params);
      Object.freeze(value);
    }
  }
  return Object.freeze(symbol);
}
