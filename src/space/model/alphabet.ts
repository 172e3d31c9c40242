/**
 * Symbols: the letters of the alphabet in which an architecture is one word
 *   input, stem, then per stage: header, blocks…, end; at last the head.
 * An architecture is exactly one word and a word one architecture, so a set of architectures is a language
 * and its automaton, made deterministic, counts every member once. Symbols have one order, which is the order
 * of the space.
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

/** Interned symbols of one space and of those refined from it. Index 0 is `end`. */
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

  /** The word of an architecture; -1 stands for a symbol that no member has. */
  wordOf(architecture: Architecture): number[] {
    const find = (symbol: AlphabetSymbol): number => {
      // Parts are shared frozen objects in members of a space, so that their key is worked out once.
      const part =
        symbol.kind === 'stem'
          ? symbol.stem
          : symbol.kind === 'head'
            ? symbol.head
            : symbol.kind === 'header'
              ? symbol.downsample
              : symbol.kind === 'input'
                ? symbol.input
                : null;
      if (part === null || !Object.isFrozen(part)) return this.ids.get(canonicalJson(symbol)) ?? -1;
      let known = this.partIds.get(part);
      if (!known) this.partIds.set(part, (known = new Map<string, number>()));
      const rest =
        symbol.kind === 'header'
          ? `${symbol.width} ${symbol.firstStride}`
          : symbol.kind === 'input'
            ? String(symbol.classes)
            : '';
      let id = known.get(rest);
      if (id === undefined) {
        id = this.ids.get(canonicalJson(symbol)) ?? -1;
        if (id >= 0) known.set(rest, id); // a symbol that is unknown now may become known
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

  /** The architecture of a complete word, frozen; blocks of one symbol are one object. */
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
