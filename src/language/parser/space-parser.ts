/**
 * Grammar of space files. A statement begins with its keyword, so that parsing resumes at
 * the next statement after an error. `search-spaces/REFERENCE.md` documents the grammar with examples.
 */
import type { Argument, Call, Expr, Item, Pattern, SpaceAst } from '../ast.js';
import {
  Letters,
  marks as m,
  Name,
  NumberToken,
  statements as s,
  Text,
  Word,
  words as w,
} from '../tokens.js';
import { LayoutParser } from './layout-parser.js';
import type { Rule } from './parser-base.js';

export class SpaceParser extends LayoutParser {
  /** @param validate check the grammar for ambiguities, which takes longer than parsing a file */
  constructor(validate = false) {
    super(validate);
    this.performSelfAnalysis();
  }

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

  readonly conditionOnly: Rule<Expr> = this.RULE('condition', (): Expr => this.SUBRULE(this.disjunction));

  protected readonly importItem: Rule<Item> = this.RULE('import', (): Item => {
    const first = this.CONSUME(s.import);
    const path = this.CONSUME(Text);
    return { kind: 'import', path: path.image.slice(1, -1), span: this.join(this.at(first), this.at(path)) };
  });

  protected readonly item: Rule<Item> = this.RULE(
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

  protected readonly valueItem: Rule<Item> = this.RULE('input or classes', (): Item => {
    const first = this.OR([{ ALT: () => this.CONSUME(s.input) }, { ALT: () => this.CONSUME(s.classes) }]);
    const value = this.SUBRULE(this.range);
    return {
      kind: first.image === 'classes' ? 'classes' : 'input',
      value,
      span: this.join(this.at(first), value?.span),
    };
  });

  protected readonly letItem: Rule<Item> = this.RULE('let', (): Item => {
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

  protected readonly blockItem: Rule<Item> = this.RULE('block', (): Item => {
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

  protected readonly patternItem: Rule<Item> = this.RULE('pattern', (): Item => {
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

  protected readonly partItem: Rule<Item> = this.RULE('stem, downsample or head', (): Item => {
    const first = this.OR([
      { ALT: () => this.CONSUME(s.stem) },
      { ALT: () => this.CONSUME(s.downsample) },
      { ALT: () => this.CONSUME(s.head) },
    ]);
    const options = this.list(this.SUBRULE(this.calls));
    const kind = first.image === 'stem' || first.image === 'head' ? first.image : 'downsample';
    return { kind, options, span: this.join(this.at(first), options.at(-1)?.span) };
  });

  protected readonly calls: Rule<Call[]> = this.RULE('parts', (): Call[] => {
    const options: Call[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: m.bar, DEF: () => options.push(this.SUBRULE(this.call)) });
    return options;
  });

  protected readonly whereItem: Rule<Item> = this.RULE('where', (): Item => {
    const first = this.CONSUME(s.where);
    const condition = this.SUBRULE(this.disjunction);
    return { kind: 'where', condition, span: this.join(this.at(first), condition?.span) };
  });

  protected readonly stageItem: Rule<Item> = this.RULE('stage', (): Item => {
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

  protected readonly call: Rule<Call> = this.RULE('part', (): Call => {
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
}
