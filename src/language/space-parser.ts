/**
 * Tokens to syntax tree. Statements are known by their first word, so that after a mistake reading goes on at
 * the next one and a run reports several. The grammar is documented with examples in
 * `search-spaces/REFERENCE.md`.
 */

import type { Argument, ArithmeticOp, Call, CompareOp, Expr, Ident, Item, Pattern, SpaceAst } from './ast.js';
import { EmbeddedActionsParser, type IToken, type ParserMethod } from './chevrotain.js';
import { limits } from './limits.js';
import { readNumber } from './numbers.js';
import { joinSpans, type SourceSpan, tokenSpan } from './source-span.js';
import {
  Dims,
  Layout,
  Letters,
  marks as m,
  Name,
  NumberToken,
  statements as s,
  Text,
  tokenTypes,
  Word,
  words as w,
} from './tokens.js';

export interface ParserError {
  readonly span: SourceSpan;
  readonly message: string;
  readonly hint?: string;
}
type Rule<T> = ParserMethod<[], T>;

export class SpaceParser extends EmbeddedActionsParser {
  file = '';
  /** Findings that the grammar cannot see (bounds of repetitions). */
  findings: ParserError[] = [];
  /** Names are followed by arguments only inside conditions: `width w (C | T)` is no call. */
  private inCondition = false;

  /**
   * @param validate look for ambiguities of the grammar itself, which takes longer than reading a file: a
   * test does it once
   */
  constructor(validate = false) {
    super(tokenTypes, {
      recoveryEnabled: true,
      maxLookahead: 3,
      nodeLocationTracking: 'none',
      skipValidations: !validate,
    });
    this.performSelfAnalysis();
  }

  private at = (token: IToken): SourceSpan => tokenSpan(token, this.file);
  private join = (first: SourceSpan | undefined, last: SourceSpan | undefined): SourceSpan =>
    joinSpans(first ?? this.here(), last ?? first ?? this.here());
  /** Rules give back a placeholder while the grammar is recorded, and nothing after a mistake. */
  private list = <T>(found: readonly T[] | undefined): T[] => (Array.isArray(found) ? [...found] : []);
  private here = (): SourceSpan => this.at(this.LA(0).startLine === undefined ? this.LA(1) : this.LA(0));

  // File
  // ----------------------------------------------------------------------------------------------------------------
  readonly spaceFile: Rule<Omit<SpaceAst, 'file' | 'comments'> | undefined> = this.RULE(
    'space file',
    (): Omit<SpaceAst, 'file' | 'comments'> | undefined => {
      const items: Item[] = [];
      this.MANY1(() => items.push(this.SUBRULE1(this.importItem)));
      this.CONSUME(s.space);
      const token = this.CONSUME(Name);
      let refines: SpaceAst['refines'];
      this.OPTION(() => {
        this.CONSUME(w.refines);
        const path = this.CONSUME(Text);
        refines = { path: path.image.slice(1, -1), span: this.at(path) };
      });
      this.MANY2(() => {
        const item = this.SUBRULE(this.item);
        if (item) items.push(item);
      });
      return { name: { name: token.image, span: this.at(token) }, refines, items };
    },
  );

  readonly conditionOnly: Rule<Expr> = this.RULE('condition', (): Expr => this.SUBRULE(this.condition));

  private readonly importItem: Rule<Item> = this.RULE('import', (): Item => {
    const first = this.CONSUME(s.import);
    const path = this.CONSUME(Text);
    return { kind: 'import', path: path.image.slice(1, -1), span: this.join(this.at(first), this.at(path)) };
  });

  private readonly item: Rule<Item> = this.RULE(
    'statement',
    (): Item =>
      this.OR<Item>([
        { ALT: () => this.SUBRULE(this.importItem) },
        { ALT: () => this.SUBRULE(this.valueItem) },
        { ALT: () => this.SUBRULE(this.letItem) },
        { ALT: () => this.SUBRULE(this.blockItem) },
        { ALT: () => this.SUBRULE(this.patternItem) },
        { ALT: () => this.SUBRULE(this.partItem) },
        { ALT: () => this.SUBRULE(this.stageItem) },
        { ALT: () => this.SUBRULE(this.whereItem) },
      ]),
  );

  private readonly valueItem: Rule<Item> = this.RULE('input or classes', (): Item => {
    const first = this.OR([{ ALT: () => this.CONSUME(s.input) }, { ALT: () => this.CONSUME(s.classes) }]);
    const value = this.SUBRULE(this.range);
    return {
      kind: first.image === 'classes' ? 'classes' : 'input',
      value,
      span: this.join(this.at(first), value?.span),
    };
  });

  private readonly letItem: Rule<Item> = this.RULE('let', (): Item => {
    const first = this.CONSUME(s.let);
    const name = this.CONSUME(Word);
    this.CONSUME(m.assign);
    const value = this.SUBRULE(this.range);
    return {
      kind: 'let',
      name: { name: name.image, span: this.at(name) },
      value,
      span: this.join(this.at(first), value?.span),
    };
  });

  private readonly blockItem: Rule<Item> = this.RULE('block', (): Item => {
    const first = this.CONSUME(s.block);
    const letter = this.CONSUME(Letters);
    this.CONSUME(m.assign);
    const call = this.SUBRULE(this.call);
    return {
      kind: 'block',
      letter: { name: letter.image, span: this.at(letter) },
      call,
      span: this.join(this.at(first), call?.span),
    };
  });

  private readonly patternItem: Rule<Item> = this.RULE('pattern', (): Item => {
    const first = this.OR([{ ALT: () => this.CONSUME(s.pattern) }, { ALT: () => this.CONSUME(s.rule) }]);
    const name = this.CONSUME(Word);
    this.CONSUME(m.assign);
    const pattern = this.SUBRULE(this.choice);
    return {
      kind: first.image === 'rule' ? 'rule' : 'pattern',
      name: { name: name.image, span: this.at(name) },
      pattern,
      span: this.join(this.at(first), pattern?.span),
    };
  });

  private readonly partItem: Rule<Item> = this.RULE('stem, downsample or head', (): Item => {
    const first = this.OR([
      { ALT: () => this.CONSUME(s.stem) },
      { ALT: () => this.CONSUME(s.downsample) },
      { ALT: () => this.CONSUME(s.head) },
    ]);
    const options = this.list(this.SUBRULE(this.calls));
    const kind = first.image === 'stem' || first.image === 'head' ? first.image : 'downsample';
    return { kind, options, span: this.join(this.at(first), options.at(-1)?.span) };
  });

  private readonly calls: Rule<Call[]> = this.RULE('parts', (): Call[] => {
    const options: Call[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: m.bar, DEF: () => options.push(this.SUBRULE(this.call)) });
    return options;
  });

  private readonly whereItem: Rule<Item> = this.RULE('where', (): Item => {
    const first = this.CONSUME(s.where);
    const condition = this.SUBRULE(this.condition);
    return { kind: 'where', condition, span: this.join(this.at(first), condition?.span) };
  });

  private readonly stageItem: Rule<Item> = this.RULE('stage', (): Item => {
    const first = this.CONSUME(s.stage);
    const number = this.CONSUME(NumberToken);
    let width: Expr | undefined, depth: Expr | undefined, stride: Expr | undefined, mirrors: Expr | undefined;
    let downsample: Call[] | undefined;
    let pattern: Pattern | undefined;
    // A `downsample` on a line of its own is the statement, not this stage's clause.
    this.MANY({
      GATE: () => this.LA(1).tokenType !== s.downsample || this.LA(0).startLine === this.LA(1).startLine,
      DEF: () =>
        this.OR([
          {
            ALT: () => {
              this.CONSUME(w.width);
              width = this.SUBRULE1(this.range);
            },
          },
          {
            ALT: () => {
              this.CONSUME(w.depth);
              depth = this.SUBRULE2(this.range);
            },
          },
          {
            ALT: () => {
              this.CONSUME(w.stride);
              stride = this.SUBRULE3(this.range);
            },
          },
          {
            ALT: () => {
              this.CONSUME(w.mirrors);
              this.OPTION1(() => this.CONSUME1(s.stage));
              mirrors = this.SUBRULE4(this.range);
            },
          },
          {
            ALT: () => {
              this.CONSUME(s.downsample);
              downsample = this.list(this.SUBRULE(this.calls));
            },
          },
        ]),
    });
    this.OPTION2(() => {
      pattern = this.SUBRULE(this.choice);
    });
    const last = this.LA(0);
    return {
      kind: 'stage',
      number: Number(number.image),
      numberSpan: this.at(number),
      width,
      depth,
      stride,
      downsample,
      mirrors,
      pattern,
      span: this.join(this.at(first), this.at(last)),
    };
  });

  private readonly call: Rule<Call> = this.RULE('part', (): Call => {
    const name = this.CONSUME(Name);
    let args: Argument[] = [];
    let last = this.at(name);
    // `conv(kernel: 3)` has arguments; in `downsample conv (C | T)` the bracket opens the layout.
    this.OPTION({
      GATE: () => this.LA(1).startOffset === this.LA(0).endOffset! + 1 || this.LA(3).tokenType === m.colon,
      DEF: () => {
        this.CONSUME(m.openParen);
        args = this.list(this.SUBRULE(this.args));
        last = this.at(this.CONSUME(m.closeParen));
      },
    });
    return { name: { name: name.image, span: this.at(name) }, args, span: this.join(this.at(name), last) };
  });

  private readonly args: Rule<Argument[]> = this.RULE('arguments', (): Argument[] => {
    const args: Argument[] = [];
    this.MANY_SEP({
      SEP: m.comma,
      DEF: () => {
        const name = this.CONSUME(Name);
        this.CONSUME(m.colon);
        const value = this.SUBRULE(this.range);
        args.push({ name: { name: name.image, span: this.at(name) }, value });
      },
    });
    return args;
  });

  // Layout patterns
  // -----------------------------------------------------------------------------------------------------
  readonly choice: Rule<Pattern> = this.RULE('layout', (): Pattern => {
    const options: { weight: number | undefined; pattern: Pattern }[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: m.bar,
      DEF: () => {
        let weight: number | undefined;
        this.OPTION(() => {
          this.CONSUME(m.openBracket);
          const token = this.CONSUME(NumberToken);
          weight = this.ACTION(() => this.finite(token));
          this.CONSUME(m.closeBracket);
        });
        options.push({ weight, pattern: this.SUBRULE(this.sequence) });
      },
    });
    const [only] = options;
    if (options.length === 1 && only!.weight === undefined) return only!.pattern;
    return { kind: 'choice', options, span: this.join(only?.pattern?.span, options.at(-1)?.pattern?.span) };
  });

  private readonly sequence: Rule<Pattern> = this.RULE('blocks', (): Pattern => {
    const items: Pattern[] = [];
    this.AT_LEAST_ONE(() => items.push(...this.list(this.SUBRULE(this.repeated))));
    return items.length === 1
      ? items[0]!
      : { kind: 'sequence', items, span: this.join(items[0]?.span, items.at(-1)?.span) };
  });

  /** A word of letters is a sequence; what follows binds to its last letter. */
  private readonly repeated: Rule<Pattern[]> = this.RULE('blocks with repetition', (): Pattern[] => {
    const items = this.list(
      this.OR<Pattern[]>([
        { ALT: () => this.SUBRULE(this.letters) },
        {
          ALT: () => {
            const name = this.CONSUME(Word);
            return [{ kind: 'ref', name: name.image, span: this.at(name) }];
          },
        },
        {
          ALT: () => {
            const open = this.at(this.CONSUME(m.openParen));
            let inner: Pattern | undefined;
            this.OPTION(() => {
              inner = this.SUBRULE(this.choice);
            });
            const span = this.join(open, this.at(this.CONSUME(m.closeParen)));
            return [inner ? { ...inner, span } : { kind: 'sequence', items: [], span }];
          },
        },
      ]),
    );
    this.MANY(() => {
      const { min, max, span } = this.SUBRULE(this.repetition) ?? { min: 1, max: 1, span: this.here() };
      const item = items.pop();
      if (item) items.push({ kind: 'repeat', item, min, max, span: this.join(item.span, span) });
    });
    return items;
  });

  private readonly letters: Rule<Pattern[]> = this.RULE('letters', (): Pattern[] => {
    const token = this.CONSUME(Letters);
    const start = this.at(token);
    let args: Argument[] = [];
    let last: SourceSpan | undefined;
    this.OPTION({
      GATE: () => this.LA(3).tokenType === m.colon,
      DEF: () => {
        this.CONSUME(m.openParen);
        args = this.list(this.SUBRULE(this.args));
        last = this.at(this.CONSUME(m.closeParen));
      },
    });
    const found = [...token.image.matchAll(/[A-Z]'*/g)];
    return found.map((match, index): Pattern => {
      const span = {
        ...start,
        column: start.column + match.index,
        length: match[0].length,
        endColumn: start.column + match.index + match[0].length - 1,
      };
      const isLast = index === found.length - 1;
      return {
        kind: 'letter',
        letter: match[0],
        args: isLast ? args : [],
        span: isLast && last ? this.join(span, last) : span,
      };
    });
  });

  private readonly repetition: Rule<{ min: number; max: number | undefined; span: SourceSpan }> = this.RULE(
    'repetition',
    (): { min: number; max: number | undefined; span: SourceSpan } =>
      this.OR<{ min: number; max: number | undefined; span: SourceSpan }>([
        { ALT: () => ({ min: 0, max: 1, span: this.at(this.CONSUME(m.question)) }) },
        { ALT: () => ({ min: 0, max: undefined, span: this.at(this.CONSUME(m.star)) }) },
        { ALT: () => ({ min: 1, max: undefined, span: this.at(this.CONSUME(m.plus)) }) },
        {
          ALT: () => {
            const open = this.at(this.CONSUME(m.openBrace));
            let min: IToken | undefined,
              max: IToken | undefined,
              comma = false;
            this.OPTION1(() => {
              min = this.CONSUME1(NumberToken);
            });
            this.OPTION2(() => {
              this.CONSUME(m.comma);
              comma = true;
              this.OPTION3(() => {
                max = this.CONSUME2(NumberToken);
              });
            });
            const span = this.join(open, this.at(this.CONSUME(m.closeBrace)));
            return this.ACTION(() => this.bounds(min, max, comma, span));
          },
        },
      ]),
  );

  private finite(token: IToken): number {
    const value = readNumber(token.image);
    if (Number.isFinite(value)) return value;
    this.findings.push({
      span: this.at(token),
      message: `a number must be below 1.8e308, got ${token.image}`,
    });
    return 1;
  }

  private bounds(
    min: IToken | undefined,
    max: IToken | undefined,
    comma: boolean,
    span: SourceSpan,
  ): { min: number; max: number | undefined; span: SourceSpan } {
    const read = (token: IToken): number => {
      const value = Number(token.image);
      if (Number.isInteger(value) && value <= limits.repetition) return value;
      this.findings.push({
        span: this.at(token),
        message: `a repetition bound must be an integer in 0..${limits.repetition}, got ${token.image}`,
      });
      return 1;
    };
    if (!min && !max)
      this.findings.push({
        span,
        message: 'a repetition must have a bound, got none',
        hint: 'write `{2}`, `{2,4}`, `{2,}` or `{,4}`',
      });
    const low = min ? read(min) : 0;
    const high = max ? read(max) : comma ? undefined : low;
    if (high !== undefined && high < low)
      this.findings.push({
        span,
        message: `the upper bound of a repetition must be at least the lower, got {${low},${high}}`,
      });
    return { min: low, max: high === undefined ? undefined : Math.max(low, high), span };
  }

  // Conditions and values
  // -----------------------------------------------------------------------------------------------
  private readonly condition: Rule<Expr> = this.RULE('any of', (): Expr => {
    const items: Expr[] = [];
    this.ACTION(() => {
      this.inCondition = true;
    });
    this.AT_LEAST_ONE_SEP({ SEP: w.or, DEF: () => items.push(this.SUBRULE(this.conjunction)) });
    this.ACTION(() => {
      this.inCondition = false;
    });
    return items.length === 1
      ? items[0]!
      : { kind: 'or', items, span: this.join(items[0]?.span, items.at(-1)?.span) };
  });

  private readonly conjunction: Rule<Expr> = this.RULE('all of', (): Expr => {
    const items: Expr[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: w.and, DEF: () => items.push(this.SUBRULE(this.negation)) });
    return items.length === 1
      ? items[0]!
      : { kind: 'and', items, span: this.join(items[0]?.span, items.at(-1)?.span) };
  });

  private readonly negation: Rule<Expr> = this.RULE(
    'condition or its negation',
    (): Expr =>
      this.OR<Expr>([
        {
          ALT: () => {
            const first = this.CONSUME(w.not);
            const item = this.SUBRULE(this.negation);
            return { kind: 'not', item, span: this.join(this.at(first), item?.span) };
          },
        },
        {
          ALT: () => {
            const first = this.CONSUME(w.no);
            const word = this.CONSUME(Letters);
            const stages = this.SUBRULE1(this.inStages);
            return {
              kind: 'no',
              word: word.image,
              stages,
              span: this.join(this.at(first), stages?.span ?? this.at(word)),
            };
          },
        },
        {
          GATE: () => this.LA(2).tokenType === w.before,
          ALT: () => {
            const first = this.CONSUME2(Letters);
            this.CONSUME(w.before);
            const second = this.CONSUME3(Letters);
            const stages = this.SUBRULE2(this.inStages);
            return {
              kind: 'before',
              first: first.image,
              second: second.image,
              stages,
              span: this.join(this.at(first), stages?.span ?? this.at(second)),
            };
          },
        },
        { ALT: () => this.SUBRULE(this.comparison) },
      ]),
  );

  private readonly inStages: Rule<Expr | undefined> = this.RULE('stages', (): Expr | undefined => {
    let stages: Expr | undefined;
    this.OPTION(() => {
      this.CONSUME(w.in);
      stages = this.SUBRULE(this.range);
    });
    return stages;
  });

  private readonly comparison: Rule<Expr> = this.RULE('comparison', (): Expr => {
    const first = this.SUBRULE1(this.sum);
    let result: Expr = first;
    this.OPTION(() =>
      this.OR([
        {
          ALT: () => {
            const rest: { op: CompareOp; value: Expr }[] = [];
            this.AT_LEAST_ONE(() => {
              const op = this.SUBRULE(this.comparator);
              rest.push({ op, value: this.SUBRULE2(this.sum) });
            });
            result = { kind: 'compare', first, rest, span: this.join(first?.span, rest.at(-1)?.value?.span) };
          },
        },
        {
          ALT: () => {
            this.CONSUME(w.in);
            const range = this.SUBRULE3(this.range);
            result = { kind: 'in', value: first, range, span: this.join(first?.span, range?.span) };
          },
        },
        {
          ALT: () => {
            this.CONSUME(w.within);
            const tolerance = this.SUBRULE4(this.sum);
            this.CONSUME(w.of);
            const target = this.SUBRULE5(this.sum);
            result = {
              kind: 'within',
              value: first,
              tolerance,
              target,
              span: this.join(first?.span, target?.span),
            };
          },
        },
      ]),
    );
    return result;
  });

  private readonly comparator: Rule<CompareOp> = this.RULE(
    'comparison sign',
    (): CompareOp =>
      this.OR([
        { ALT: () => this.CONSUME(m.lessEqual) },
        { ALT: () => this.CONSUME(m.greaterEqual) },
        { ALT: () => this.CONSUME(m.equal) },
        { ALT: () => this.CONSUME(m.notEqual) },
        { ALT: () => this.CONSUME(m.less) },
        { ALT: () => this.CONSUME(m.greater) },
      ]).image as CompareOp,
  );

  private readonly range: Rule<Expr> = this.RULE('value or range', (): Expr => {
    const from = this.SUBRULE1(this.sum);
    let result: Expr = from;
    this.OPTION1(() => {
      this.CONSUME(m.range);
      const to = this.SUBRULE2(this.sum);
      let step: Expr | undefined;
      this.OPTION2(() => {
        this.CONSUME(w.step);
        step = this.SUBRULE3(this.sum);
      });
      result = { kind: 'range', from, to, step, span: this.join(from?.span, step?.span ?? to?.span) };
    });
    return result;
  });

  private readonly sum: Rule<Expr> = this.RULE('value', (): Expr => {
    let left = this.SUBRULE1(this.product);
    this.MANY(() => {
      const op = this.OR([{ ALT: () => this.CONSUME(m.plus) }, { ALT: () => this.CONSUME(m.minus) }])
        .image as ArithmeticOp;
      const right = this.SUBRULE2(this.product);
      left = { kind: 'arithmetic', op, left, right, span: this.join(left?.span, right?.span) };
    });
    return left;
  });

  private readonly product: Rule<Expr> = this.RULE('factor', (): Expr => {
    let left = this.SUBRULE1(this.atom);
    this.MANY(() => {
      const op = this.OR([{ ALT: () => this.CONSUME(m.star) }, { ALT: () => this.CONSUME(m.slash) }])
        .image as ArithmeticOp;
      const right = this.SUBRULE2(this.atom);
      left = { kind: 'arithmetic', op, left, right, span: this.join(left?.span, right?.span) };
    });
    return left;
  });

  private readonly atom: Rule<Expr> = this.RULE(
    'single value',
    (): Expr =>
      this.OR<Expr>([
        {
          ALT: () => {
            const token = this.CONSUME(NumberToken);
            return {
              kind: 'number',
              value: this.ACTION(() => this.finite(token)),
              text: token.image,
              span: this.at(token),
            };
          },
        },
        {
          ALT: () => {
            const token = this.CONSUME(Text);
            return { kind: 'text', value: token.image.slice(1, -1), span: this.at(token) };
          },
        },
        {
          ALT: () => {
            const token = this.CONSUME(Dims);
            const [height, width, channels] = token.image.split('x').map(Number);
            return {
              kind: 'dims',
              height: height!,
              width: width!,
              channels: channels!,
              span: this.at(token),
            };
          },
        },
        {
          ALT: () => {
            const token = this.CONSUME(Layout);
            return { kind: 'layout', layout: token.image, span: this.at(token) };
          },
        },
        {
          ALT: () => {
            const token = this.CONSUME(Letters);
            return { kind: 'letters', letters: token.image, span: this.at(token) };
          },
        },
        { ALT: () => this.SUBRULE(this.set) },
        { ALT: () => this.SUBRULE(this.integers) },
        { ALT: () => this.SUBRULE(this.nameOrCall) },
        {
          ALT: () => {
            const open = this.at(this.CONSUME(m.openParen));
            const wasCondition = this.inCondition;
            const inner = this.SUBRULE(this.condition);
            this.ACTION(() => {
              this.inCondition = wasCondition;
            });
            const close = this.at(this.CONSUME(m.closeParen));
            return { ...inner, span: this.join(open, close) };
          },
        },
      ]),
  );

  private readonly nameOrCall: Rule<Expr> = this.RULE('name', (): Expr => {
    const token = this.OR([
      { ALT: () => this.CONSUME(Word) },
      { ALT: () => this.CONSUME(w.width) },
      { ALT: () => this.CONSUME(w.depth) },
    ]);
    let result: Expr = { kind: 'name', name: token.image, span: this.at(token) };
    this.OPTION1({
      GATE: () => this.inCondition,
      DEF: () => {
        this.CONSUME(m.openParen);
        const args: Expr[] = [];
        this.MANY_SEP({
          SEP: m.comma,
          DEF: () => {
            this.OPTION2(() => this.CONSUME(s.stage));
            args.push(this.SUBRULE(this.range));
          },
        });
        const close = this.at(this.CONSUME(m.closeParen));
        result = { kind: 'call', name: token.image, args, span: this.join(this.at(token), close) };
      },
    });
    return result;
  });

  private readonly integers: Rule<Expr> = this.RULE('list of integers', (): Expr => {
    const open = this.at(this.CONSUME(m.openBracket));
    const items: Expr[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: m.comma, DEF: () => items.push(this.SUBRULE(this.sum)) });
    return { kind: 'list', items, span: this.join(open, this.at(this.CONSUME(m.closeBracket))) };
  });

  private readonly set: Rule<Expr> = this.RULE('choice set', (): Expr => {
    const open = this.at(this.CONSUME(m.openBrace));
    const items: Expr[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: m.comma, DEF: () => items.push(this.SUBRULE(this.range)) });
    let last = this.at(this.CONSUME(m.closeBrace));
    let per: 'stage' | undefined;
    this.OPTION(() => {
      this.CONSUME(w.per);
      last = this.at(this.CONSUME(s.stage));
      per = 'stage';
    });
    return { kind: 'set', items, per, span: this.join(open, last) };
  });
}

export type { Ident };
