/** Number literals of the text files: `4M`, `2%`, `1.5G`, `512KiB`, `1e-3`. */
import type { ArithmeticOp } from './ast.js';

const factors: Readonly<Record<string, number>> = {
  '': 1,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};

/** The value of a number token; NaN for anything else. */
export function readNumber(text: string): number {
  const match = /^(\d+(?:\.\d+)?(?:e[+-]?\d+)?)(%|[KMG]i?|)B?$/.exec(text);
  if (!match) return NaN;
  if (match[2] === '%') return Number(match[1]) / 100;
  const value = Number(match[1]) * factors[match[2]!]!;
  return Math.abs(value - Math.round(value)) < 1e-9 * Math.abs(value) ? Math.round(value) : value;
}

/** The shortest text that reads back to the same value. */
export function writeNumber(value: number): string {
  for (const suffix of ['G', 'M', 'K'] as const) {
    const scaled = value / factors[suffix]!;
    if (
      Math.abs(value) >= 10 * factors[suffix]! &&
      Number.isInteger(scaled * 1000) &&
      readNumber(`${scaled}${suffix}`) === value
    )
      return `${scaled}${suffix}`;
  }
  return String(value);
}

export function evaluateArithmetic(left: number, op: ArithmeticOp, right: number): number {
  switch (op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    default:
      return op satisfies never;
  }
}
