import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/open-store.js';
import { allLaunches, recordLaunch } from '../../src/store/tables/launch-table.js';
import { deviceKey, temporaryFolder } from './stored-experiment.js';

describe('recordLaunch', () => {
  it('keeps every round, and the reason of what failed', () => {
    const store = openStore(join(temporaryFolder(), 'results.sqlite'));
    const rounds = { stepMs: [1.1, 1.2], anchorMs: [1, 1.05] };
    const record = {
      batch: 16,
      deviceKey,
      networks: { a: rounds },
      control: [rounds, rounds],
      failures: { b: { status: 'crashed', reason: 'SIGABRT' } },
    } as const;
    recordLaunch(store, '2026-01-01T00:00:00.000Z', deviceKey, { a: 'aaaa', b: 'bbbb' }, record);
    expect(allLaunches(store)).toEqual([
      {
        session: '2026-01-01T00:00:00.000Z',
        deviceId: expect.any(String) as string,
        batch: 16,
        networks: { a: 'aaaa', b: 'bbbb' },
        record,
      },
    ]);
    store.close();
  });
});
