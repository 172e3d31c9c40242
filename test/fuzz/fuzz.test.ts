/**
 * The fuzz run, 40,000 inputs in five processes whose memory is looked at; `npm run fuzz` takes 100,000 in
 * one. Random large spaces, whose automata would be too much work.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

describe('large-spaces.mjs', () => {
  it('40 random large spaces are spaces or diagnostics, each within 3 s of processor time beside other tests', () => {
    const script = join(import.meta.dirname, 'large-spaces.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script, '--runs', '40', '--seconds', '3'], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

describe('fuzz.mjs', () => {
  it.each([0, 8_000, 16_000, 24_000, 32_000])(
    '8,000 inputs from %i end in a space or in a diagnostic, without a crash, in bounded time and under 256 MB',
    (offset) => {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [
          '--max-old-space-size=144',
          join(import.meta.dirname, 'fuzz.mjs'),
          '--runs',
          '8000',
          '--offset',
          String(offset),
        ],
        { encoding: 'utf8' },
      );
      expect(stderr).toBe('');
      expect(status).toBe(0);
      const { runs, spaces, diagnosed, peakMegabytes } = JSON.parse(stdout) as Record<string, number>;
      expect(runs).toBe(8_000);
      expect(Math.min(spaces!, diagnosed!)).toBeGreaterThan(200);
      expect(peakMegabytes).toBeLessThan(256);
    },
    300_000,
  );
});
