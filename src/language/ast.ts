/** The syntax tree of a space file: its statements with source spans, before names are resolved. */
import type { SourceSpan } from './source-span.js';

export interface Ident {
  readonly name: string;
  readonly span: SourceSpan;
}

export type CompareOp = '<=' | '>=' | '==' | '!=' | '<' | '>';
export type ArithmeticOp = '+' | '-' | '*' | '/';

/**
 * Values (`{32, 64}`, `2 * w`) and conditions (`count(T) >= 2`) share one grammar; elaboration separates
 * them.
 */
export type Expr = {
  readonly span: SourceSpan;
} /** `value` with its suffix applied: 4M is 4e6, 2% is 0.02; `text` as written. */ & (
  | { readonly kind: 'number'; readonly value: number; readonly text: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'letters'; readonly letters: string }
  /** `CC-CCCT-CCTT`: a member by its layouts. */
  | { readonly kind: 'layout'; readonly layout: string }
  | { readonly kind: 'dims'; readonly height: number; readonly width: number; readonly channels: number }
  | { readonly kind: 'set'; readonly items: readonly Expr[]; readonly per: 'stage' | undefined }
  /** `[1, 2, 4]`: one value. */
  | { readonly kind: 'list'; readonly items: readonly Expr[] }
  | { readonly kind: 'range'; readonly from: Expr; readonly to: Expr; readonly step: Expr | undefined }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expr[] }
  | { readonly kind: 'arithmetic'; readonly op: ArithmeticOp; readonly left: Expr; readonly right: Expr }
  /** `a <= b < c`: every link must hold. */
  | {
      readonly kind: 'compare';
      readonly first: Expr;
      readonly rest: readonly { readonly op: CompareOp; readonly value: Expr }[];
    }
  | { readonly kind: 'in'; readonly value: Expr; readonly range: Expr }
  | { readonly kind: 'within'; readonly value: Expr; readonly tolerance: Expr; readonly target: Expr }
  | {
      readonly kind: 'before';
      readonly first: string;
      readonly second: string;
      readonly stages: Expr | undefined;
    }
  | { readonly kind: 'no'; readonly word: string; readonly stages: Expr | undefined }
  | { readonly kind: 'and' | 'or'; readonly items: readonly Expr[] }
  | { readonly kind: 'not'; readonly item: Expr }
);
export type ExprOf<K extends Expr['kind']> = Extract<Expr, { kind: K }>;

export interface Argument {
  readonly name: Ident;
  readonly value: Expr;
}
/** `fused-mbconv(expand: {2, 4})`. */
export interface Call {
  readonly name: Ident;
  readonly args: readonly Argument[];
  readonly span: SourceSpan;
}

/** A regular expression over block letters; `ref` names a pattern or rule. */
export type Pattern = {
  readonly span: SourceSpan;
} /** One letter; `args` override the block's parameters at this place. */ & (
  | { readonly kind: 'letter'; readonly letter: string; readonly args: readonly Argument[] }
  | { readonly kind: 'ref'; readonly name: string }
  | { readonly kind: 'sequence'; readonly items: readonly Pattern[] }
  | {
      readonly kind: 'choice';
      readonly options: readonly { readonly weight: number | undefined; readonly pattern: Pattern }[];
    }
  /** `max` undefined: no limit. */
  | {
      readonly kind: 'repeat';
      readonly item: Pattern;
      readonly min: number;
      readonly max: number | undefined;
    }
);

export type Item = { readonly span: SourceSpan } & (
  | { readonly kind: 'import'; readonly path: string }
  | { readonly kind: 'input'; readonly value: Expr }
  | { readonly kind: 'classes'; readonly value: Expr }
  | { readonly kind: 'let'; readonly name: Ident; readonly value: Expr }
  | { readonly kind: 'block'; readonly letter: Ident; readonly call: Call }
  | { readonly kind: 'pattern' | 'rule'; readonly name: Ident; readonly pattern: Pattern }
  | { readonly kind: 'stem' | 'head' | 'downsample'; readonly options: readonly Call[] }
  | StageItem
  | { readonly kind: 'where'; readonly condition: Expr }
);
export interface StageItem {
  readonly kind: 'stage';
  readonly span: SourceSpan;
  readonly number: number;
  readonly numberSpan: SourceSpan;
  readonly width: Expr | undefined;
  readonly depth: Expr | undefined;
  readonly stride: Expr | undefined;
  readonly downsample: readonly Call[] | undefined;
  /** The encoder stage whose blocks this one repeats in reverse order. */
  readonly mirrors: Expr | undefined;
  readonly pattern: Pattern | undefined;
}
/** The statements of a kind, where several kinds may share an interface. */
export type ItemOf<K extends Item['kind']> = OfKind<Item, K>;
type OfKind<I, K> = I extends { readonly kind: infer J }
  ? K extends J
    ? I & { readonly kind: K }
    : never
  : never;

export interface Comment {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

export interface SpaceAst {
  readonly file: string;
  readonly name: Ident;
  /** Path of the space that this one refines. */
  readonly refines: { readonly path: string; readonly span: SourceSpan } | undefined;
  readonly items: readonly Item[];
  readonly comments: readonly Comment[];
}
