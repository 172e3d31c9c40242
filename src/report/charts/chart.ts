/**
 * A figure as a value: axes and marks in data units, with names of theme colours. `chart-svg.ts` draws it, on
 * the page and in files alike, so that both show the same numbers.
 */
import type { Symmetry } from '../../architecture/layout.js';
import type { Theme } from '../report-theme.js';

/** A colour of the theme. */
export type Ink = Extract<
  keyof Theme,
  'text' | 'muted' | 'accent' | 'front' | 'symmetric' | 'asymmetric' | 'unmixed' | 'blockC' | 'blockT'
>;

export interface ChartAxis {
  readonly title: string;
  readonly scale: 'linear' | 'log' | 'categories';
  /** Of categories, the first at the left or the top. */
  readonly categories?: readonly string[];
  /** Ticks at whole numbers only. */
  readonly whole?: boolean;
  /** Added to the range of the marks. */
  readonly include?: readonly number[];
  /** Ends the range here instead of beyond the marks. */
  readonly least?: number;
  readonly most?: number;
}

/** Position on an axis; of categories an index, which may lie between two. */
type At = number;

export interface PointMark {
  readonly x: At;
  readonly y: At;
  readonly low?: number;
  readonly high?: number;
  /** Position of the network in the result; the page selects it. */
  readonly candidate?: number;
  readonly label?: string;
}

export type Mark =
  | {
      readonly kind: 'points';
      readonly points: readonly PointMark[];
      readonly ink: Ink;
      readonly symbol?: Symmetry;
      /** Outlines instead of filled marks. */
      readonly hollow?: boolean;
      /** Radius in pixels; default 3.5. */
      readonly radius?: number;
      readonly opacity?: number;
      /** The axis of `low` and `high`; default y. */
      readonly intervals?: 'x' | 'y';
    }
  | {
      readonly kind: 'line';
      readonly points: readonly (readonly [At, At])[];
      readonly ink: Ink;
      readonly step?: 'before' | 'after';
      readonly width?: number;
      readonly opacity?: number;
      readonly dashed?: boolean;
      readonly candidate?: number;
      /** Written at the line's end. */
      readonly label?: string;
    }
  | {
      readonly kind: 'band';
      readonly x: readonly At[];
      readonly low: readonly number[];
      readonly high: readonly number[];
      readonly ink: Ink;
      readonly step?: boolean;
    }
  | {
      /** Horizontal bars from 0; y are categories. */
      readonly kind: 'bars';
      readonly bars: readonly { readonly y: At; readonly x: number; readonly label: string }[];
      readonly ink: Ink;
    }
  | {
      /**
       * Squares of a grid of categories; `strength` −1 to 1 fades from one ink over the ground to the other.
       */
      readonly kind: 'cells';
      readonly cells: readonly {
        readonly x: At;
        readonly y: At;
        readonly strength: number;
        readonly label: string;
        readonly title: string;
        /** From 1, of a cell that stands for layouts with a T there: the page selects them. */
        readonly place?: { readonly stage: number; readonly position: number };
      }[];
      readonly inks: readonly [negative: Ink, positive: Ink];
    };

export interface LegendEntry {
  readonly label: string;
  readonly ink: Ink;
  /** Default: a line. */
  readonly symbol?: Symmetry;
  readonly dashed?: boolean;
}

export interface Chart {
  /** Names the figure to those who do not see it. */
  readonly title: string;
  readonly x: ChartAxis;
  readonly y: ChartAxis;
  /** In the order in which they are drawn. */
  readonly marks: readonly Mark[];
  readonly legend?: readonly LegendEntry[];
  /** Height over width; default 0.62. */
  readonly aspect?: number;
}
