/**
 * An experiment file as parsed: keywords with terms and their source spans. `lab/settings` checks them
 * against the tables of data sets, recipes and protocols.
 *
 *   experiment quickstart
 *     space    ../search-spaces/ascan-cpu.space
 *     sample   balanced(symmetric: 4, asymmetric: 4, seed: 1)
 *     data     motif(train: 4000, validation: 1000, seed: 1)
 *     train    adamw(epochs: 4, batch: 32, learning-rate: 1e-3)  seeds {1, 2, 3}
 *     profile  throughput(batches: {1, 16, 64}, launches: 3)
 */
import type { Span } from '../util/errors.js';

export type Term =
  | { readonly kind: 'number'; readonly value: number; readonly span: Span }
  /** A bare word or path, or a quoted text. */
  | { readonly kind: 'text'; readonly value: string; readonly quoted: boolean; readonly span: Span }
  | { readonly kind: 'set'; readonly items: readonly Term[]; readonly span: Span }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly { readonly name: string; readonly nameSpan: Span; readonly value: Term }[];
      readonly span: Span;
    };

export interface ExperimentFile {
  readonly name: string;
  readonly nameSpan: Span;
  /** In file order; a keyword may be given once. */
  readonly settings: readonly {
    readonly keyword: string;
    readonly keywordSpan: Span;
    readonly terms: readonly Term[];
  }[];
  /** The whole text, as stored with the results. */
  readonly text: string;
}
