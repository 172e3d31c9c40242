/**
 * What is read of a network, symbol by symbol, and the interface of an automaton that decides one atomic
 * predicate from it. States are finite, which makes a condition an automaton.
 */

/** Cost of the part that a symbol stands for, at its placement. */
export interface SymbolCost {
  readonly params: number;
  readonly macs: number;
  readonly activationBytes: number;
}

/**
 * An input symbol. Stem and head (`part`) have the stage numbers 0 and `stages + 1`; a header's cost is that
 * of its downsampling layer.
 */
export type InputSymbol =
  | { readonly kind: 'part'; readonly stage: number; readonly cost: SymbolCost }
  | { readonly kind: 'header'; readonly stage: number; readonly width: number; readonly cost: SymbolCost }
  | {
      readonly kind: 'block';
      readonly stage: number;
      readonly letter: string;
      readonly symbol: number;
      readonly cost: SymbolCost;
    }
  | { readonly kind: 'end'; readonly stage: number };

export type State = readonly (number | string)[];

export interface PredicateAutomaton {
  readonly start: State;
  next(state: State, input: InputSymbol): State;
  /** Whether a word that ends in this state satisfies the predicate. */
  accepts(state: State): boolean;
  /**
   * The result where no continuation can change it.
   * @param stage the last stage that has ended, 0 before the first has
   */
  decided(state: State, stage: number): boolean | undefined;
}

/** The state of a predicate that is violated for good. */
export const violated: State = ['violated'];
export const isViolated = (state: State): boolean => state[0] === 'violated';
