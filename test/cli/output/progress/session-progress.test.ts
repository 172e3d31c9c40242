import { describe, expect, it } from 'vitest';
import { jobText, profileText } from '../../../../src/cli/output/progress/job-text.js';
import { sessionLine } from '../../../../src/cli/output/progress/session-progress.js';
import type { Job } from '../../../../src/lab/job.js';
import type { SessionResult } from '../../../../src/profile/session/run-session.js';

const interval = { value: 1.2, low: 1.188, high: 1.212, samples: 24 };
const verdict = {
  ratios: [{ name: 'CC-CT', ratio: interval, stepMs: 3 }],
  pairs: [{ comparison: { verdict: 'FASTER' } }, { comparison: { verdict: 'NOT TOLD APART' } }],
} as unknown as SessionResult['verdict'];

describe('jobText', () => {
  it('names a network by its layout, a copy of the anchor by what it is', () => {
    const job = { id: 'a', kind: 'profile', layout: 'CC-CT', replicate: 2 } as unknown as Job;
    expect(jobText(job)).toBe('CC-CT launch 2');
    expect(jobText({ ...job, anchorCopy: 1 })).toBe('anchor network 1 launch 2');
  });
});

describe('sessionLine', () => {
  const state = {
    batch: 16,
    phase: 'measure',
    name: 'CC-CT',
    round: 3,
    rounds: 8,
    launches: 3,
    aim: 0.01,
    machine: { cpuMHz: 2100, cpuCelsius: 61 },
  };
  it('says who is timed, samples, width against its aim, pairs, clock, temperature and time left', () => {
    expect(sessionLine({ ...state, verdict, secondsLeft: 80 })).toBe(
      'batch 16, launch 4: CC-CT measure 3/8, 24 samples ±1.0 % (aim 1.0 %), 1 of 2 pairs decided, 2100 MHz, 61 °C, at most 1 min 20 s left',
    );
  });
  it('leaves out what is not known yet', () => {
    expect(
      sessionLine({
        ...state,
        phase: 'load',
        round: 0,
        launches: 0,
        verdict: undefined,
        machine: {},
        secondsLeft: undefined,
      }),
    ).toBe('batch 16, launch 1: CC-CT load');
  });
});

describe('profileText', () => {
  it('says samples, half-width against its aim, clock and throttling', () => {
    expect(
      profileText({
        batch: 16,
        phase: 'measure',
        samples: 12,
        halfWidth: 0.008,
        aim: 0.005,
        machine: { gpuMHz: 1350, gpuCelsius: 83, gpuThrottled: 'yes' },
      }),
    ).toBe('batch 16 measure, 12 samples ±0.8 % (aim 0.5 %), 1350 MHz, 83 °C, throttled');
    expect(profileText({ batch: 1, phase: 'build', samples: 0, aim: 0.005 })).toBe('batch 1 build');
  });
});
