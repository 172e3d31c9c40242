import { expect, it } from 'vitest';
import { rankFailure } from '../../../src/runtime/python-worker/rank-failure.js';

const summary = (rank: number, code: number): string => `
============================================================
/lab/worker.py FAILED
------------------------------------------------------------
Failures:
  <NO_OTHER_FAILURES>
------------------------------------------------------------
Root Cause (first observed failure):
[0]:
  time      : 2026-01-01_00:00:00
  host      : here
  rank      : ${rank} (local_rank: ${rank})
  exitcode  : ${code} (pid: 1234)
  error_file: <N/A>
  traceback : Signal 9 (SIGKILL) received by PID 1234
============================================================
`;

it('rankFailure: the rank, its signal or exit code, and its last words', () => {
  expect(rankFailure(summary(1, -9))).toEqual({
    ...{ rank: 1, signal: 'SIGKILL', message: 'rank 1 was ended by SIGKILL' },
  });
  const said = `rank 2: first\nrank 2: no such device\nrank 0: other\n${summary(2, 1)}`;
  expect(rankFailure(said)).toEqual({
    ...{ rank: 2, signal: undefined, message: 'rank 2 ended with exit code 1: no such device' },
  });
  expect(rankFailure('Traceback: something else')).toBeUndefined();
});
