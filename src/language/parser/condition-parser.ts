/** Grammar of conditions: comparisons and relations, joined by `and`, `or` and `not`. */
import type { CompareOp, Expr } from '../ast.js';
import { Letters, marks as m, words as w } from '../tokens.js';
import type { Rule } from './parser-base.js';
import { ValueParser } from './value-parser.js';

export abstract class ConditionParser extends ValueParser {
  protected readonly disjunction: Rule<Expr> = this.RULE('any of', (): Expr => {
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

  protected readonly conjunction: Rule<Expr> = this.RULE('all of', (): Expr => {
    const items: Expr[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: w.and, DEF: () => items.push(this.SUBRULE(this.negation)) });
    return items.length === 1
      ? items[0]!
      : { kind: 'and', items, span: this.join(items[0]?.span, items.at(-1)?.span) };
  });

  protected readonly negation: Rule<Expr> = this.RULE(
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

  protected readonly inStages: Rule<Expr | undefined> = this.RULE('stages', (): Expr | undefined => {
    let stages: Expr | undefined;
    this.OPTION(() => {
      this.CONSUME(w.in);
      stages = this.SUBRULE(this.range);
    });
    return stages;
  });

  protected readonly comparison: Rule<Expr> = this.RULE('comparison', (): Expr => {
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

  protected readonly comparator: Rule<CompareOp> = this.RULE(
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
}
