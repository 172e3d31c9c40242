/**
 * Labels: the letters of the alphabet in which an architecture is one word
 *   input, stem, then per stage: header, blocks…, end; at last the head.
 * An architecture is exactly one word and a word one architecture, so a set of architectures is a language
 * and its automaton, made deterministic, counts every member once. Labels have one order, which is the order
 * of the space.
 */
import type { Architecture, BlockSpec, PartSpec } from '../architecture/architecture.js';
import { canonicalJson } from '../util/canonical-json.js';
import type { ParamValue } from '../util/params.js';

export type Label =
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

const kinds = ['input', 'stem', 'header', 'end', 'block', 'head'] as const satisfies readonly Label['kind'][];
const valueKey = (value: ParamValue): number | string => (typeof value === 'boolean' ? Number(value) : value);
const partKey = (part: PartSpec | null): SortKey =>
  part === null ? [''] : [part.type, ...Object.values(part.params).map(valueKey)];

/** Interned labels of one space and of those refined from it. Index 0 is `end`. */
export class LabelTable {
  readonly labels: Label[] = [];
  private readonly ids = new Map<string, number>();
  private readonly sortKeys: SortKey[] = [];
  private readonly blockIds = new WeakMap<BlockSpec, number>();
  private readonly partIds = new WeakMap<object, Map<string, number>>();

  /** @param letters block letters in the order they are declared */
  constructor(private readonly letters: readonly string[]) {
    this.intern({ kind: 'end' });
  }

  intern(label: Label): number {
    const key = canonicalJson(label);
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.labels.length;
      this.ids.set(key, id);
      this.labels.push(freezeLabel(label));
      this.sortKeys.push(this.sortKey(label));
    }
    return id;
  }

  /** Order of the space: shorter stages first, then letters as declared, then parameter values. */
  readonly compare = (a: number, b: number): number => compareKeys(this.sortKeys[a]!, this.sortKeys[b]!);

  private sortKey(label: Label): SortKey {
    const kind = kinds.indexOf(label.kind);
    switch (label.kind) {
      case 'input':
        return [kind, label.input.height, label.input.width, label.input.channels, label.classes];
      case 'stem':
        return [kind, label.stem.width, ...partKey(label.stem)];
      case 'header':
        return [kind, label.width, label.firstStride, ...partKey(label.downsample)];
      case 'end':
        return [kind];
      case 'block': {
        const letter = this.letters.indexOf(label.block.letter);
        return [kind, letter < 0 ? this.letters.length : letter, label.block.letter, ...partKey(label.block)];
      }
      case 'head':
        return [kind, ...partKey(label.head)];
      default:
        return label satisfies never;
    }
  }

  /** The word of an architecture; -1 stands for a label that no member has. */
  wordOf(architecture: Architecture): number[] {
    const find = (label: Label): number => {
      // Parts are shared frozen objects in members of a space, so that their key is worked out once.
      const part =
        label.kind === 'stem'
          ? label.stem
          : label.kind === 'head'
            ? label.head
            : label.kind === 'header'
              ? label.downsample
              : label.kind === 'input'
                ? label.input
                : null;
      if (part === null || !Object.isFrozen(part)) return this.ids.get(canonicalJson(label)) ?? -1;
      let known = this.partIds.get(part);
      if (!known) this.partIds.set(part, (known = new Map<string, number>()));
      const rest =
        label.kind === 'header'
          ? `${label.width} ${label.firstStride}`
          : label.kind === 'input'
            ? String(label.classes)
            : '';
      let id = known.get(rest);
      if (id === undefined) {
        id = this.ids.get(canonicalJson(label)) ?? -1;
        if (id >= 0) known.set(rest, id); // a label that is unknown now may become known
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

  /** The architecture of a complete word, frozen; blocks of one label are one object. */
  architectureOf(word: ArrayLike<number>): Architecture {
    const { labels } = this;
    const stages: Architecture['stages'][number][] = [];
    let index = 2;
    for (const last = word.length - 1; index < last; index++) {
      const header = labels[word[index++]!] as Label & { kind: 'header' };
      const blocks: BlockSpec[] = [];
      for (let id = word[index]!; id !== 0; id = word[++index]!)
        blocks.push((labels[id] as Label & { kind: 'block' }).block);
      stages.push(stageOf(header, blocks));
    }
    const { input, classes } = labels[word[0]!] as Label & { kind: 'input' };
    return Object.freeze({
      input,
      classes,
      stem: (labels[word[1]!] as Label & { kind: 'stem' }).stem,
      stages: Object.freeze(stages),
      head: (labels[word[index]!] as Label & { kind: 'head' }).head,
    });
  }
}

export function stageOf(
  { width, downsample, firstStride }: Label & { kind: 'header' },
  blocks: BlockSpec[],
): Architecture['stages'][number] {
  return Object.freeze({ width, downsample, firstStride, blocks: Object.freeze(blocks) });
}

function freezeLabel(label: Label): Label {
  for (const value of Object.values(label)) {
    if (typeof value === 'object' && value !== null) {
      if ('params' in value) Object.freeze((value as PartSpec).params);
      Object.freeze(value);
    }
  }
  return Object.freeze(label);
}
