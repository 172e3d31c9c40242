/** Exhausted memory on the real engine: a row with its reason, and the next batch in a fresh child. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { profileInChild } from '../../../src/profile/candidate/run-profile.js';
import { locateEngine } from '../../../src/setup/engine/locate-engine.js';
import { loadSpace } from '../../../src/space/load.js';

const root = resolve(import.meta.dirname, '../../..');

describe.skipIf(!locateEngine() || !existsSync('/usr/bin/prlimit'))('a child with a limit on memory', () => {
  it('a batch that does not fit is out-of-memory with its reason; the others are measured', async () => {
    const { batches } = await profileInChild(
      {
        architecture: loadSpace(join(root, 'search-spaces/reference/resnet18.space')).unrank(0n),
        runtime: 'tensorflow',
        execution: 'compiled',
        batches: [1, 128, 2],
        threads: 2,
        launch: 1,
        protocol: {
          warmupMs: 20,
          warmupCapMs: 60,
          minBlockMs: 2,
          halfWidth: 0.5,
          capMs: 60,
          latencySamples: 2,
        },
      },
      {
        entry: join(import.meta.dirname, 'limited-profile-child.mjs'),
        environment: { ROOM_BYTES: String(500e6) },
      },
    );
    expect(batches.map(({ batch, stepMs }) => [batch, stepMs !== undefined])).toEqual([
      [1, true],
      [128, false],
      [2, true],
    ]);
    expect(batches[1]).toMatchObject({ status: 'out-of-memory' });
    expect(batches[1]!.reason).toMatch(/OOM|memory|alloc/i);
  });
});
