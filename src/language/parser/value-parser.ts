/** Grammar of values: numbers, names, calls, sets, lists, ranges and arithmetic. */
import type { ArithmeticOp, Expr } from '../ast.js';
import {
  Dims,
  Layout,
  Letters,
  marks as m,
  NumberToken,
  statements as s,
  Text,
  Word,
  words as w,
} from '../tokens.js';
import { ParserBase, type Rule } from './parser-base.js';

export abstract class ValueParser extends ParserBase {
  /** Names take arguments in conditions only: `width w (C | T)` is no call. */
  protected inCondition = false;
  /** A condition in brackets. Not `condition`: chevrotain assigns every rule to the property of its name. */
  protected abstract readonly disjunction: Rule<Expr>;

  protected readonly range: Rule<Expr> = this.RULE('value or range', (): Expr => {
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

  protected readonly sum: Rule<Expr> = this.RULE('value', (): Expr => {
    let left = this.SUBRULE1(this.product);
    this.MANY(() => {
      const op = this.OR([{ ALT: () => this.CONSUME(m.plus) }, { ALT: () => this.CONSUME(m.minus) }])
        .image as ArithmeticOp;
      const right = this.SUBRULE2(this.product);
      left = { kind: 'arithmetic', op, left, right, span: this.join(left?.span, right?.span) };
    });
    return left;
  });

  protected readonly product: Rule<Expr> = this.RULE('factor', (): Expr => {
    let left = this.SUBRULE1(this.atom);
    this.MANY(() => {
      const op = this.OR([{ ALT: () => this.CONSUME(m.star) }, { ALT: () => this.CONSUME(m.slash) }])
        .image as ArithmeticOp;
      const right = this.SUBRULE2(this.atom);
      left = { kind: 'arithmetic', op, left, right, span: this.join(left?.span, right?.span) };
    });
    return left;
  });

  protected readonly atom: Rule<Expr> = this.RULE(
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
            const inner = this.SUBRULE(this.disjunction);
            this.ACTION(() => {
              this.inCondition = wasCondition;
            });
            const close = this.at(this.CONSUME(m.closeParen));
            return { ...inner, span: this.join(open, close) };
          },
        },
      ]),
  );

  protected readonly nameOrCall: Rule<Expr> = this.RULE('name', (): Expr => {
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

  protected readonly integers: Rule<Expr> = this.RULE('list of integers', (): Expr => {
    const open = this.at(this.CONSUME(m.openBracket));
    const items: Expr[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: m.comma, DEF: () => items.push(this.SUBRULE(this.sum)) });
    return { kind: 'list', items, span: this.join(open, this.at(this.CONSUME(m.closeBracket))) };
  });

  protected readonly set: Rule<Expr> = this.RULE('choice set', (): Expr => {
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
