/** Distance of a runtime's results from the reference's, and what is allowed for each precision. Pure. */
import type { Precision } from '../../runtime/runtime.js';
import type { BlockResults } from './block-results.js';
import { type Check, rangeCheck } from './verification.js';

interface Bounds {
  /** RMS of the difference of logits, relative to the reference's RMS. */
  readonly logits: number;
  /** The same of all gradients and running statistics together. */
  readonly gradient: number;
  /** The same of the worst single tensor; one far smaller than the others counts as a tenth of their RMS. */
  readonly tensor: number;
  /** Relative difference of the loss. */
  readonly loss: number;
}

/**
 * At least three times the largest deviation of any block that TensorFlow showed on a CPU; logits as in
 * `runtime/compute.ts`. TF32 has the mantissa of float16, so it has its bounds; no GPU has confirmed them.
 */
export const boundsOf = {
  float32: { logits: 1e-4, gradient: 1e-3, tensor: 1e-2, loss: 1e-4 },
  tf32: { logits: 0.015, gradient: 0.03, tensor: 0.25, loss: 0.005 },
  bfloat16: { logits: 0.05, gradient: 0.1, tensor: 0.8, loss: 0.01 },
  float16: { logits: 0.015, gradient: 0.03, tensor: 0.25, loss: 0.005 },
} as const satisfies Record<Precision, Bounds>;

const smallTensor = 0.1;

const squares = (values: Float32Array): number => values.reduce((sum, value) => sum + value * value, 0);

function squaredDifference(got: Float32Array, expected: Float32Array): number {
  if (got.length !== expected.length) return Number.NaN;
  return got.reduce((sum, value, at) => sum + (value - expected[at]!) ** 2, 0);
}

/** RMS of the difference, relative to the RMS of `expected`; NaN where the lengths differ. */
export const relativeRms = (got: Float32Array, expected: Float32Array): number =>
  Math.sqrt(squaredDifference(got, expected) / Math.max(squares(expected), 1e-20));

type Changes = ReadonlyMap<string, Float32Array>;

function distances(
  got: Changes,
  expected: Changes,
): { readonly whole: number; readonly worst: number; readonly path: string } {
  const rows = [...expected].map(([path, values]) => ({
    path,
    count: values.length,
    size: squares(values),
    difference: squaredDifference(got.get(path) ?? new Float32Array(0), values),
  }));
  const sum = (of: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((total, row) => total + of(row), 0);
  const size = sum((row) => row.size);
  const perValue = (smallTensor ** 2 * size) / sum(({ count }) => count);
  const worst = rows
    .map(({ path, difference, ...row }) => ({
      path,
      error: Math.sqrt(difference / Math.max(row.size, perValue * row.count, 1e-20)),
    }))
    .reduce((a, b) => (b.error > a.error || Number.isNaN(b.error) ? b : a));
  return {
    whole: Math.sqrt(sum(({ difference }) => difference) / Math.max(size, 1e-20)),
    worst: worst.error,
    path: worst.path,
  };
}

/** The checks of one block: logits, and where both train, loss, gradient and the worst tensor of it. */
export function compareResults(
  name: string,
  mode: string,
  precision: Precision,
  got: BlockResults,
  expected: BlockResults,
): Check[] {
  const bounds = boundsOf[precision];
  const forward = rangeCheck(
    { group: 'forward', name, mode, text: 'relative RMS error of logits' },
    relativeRms(got.logits, expected.logits),
    { high: bounds.logits },
  );
  if (!got.step || !expected.step)
    return [
      forward,
      { group: 'training', name, mode, outcome: 'unknown', text: 'the runtime does not train' },
    ];
  const { whole, worst, path } = distances(got.step.changes, expected.step.changes);
  const check = (text: string, value: number, high: number): Check =>
    rangeCheck({ group: 'training', name, mode, text }, value, { high });
  return [
    forward,
    check('relative error of the loss', Math.abs(got.step.loss / expected.step.loss - 1), bounds.loss),
    check('relative RMS error of all gradients', whole, bounds.gradient),
    check(`relative RMS error of the gradient of ${path}, the worst`, worst, bounds.tensor),
  ];
}
