/**
 * What a strategy sees of a space: candidates as vectors of categorical genes, and moves among them. Two
 * implementations stand in `spaces/`: layouts of a space file, and rows of a table of published results.
 */
import type { Random } from '../util/random.js';

/** One member of a search space. Equal keys: functionally identical, hence never proposed twice. */
export interface Candidate<V = unknown> {
  readonly key: string;
  /** One categorical value per gene; -1 where the gene does not apply (a stage without a fifth block). */
  readonly genes: readonly number[];
  /** What the evaluator gets: an architecture, or the key of a table's row. */
  readonly value: V;
}

export interface Gene {
  readonly name: string;
  /** Number of categorical values, numbered 0..choices-1. */
  readonly choices: number;
  /** Text of each value, as other tools name it; default its number. */
  readonly labels?: readonly string[];
  /** Whether the order of the values means something (a width, a depth), for predictors. */
  readonly ordered?: boolean;
}

/** Every operation returns members only. */
export interface SearchSpace<V = unknown> {
  readonly name: string;
  readonly genes: readonly Gene[];
  /** Number of distinct candidates; undefined where it is not known exactly. */
  readonly size: bigint | undefined;
  /** Uniform over members. */
  sample(random: Random): Candidate<V>;
  /** A random neighbour: one edit away. */
  mutate(candidate: Candidate<V>, random: Random): Candidate<V>;
  /**
   * A random node of the candidate's derivation derived anew; absent: the space has no grammar.
   */
  mutateSubtree?(candidate: Candidate<V>, random: Random): Candidate<V>;
  /** Each gene (or stage) from one of the two parents. */
  crossover(first: Candidate<V>, second: Candidate<V>, random: Random): Candidate<V>;
  /** Every candidate one edit away. */
  neighbours(candidate: Candidate<V>): readonly Candidate<V>[];
  /**
   * Neighbours that can start from the trained weights of the candidate and compute what it does; absent: the
   * space does not tell.
   */
  grown?(candidate: Candidate<V>): readonly Candidate<V>[];
  /** All members in their stable order, functional duplicates included. */
  enumerate(): Iterable<Candidate<V>>;
  /** The member with these genes; undefined where there is none. */
  withGenes(genes: readonly number[]): Candidate<V> | undefined;
  /** Objectives and constraints that are known exactly without evaluation (params, MACs), by name. */
  exact(candidate: Candidate<V>): Readonly<Record<string, number>>;
  /** Scores that foretell quality without training (entropy), by name, higher is better. */
  trainingFree?(candidate: Candidate<V>): Readonly<Record<string, number>>;
}
