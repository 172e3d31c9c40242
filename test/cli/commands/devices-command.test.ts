/** `devices`: fronts of two devices in one database and in two. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { recordProfile, recordSession, recordTraining } from '../../../src/store/record-results.js';
import {
  batchProfile,
  deviceKey,
  experiment,
  filled,
  profileResult,
  temporaryFolder,
  trainResult,
} from '../../store/stored-experiment.js';
import { stagecraft } from '../run-cli.js';

const other = { ...deviceKey, device: 'other cpu' };

/** a0 is faster here and a1 there; a1 scores higher. */
function written(
  file: string,
  steps: Readonly<Record<string, number>>,
  there?: Readonly<Record<string, number>>,
): void {
  const { store, sessionId } = filled(file);
  for (const [id, step] of Object.entries(steps))
    recordProfile(store, { trialId: `profile-${id}-1`, sessionId }, profileResult(batchProfile(1, step)));
  recordTraining(store, { trialId: 'train-a0-1', sessionId }, trainResult(0.5));
  recordTraining(store, { trialId: 'train-a1-1', sessionId }, trainResult(0.7));
  if (there) {
    const next = recordSession(store, experiment.id, other, { host: 'there' });
    for (const [id, step] of Object.entries(there))
      recordProfile(
        store,
        { trialId: `profile-${id}-1`, sessionId: next.sessionId },
        { ...profileResult(batchProfile(1, step)), deviceKey: other },
      );
  }
  store.close();
}

it('names the networks on the front of every device of a database, and the regret of the others', () => {
  const file = join(temporaryFolder(), 'r.sqlite');
  written(file, { a0: 2, a1: 3 }, { a0: 5, a1: 4 });
  const { code, out, err } = stagecraft(['devices', file, '--cost', 'latency@1', '--json']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const { cost, devices, networks } = JSON.parse(out) as {
    cost: string;
    devices: string[];
    networks: { id: string; isRobust: boolean; onFront: boolean[]; regret: number[] }[];
  };
  expect(cost).toBe('latency@1');
  expect(devices.map((name) => name.replace(/ \(.*/, ''))).toEqual(['other cpu', 'test cpu']);
  expect(networks).toMatchObject([
    { id: 'a1', isRobust: true, onFront: [true, true], regret: [0, 0] },
    { id: 'a0', isRobust: false, onFront: [false, true] },
  ]);
  expect(networks[1]!.regret[0]).toBeCloseTo(0.2, 6);
  const text = stagecraft(['devices', file, '--cost', 'latency@1']).out;
  expect(text).toContain('1 of 2 networks are on the front of every device');
});

it('reads the databases of several machines, and asks for a measured cost', () => {
  const folder = temporaryFolder();
  const [here, there] = [join(folder, 'here.sqlite'), join(folder, 'there.sqlite')];
  written(here, { a0: 2, a1: 3 });
  written(there, { a0: 4, a1: 5 });
  const { out } = stagecraft(['devices', here, there, '--cost', 'latency@1']);
  expect(out).toContain('2 of 2 networks are on the front of every device');
  const { code, err } = stagecraft(['devices', here, '--cost', 'params']);
  expect(code).toBe(2);
  expect(err).toContain('devices: the cost must be measured, got "params"');
});
