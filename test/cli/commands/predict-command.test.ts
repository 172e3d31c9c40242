/** `predict` on a database of made-up times, whose truth is known. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Architecture } from '../../../src/architecture/architecture.js';
import type { Symmetry } from '../../../src/architecture/layout.js';
import type { DeviceKey } from '../../../src/runtime/runtime.js';
import { openStore } from '../../../src/store/open-store.js';
import { recordExperiment, recordProfile, recordSession } from '../../../src/store/record-results.js';
import { insertArchitecture } from '../../../src/store/tables/architecture-table.js';
import { recordLaunch } from '../../../src/store/tables/launch-table.js';
import {
  batchProfile,
  deviceKey,
  experiment,
  profileResult,
  temporaryFolder,
} from '../../store/stored-experiment.js';
import { jsonLines, stagecraft } from '../run-cli.js';

const space = 'search-spaces/ascan-cpu.space';
interface Member {
  id: string;
  layout: string;
  symmetry: Symmetry;
  params: number;
  macs: number;
  activationBytes: number;
  architecture: Architecture;
}
const letterMs: Readonly<Record<string, number>> = { C: 0.3, T: 0.7, '-': 0 };
const truth = ({ layout }: Pick<Member, 'layout'>): number =>
  [...layout].reduce((sum, letter) => sum + letterMs[letter]!, 1);
const row = ({ id, layout, symmetry, params, macs, activationBytes, architecture }: Member) => ({
  id,
  layout,
  symmetry: symmetry === 'asymmetric' ? ('asymmetric' as const) : ('symmetric' as const),
  params,
  macs,
  activation_bytes: activationBytes,
  text: JSON.stringify(architecture),
});

function filled(members: readonly Member[], key: DeviceKey = deviceKey): string {
  const file = join(temporaryFolder(), 'results.sqlite');
  const store = openStore(file);
  recordExperiment(
    store,
    experiment,
    members.map(row),
    members.map(({ id }) => ({
      id: `profile-${id}`,
      job: 'profile' as const,
      architecture_id: id,
      replicate: 1,
      settings: '{}',
    })),
  );
  const { sessionId } = recordSession(store, experiment.id, key, {});
  for (const member of members)
    recordProfile(
      store,
      { trialId: `profile-${member.id}`, sessionId },
      { ...profileResult(batchProfile(16, truth(member))), deviceKey: key },
    );
  store.close();
  return file;
}

describe('predict', () => {
  const all = jsonLines(stagecraft(['list', space, '--json', '-n', '125']).out) as unknown as Member[];
  const seen = all.filter((_, index) => index % 4 === 0);

  it('gives every member a time and says of each whether it was measured; a measured row wins', () => {
    const { code, out, err } = stagecraft(['predict', space, '--db', filled(seen), '--json']);
    expect(code).toBe(0);
    const rows = jsonLines(out) as unknown as {
      id: string;
      stepMs: { value: number; low: number; high: number };
      source: string;
    }[];
    expect(rows).toHaveLength(125);
    expect(
      rows
        .filter(({ source }) => source === 'measured')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(seen.map(({ id }) => id).sort());
    for (const { id, stepMs, source } of rows) {
      const expected = truth(all.find((member) => member.id === id)!);
      if (source === 'measured') expect(stepMs.value).toBe(expected);
      else expect(Math.abs(stepMs.value / expected - 1)).toBeLessThan(0.1);
      expect(stepMs.low).toBeLessThanOrEqual(stepMs.value);
    }
    expect(err).toContain(`fitted to ${seen.length} measured networks`);
  });

  it('lists the fastest, each with its source', () => {
    const { out } = stagecraft(['predict', space, '--db', filled(seen), '--fastest', '5']);
    expect(out.split('\n')).toHaveLength(10);
    expect(out).toMatch(/C-CCCC-CCCC-CCCC\s+\S+\s+[\d.]+\s+[\d.]+\s+[\d.]+\s+measured/);
    expect(out).toContain('predicted');
  });

  it('--sample takes so many instead of all', () => {
    expect(
      jsonLines(stagecraft(['predict', space, '--db', filled(seen), '--sample', '7', '--json']).out),
    ).toHaveLength(7);
  });

  it('takes the ratios of interleaved sessions as measured, too', () => {
    const file = join(temporaryFolder(), 'results.sqlite');
    const store = openStore(file);
    for (const member of seen) insertArchitecture(store, row(member));
    const anchorMs = [2, 2.02, 1.98, 2];
    const control = { stepMs: anchorMs, anchorMs };
    const networks = Object.fromEntries(
      seen.map((member) => [
        member.layout,
        { anchorMs, stepMs: anchorMs.map((ms) => (ms * truth(member)) / 2) },
      ]),
    );
    for (let launch = 0; launch < 3; launch++)
      recordLaunch(store, 'now', deviceKey, Object.fromEntries(seen.map(({ layout, id }) => [layout, id])), {
        batch: 16,
        deviceKey,
        networks,
        control: [control, control],
        failures: {},
      });
    store.close();
    const rows = jsonLines(stagecraft(['predict', space, '--db', file, '--json']).out) as unknown as {
      layout: string;
      stepMs: { value: number };
      source: string;
    }[];
    const measured = rows.filter(({ source }) => source === 'measured');
    expect(measured).toHaveLength(seen.length);
    // times the anchor's lower decile, 1.98 ms, as times of profiles are
    for (const { layout, stepMs } of measured)
      expect(stepMs.value).toBeCloseTo((1.98 / 2) * truth({ layout }), 1);
  });

  it('refuses another device key, and a batch size that was not measured', () => {
    const file = filled(seen);
    expect(stagecraft(['predict', space, '--db', file, '--device', 'ffff'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('no network was measured on device "ffff"') as string,
    });
    expect(stagecraft(['predict', space, '--db', file, '-b', '64'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('measured networks at batch 64 are needed, got none') as string,
    });
  });
});
