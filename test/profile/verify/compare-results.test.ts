import { describe, expect, it } from 'vitest';
import type { BlockResults } from '../../../src/profile/verify/block-results.js';
import { compareResults } from '../../../src/profile/verify/compare-results.js';
import { hasPassed, rangeCheck } from '../../../src/profile/verify/verification.js';
import { decodeResults, encodeResults } from '../../../src/profile/verify/verify-job.js';
import { withoutPersonal } from '../../../src/profile/verify/without-personal.js';

const ramp = (count: number, scale = 1): Float32Array =>
  Float32Array.from({ length: count }, (_, at) => scale * (at - count / 2 + 0.5));
const expected: BlockResults = {
  logits: ramp(20),
  step: {
    loss: 1.5,
    changes: new Map([
      ['large', ramp(1000)],
      ['small', ramp(4, 1e-6)],
    ]),
  },
};
const changed = (path: string, values: Float32Array): BlockResults => ({
  ...expected,
  step: { ...expected.step!, changes: new Map([...expected.step!.changes, [path, values]]) },
});
const outcomes = (got: BlockResults): string[] =>
  compareResults('b', 'm', 'float32', got, expected).map(({ outcome }) => outcome);

describe('compareResults', () => {
  it('equal results pass, and survive the way through a message bit for bit', () => {
    expect(outcomes(expected)).toEqual(['passed', 'passed', 'passed', 'passed']);
    expect(decodeResults(encodeResults(expected))).toEqual(expected);
  });
  it('logits that are off by a thousandth fail', () =>
    expect(outcomes({ ...expected, logits: expected.logits.map((value) => value * 1.001) })[0]).toBe(
      'failed',
    ));
  it('a tensor whose gradient is wrong fails, though the others hide it in the whole', () => {
    const hidden = new Map([...expected.step!.changes, ['middle', ramp(10, 20)]]);
    const reference = { ...expected, step: { ...expected.step!, changes: hidden } };
    const got = {
      ...reference,
      step: { ...reference.step, changes: new Map([...hidden, ['middle', ramp(10, 19.6)]]) },
    };
    const found = compareResults('b', 'm', 'float32', got, reference);
    expect(found.map(({ outcome }) => outcome)).toEqual(['passed', 'passed', 'passed', 'failed']);
    expect(found[3]!.text).toContain('middle');
  });
  it('rounding of a tensor that is far smaller than the others passes', () =>
    expect(outcomes(changed('small', ramp(4, 5e-6)))).toEqual(['passed', 'passed', 'passed', 'passed']));
  it.each([
    ['of another length', new Float32Array(3)],
    ['not a number', new Float32Array(1000).fill(Number.NaN)],
  ])('a gradient %s fails', (_, values) => expect(outcomes(changed('large', values))).toContain('failed'));
  it('a loss that is NaN fails, also after a message', () => {
    const got = decodeResults(
      JSON.parse(
        JSON.stringify(encodeResults({ ...expected, step: { ...expected.step!, loss: Number.NaN } })),
      ) as ReturnType<typeof encodeResults>,
    );
    expect(outcomes(got)[1]).toBe('failed');
  });
  it('a runtime that does not train is unknown there, and passes with its forward passes', () => {
    const checks = compareResults('b', 'm', 'float32', { logits: expected.logits }, expected);
    expect(checks.map(({ outcome }) => outcome)).toEqual(['passed', 'unknown']);
    expect(hasPassed(checks)).toBe(true);
  });
});

describe('verification', () => {
  it('nothing checked is no pass', () => expect(hasPassed([])).toBe(false));
  it.each([
    [Number.NaN, 'failed'],
    [Infinity, 'failed'],
    [1, 'passed'],
    [0.99, 'failed'],
  ])('%d against at least 1 has %s', (measured, outcome) =>
    expect(rangeCheck({ group: 'timing', name: 'x', text: 't' }, measured, { low: 1 }).outcome).toBe(outcome),
  );
});

it('withoutPersonal: paths and the host go, paths of weights and versions stay', () => {
  const value = {
    a: ['ENOENT: open "/home/jane/.cache/x/y.so"', 'gradient of stage1/block1/conv/filter'],
    b: 'unknown NVIDIA GPU of janes-box, tfjs 4.22.0',
    c: 'at file:///home/jane/x.js:3 C:\\Users\\jane\\x',
    n: 3,
  };
  expect(withoutPersonal(value, 'janes-box')).toEqual({
    a: ['ENOENT: open "<path>"', 'gradient of stage1/block1/conv/filter'],
    b: 'unknown NVIDIA GPU of <host>, tfjs 4.22.0',
    c: 'at <path>:3 <path>',
    n: 3,
  });
});
