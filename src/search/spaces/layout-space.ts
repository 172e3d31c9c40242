/**
 * A space file as a search space. Genes: input, stem, then per stage its header (width and downsampling) and
 * one gene per block position, at last the head. Moves are the space's own, so every result is a member, and
 * the key of a candidate is that of its function.
 */
import type { Architecture } from '../../architecture/architecture.js';
import { networkEntropy } from '../../network/network-entropy.js';
import type { Dfa } from '../../space/automaton/dfa.js';
import type { CompiledSpace } from '../../space/compiled-space.js';
import { functionKeyOf } from '../../space/inspect/functional-classes.js';
import { crossover, mutate, neighbours } from '../../space/inspect/neighbours.js';
import { mutateSubtree } from '../../space/inspect/subtree-mutation.js';
import type { Alphabet } from '../../space/model/alphabet.js';
import { growthProblems } from '../../train/weights/inherit/growth-problem.js';
import type { Candidate, Gene, SearchSpace } from '../candidate.js';

interface GenePlan {
  readonly name: string;
  /** Alphabet symbols that the gene may have, in the order of the space. */
  readonly symbols: readonly number[];
}

/** Which symbols occur at which position, over all members: read off the automaton. */
function genePlans(dfa: Dfa, alphabet: Alphabet): GenePlan[] {
  const found = new Map<string, Set<number>>();
  /** Names of the gene that the next symbol belongs to, by state. */
  const next = new Map<number, Set<string>>([[0, new Set(['input'])]]);
  const after = (name: string, symbol: number): string => {
    const { kind } = alphabet.symbols[symbol]!;
    if (kind === 'input') return 'stem';
    const [, stage = '0', position = '0'] = name.match(/^stage (\d+)(?: block (\d+))?/) ?? [];
    if (kind === 'stem') return 'stage 1 header';
    if (kind === 'end') return `stage ${Number(stage) + 1} header`;
    return `stage ${stage} block ${Number(position) + 1}`;
  };
  for (let state = 0; state < dfa.states; state++) {
    for (let at = dfa.firstTransition[state]!; at < dfa.firstTransition[state + 1]!; at++) {
      const symbol = dfa.symbols[at]!;
      const { kind } = alphabet.symbols[symbol]!;
      for (const name of next.get(state) ?? []) {
        const own = kind === 'head' ? 'head' : name;
        if (kind !== 'end') found.set(own, (found.get(own) ?? new Set()).add(symbol));
        if (kind === 'head') continue;
        const target = dfa.targets[at]!;
        next.set(target, (next.get(target) ?? new Set()).add(after(name, symbol)));
      }
    }
  }
  return [...found]
    .map(([name, symbols]) => ({ name, symbols: [...symbols].sort((a, b) => alphabet.compare(a, b)) }))
    .sort((a, b) => order(a.name) - order(b.name));
}

function order(name: string): number {
  if (name === 'input') return -2;
  if (name === 'stem') return -1;
  if (name === 'head') return Infinity;
  const [, stage, position = '0'] = name.match(/^stage (\d+)(?: block (\d+))?/)!;
  return Number(stage) * 1e4 + Number(position);
}

/** Whether the numbers of the gene's symbols rise with a width, so that their order means something. */
const isOrdered = (alphabet: Alphabet, { symbols }: GenePlan): boolean =>
  symbols.every((symbol) => ['header', 'stem'].includes(alphabet.symbols[symbol]!.kind)) &&
  symbols.length > 2;

const geneOf = (alphabet: Alphabet, plan: GenePlan): Gene => ({
  name: plan.name,
  choices: plan.symbols.length,
  ...(isOrdered(alphabet, plan) ? { ordered: true } : {}),
});

function blockGenes(alphabet: Alphabet, plans: readonly GenePlan[]): LayoutSpace['blocks'] {
  const blocks = plans.filter(({ name }) => name.includes(' block '));
  return blocks.map(({ name, symbols }, at) => ({
    gene: name,
    letters: symbols.map((symbol) => {
      const found = alphabet.symbols[symbol]!;
      return found.kind === 'block' ? found.block.letter : '';
    }),
    depth: blocks.length === 1 ? 0 : at / (blocks.length - 1),
  }));
}

/** Neighbours that can start from the member's weights and compute what it does. */
function grownMembers(space: CompiledSpace, value: Architecture): Architecture[] {
  const problemOf = growthProblems(value);
  return neighbours(space, value).filter((child) => problemOf(child) === undefined);
}

export interface LayoutSpace extends SearchSpace<Architecture> {
  /** Genes of blocks: the letter of each choice, and the depth of the block, from 0 to 1 for the last one. */
  readonly blocks: readonly {
    readonly gene: string;
    readonly letters: readonly string[];
    readonly depth: number;
  }[];
  /** Undefined for an architecture that is no member. */
  withArchitecture(value: Architecture): Candidate<Architecture> | undefined;
}

export function layoutSpace(space: CompiledSpace): LayoutSpace {
  const { alphabet } = space.base.model;
  const plans = genePlans(space.dfa, alphabet);
  const positions = new Map(plans.map(({ name }, index) => [name, index]));
  const values = plans.map(({ symbols }) => new Map(symbols.map((symbol, value) => [symbol, value])));
  const functionKey = functionKeyOf(space);

  const genesOf = (architecture: Architecture): number[] => {
    const genes = plans.map(() => -1);
    const put = (name: string, symbol: number): void => {
      const gene = positions.get(name)!;
      genes[gene] = values[gene]!.get(symbol)!;
    };
    const word = alphabet.wordOf(architecture);
    put('input', word[0]!);
    put('stem', word[1]!);
    let index = 2;
    for (let stage = 1; stage <= architecture.stages.length; stage++) {
      put(`stage ${stage} header`, word[index++]!);
      for (let block = 1; word[index] !== 0; block++) put(`stage ${stage} block ${block}`, word[index++]!);
      index++;
    }
    put('head', word[index]!);
    return genes;
  };
  const candidateOf = (value: Architecture): Candidate<Architecture> => ({
    key: functionKey(value),
    genes: Object.freeze(genesOf(value)),
    value,
  });
  const withGenes = (genes: readonly number[]): Candidate<Architecture> | undefined => {
    const word: number[] = [];
    for (let gene = 0; gene < plans.length; gene++) {
      const { name, symbols } = plans[gene]!;
      const last = plans[gene + 1]?.name;
      if (genes[gene] !== -1) {
        const symbol = symbols[genes[gene]!];
        if (symbol === undefined) return undefined;
        word.push(symbol);
      }
      const closes = name.startsWith('stage') && (last === 'head' || last?.endsWith('header'));
      if (closes) word.push(0);
    }
    try {
      const value = alphabet.architectureOf(word);
      return space.contains(value).member ? candidateOf(value) : undefined;
    } catch {
      return undefined; // a word that is no architecture: a header or stem is missing
    }
  };
  const count = space.count();
  return {
    name: space.name,
    genes: plans.map((plan) => geneOf(alphabet, plan)),
    size: count.exact ? count.count : undefined,
    sample: (random) => candidateOf(space.sample(random)),
    mutate: ({ value }, random) => candidateOf(mutate(space, value, random)),
    mutateSubtree: ({ value }, random) =>
      candidateOf(mutateSubtree(space, value, random) ?? mutate(space, value, random)),
    crossover: (first, second, random) => candidateOf(crossover(space, first.value, second.value, random)),
    neighbours: ({ value }) => neighbours(space, value).map(candidateOf),
    grown: ({ value }) => grownMembers(space, value).map(candidateOf),
    *enumerate() {
      for (const value of space.enumerate()) yield candidateOf(value);
    },
    withGenes,
    blocks: blockGenes(alphabet, plans),
    withArchitecture: (value) => (space.contains(value).member ? candidateOf(value) : undefined),
    exact({ value }) {
      const { params, macs, activationBytes } = space.costOf(value);
      return { params, macs, 'activation-bytes': activationBytes };
    },
    trainingFree: ({ value }) => ({ ...networkEntropy(value) }),
  };
}
