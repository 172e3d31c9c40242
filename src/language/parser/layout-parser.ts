/** Grammar of layout patterns and of the arguments of parts. */
import type { Argument, Pattern } from '../ast.js';
import type { IToken } from '../chevrotain.js';
import { limits } from '../limits.js';
import type { SourceSpan } from '../source-span.js';
import { Letters, marks as m, Name, NumberToken, Word } from '../tokens.js';
import { ConditionParser } from './condition-parser.js';
import type { Rule } from './parser-base.js';

interface Repetition {
  readonly min: number;
  readonly max: number | undefined;
  readonly span: SourceSpan;
}

export abstract class LayoutParser extends ConditionParser {
  protected readonly args: Rule<Argument[]> = this.RULE('arguments', (): Argument[] => {
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

  protected readonly choice: Rule<Pattern> = this.RULE('layout', (): Pattern => {
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

  protected readonly sequence: Rule<Pattern> = this.RULE('blocks', (): Pattern => {
    const items: Pattern[] = [];
    this.AT_LEAST_ONE(() => items.push(...this.list(this.SUBRULE(this.repeated))));
    return items.length === 1
      ? items[0]!
      : { kind: 'sequence', items, span: this.join(items[0]?.span, items.at(-1)?.span) };
  });

  /** A word of letters is a sequence; what follows binds to its last letter. */
  protected readonly repeated: Rule<Pattern[]> = this.RULE('blocks with repetition', (): Pattern[] => {
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

  protected readonly letters: Rule<Pattern[]> = this.RULE('letters', (): Pattern[] => {
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

  protected readonly repetition: Rule<Repetition> = this.RULE(
    'repetition',
    (): Repetition =>
      this.OR<Repetition>([
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

  private bounds(
    min: IToken | undefined,
    max: IToken | undefined,
    comma: boolean,
    span: SourceSpan,
  ): Repetition {
    const read = (token: IToken): number => {
      const value = Number(token.image);
      if (Number.isInteger(value) && value <= limits.repetition) return value;
      this.checkErrors.push({
        span: this.at(token),
        message: `a repetition bound must be an integer in 0..${limits.repetition}, got ${token.image}`,
      });
      return 1;
    };
    if (!min && !max)
      this.checkErrors.push({
        span,
        message: 'a repetition must have a bound, got none',
        hint: 'write `{2}`, `{2,4}`, `{2,}` or `{,4}`',
      });
    const low = min ? read(min) : 0;
    const open = comma ? undefined : low;
    const high = max ? read(max) : open;
    if (high !== undefined && high < low)
      this.checkErrors.push({
        span,
        message: `the upper bound of a repetition must be at least the lower, got {${low},${high}}`,
      });
    return { min: low, max: high === undefined ? undefined : Math.max(low, high), span };
  }
}
