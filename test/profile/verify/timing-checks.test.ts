import { expect, it } from 'vitest';
import { underLoad } from '../../../src/profile/verify/timing-checks.js';
import { type Check, rangeCheck } from '../../../src/profile/verify/verification.js';

const scales = (measured: number): Check =>
  rangeCheck({ group: 'timing', name: 'time scales with depth', text: 'times' }, measured, {
    low: 1.5,
    high: 8,
  });
const twin = (outcome: Check['outcome']): Check => ({
  ...{ group: 'timing', name: 'equal networks take equal times', text: 'a ratio', outcome },
});
const outcomes = (...checks: Check[]): string[] => underLoad(checks).map(({ outcome }) => outcome);

it('underLoad: what takes too long is unknown beside other load; what takes too short is a fault', () => {
  expect(outcomes(scales(20), twin('unknown'))).toEqual(['unknown', 'unknown']);
  expect(outcomes(scales(20), twin('passed'))).toEqual(['failed', 'passed']);
  expect(outcomes(scales(1), twin('unknown'))).toEqual(['failed', 'unknown']);
  expect(outcomes(scales(4), twin('unknown'))).toEqual(['passed', 'unknown']);
});
