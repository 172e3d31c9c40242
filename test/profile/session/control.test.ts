import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { controlText, measureControl } from '../../../src/profile/session/control.js';
import { seededRandom } from '../../../src/util/random.js';

describe('measureControl', () => {
  it('runs the anchor against itself over four launches and says what came out', async () => {
    const verdict = await measureControl(
      {
        runtime: 'tensorflow',
        execution: 'compiled',
        threads: 1,
        batch: 4,
        protocol: {
          warmupMs: 1,
          warmupCapMs: 5,
          minBlockMs: 1,
          halfWidth: 0.05,
          capMs: 20,
          latencySamples: 0,
        },
      },
      seededRandom(1),
      { entry: resolve(import.meta.dirname, '../../runtime/child/fake-session-child.mjs') },
    );
    expect(verdict).toMatchObject({
      batch: 4,
      launches: 4,
      pairs: [],
      ratios: [],
      control: { noiseFloor: 0.02 },
    });
    expect(verdict.void).toBe(verdict.control.verdict !== 'SAME');
  });
});

describe('controlText', () => {
  const control = (verdict: 'SAME' | 'AMBIGUOUS', low: number, high: number) => ({
    control: { verdict, ratio: { value: 1, low, high, samples: 24 }, p: 1, noiseFloor: 0.02 },
  });
  it('says VOID for everything but SAME', () => {
    expect(controlText(control('SAME', 0.996, 1.006))).toBe('SAME (-0.4 % to +0.6 %)');
    expect(controlText(control('AMBIGUOUS', 0.982, 1.031))).toBe('VOID: AMBIGUOUS (-1.8 % to +3.1 %)');
  });
});
