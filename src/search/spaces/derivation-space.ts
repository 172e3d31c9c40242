/**
 * A space of derivations of a context-free grammar, with einspace's moves: a mutation derives the subtree of
 * a random node anew, a crossover exchanges subtrees of one symbol. Genes are the alternatives taken, in the
 * order of the leftmost derivation. Ericsson et al. 2024, https://arxiv.org/abs/2405.20838
 */
import { UserError } from '../../util/errors.js';
import type { Candidate, Gene, SearchSpace } from '../candidate.js';
import { type Derivation, Derivations } from './derivations.js';

export type { Derivation } from './derivations.js';

export interface DerivationSpaceOptions {
  readonly name: string;
  /**
   * Alternatives of each symbol: sequences of symbols and terminals. What is no key is a terminal. Recursion
   * is allowed.
   * @example { module: [['conv'], ['module', 'module'], ['branch', 'module', 'add']] }
   */
  readonly rules: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** Default the first symbol of `rules`. */
  readonly start?: string;
  /** Most rule applications of a derivation. */
  readonly size: number;
  /** Key of what a derivation computes; default its terminals. Equal keys are one candidate. */
  keyOf?(tree: Derivation): string;
  exactOf?(tree: Derivation): Readonly<Record<string, number>>;
  /** Derivations that are no members, such as those whose shapes do not fit; default none. */
  isLegal?(tree: Derivation): boolean;
}

/** Draws of a legal mutation, mix or sample before the parent or an error is the result. */
const ATTEMPTS = 200;

/** @throws UserError for a grammar without a derivation of that size, or where no legal one is found */
export function derivationSpace(options: DerivationSpaceOptions): SearchSpace<Derivation> {
  const { name, rules, start = Object.keys(rules)[0]!, size, isLegal = () => true } = options;
  const derivations = new Derivations(name, rules, size);
  derivations.assertStart(start);
  const keyOf = options.keyOf ?? ((tree: Derivation) => derivations.terminals(tree).join(' '));
  const most = Math.max(...Object.values(rules).map((alternatives) => alternatives.length));
  const genes = Array.from({ length: size }, (_, at): Gene => ({ name: `rule ${at + 1}`, choices: most }));
  const candidateOf = (tree: Derivation): Candidate<Derivation> => {
    const taken = derivations.nodes(tree).map(({ alternative }) => alternative);
    return {
      key: keyOf(tree),
      genes: Object.freeze(genes.map((_, at) => taken[at] ?? -1)),
      value: tree,
    };
  };
  const legalDraw = (draw: () => Derivation | undefined): Candidate<Derivation> | undefined => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const tree = draw();
      if (tree && isLegal(tree)) return candidateOf(tree);
    }
    return undefined;
  };
  return {
    name,
    genes,
    // Two derivations may have one key, and legality is a test: the number of candidates is not known.
    size: undefined,
    sample(random) {
      const drawn = legalDraw(() => derivations.drawn(start, size, random));
      if (drawn) return drawn;
      throw new UserError(`${name}: one of ${ATTEMPTS} draws must be legal, got none`);
    },
    mutate: (candidate, random) => legalDraw(() => derivations.mutated(candidate.value, random)) ?? candidate,
    crossover: (first, second, random) =>
      legalDraw(() => derivations.mixed(first.value, second.value, random)) ?? first,
    neighbours: ({ value }) => derivations.neighbours(value).filter(isLegal).map(candidateOf),
    *enumerate() {
      for (const tree of derivations.all(start)) if (isLegal(tree)) yield candidateOf(tree);
    },
    withGenes(values) {
      const tree = derivations.fromChoices(start, values);
      return tree && isLegal(tree) ? candidateOf(tree) : undefined;
    },
    exact: ({ value }) => options.exactOf?.(value) ?? {},
  };
}
