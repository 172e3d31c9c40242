/** What `check` and `run --dry-run` say of an experiment before it runs: data, time, what is stored. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadExperiment } from '../../../src/lab/load-experiment.js';
import { planExperiment } from '../../../src/lab/plan.js';
import { openStore } from '../../../src/store/open-store.js';
import {
  recordExperiment,
  recordProfile,
  recordSession,
  recordTraining,
} from '../../../src/store/record-results.js';
import { writeDigits } from '../../lab/tiny.js';
import {
  batchProfile,
  deviceKey,
  profileResult,
  temporaryFolder,
  trainResult,
} from '../../store/stored-experiment.js';
import { inProcess } from '../in-process.js';
import { jsonLines } from '../run-cli.js';

const spaceText = `space tiny
  input 8x8x1
  classes 3
  block C = fused-mbconv(expand: 1, kernel: 3)
  block T = transformer(head-dim: 4, mlp: 1)
  stem conv(width: 4, layers: 1, stride: 1)
  stage 1  width 8  CC | CT
  head pool-linear
`;
const experimentText = (name: string, epochs: number, batches = '{1, 2}'): string => `experiment ${name}
  space tiny.space
  sample all
  profile throughput(batches: ${batches}, launches: 1, control: false)
  data idx(folder: digits)
  train adamw(epochs: ${epochs}, batch: 16) seeds {1}
`;

let folder: string;
const fileOf = (name: string): string => join(folder, `${name}.experiment`);
const write = (name: string, epochs: number, batches?: string): void =>
  writeFileSync(fileOf(name), experimentText(name, epochs, batches));
const databaseOf = (name: string): string => join(folder, 'reports', name, 'results.sqlite');

/** As a run leaves it: both profiles, one training, and one that crashed. */
function storeResults(name: string): void {
  const plan = planExperiment(loadExperiment(fileOf(name)), '2026-01-01T00:00:00.000Z');
  mkdirSync(join(folder, 'reports', name), { recursive: true });
  const store = openStore(databaseOf(name));
  recordExperiment(store, plan.experiment, plan.architectures, plan.trials);
  const { sessionId } = recordSession(store, plan.experiment.id, deviceKey, {});
  const [first, second, ...trainings] = plan.jobs.map(({ id }) => ({ trialId: id, sessionId }));
  for (const trial of [first!, second!])
    recordProfile(store, trial, profileResult(batchProfile(1, 1), batchProfile(2, 2)));
  recordTraining(store, trainings[0]!, trainResult(0.5, { seconds: 12, steps: 6 }));
  recordTraining(
    store,
    trainings[1]!,
    trainResult(0.5, { status: 'crashed', reason: 'the process ended with SIGKILL' }),
  );
  store.close();
}

beforeEach(() => {
  folder = temporaryFolder();
  writeFileSync(join(folder, 'tiny.space'), spaceText);
  writeDigits(join(folder, 'digits'));
  write('tiny', 1);
});

describe('check of an experiment', () => {
  it('opens the data: its folder, images, size and classes', async () => {
    const { code, out } = await inProcess(['check', fileOf('tiny'), '--db', databaseOf('tiny')]);
    expect(code).toBe(0);
    expect(out).toMatch(
      new RegExp(
        `data: idx in ${join(folder, 'digits')}, \\d+ training and \\d+ validation images of 8×8×1, 3 classes`,
      ),
    );
    expect(out).toContain('4 jobs: 4 to do');
    expect(out).toContain('time: unknown, nothing like it is measured yet; run a copy with');
  });

  it('a folder that is missing is an error that names file and folder; --no-data leaves it', async () => {
    writeFileSync(fileOf('tiny'), experimentText('tiny', 1).replace('digits', 'elsewhere'));
    const { code, err } = await inProcess(['check', fileOf('tiny'), '--db', databaseOf('tiny')]);
    expect(code).toBe(2);
    expect(err).toContain(`${fileOf('tiny')}: data: ${join(folder, 'elsewhere')}`);
    const without = await inProcess(['check', fileOf('tiny'), '--no-data', '--db', databaseOf('tiny')]);
    expect(without.code).toBe(0);
    expect(without.out).not.toContain('data:');
  });

  it('says the time from equal settings, else scaled from others beside it', async () => {
    storeResults('tiny');
    const own = await inProcess(['check', fileOf('tiny'), '--db', databaseOf('tiny')]);
    expect(own.out).toContain('4 jobs: 0 to do, 1 failed (--retry-failed runs it again), 3 stored');
    expect(own.out).toContain('time: nothing is left to do');
    write('longer', 30);
    const scaled = await inProcess(['check', fileOf('longer'), '--db', databaseOf('longer')]);
    // Profiles are equal. A training: 12 s for 6 steps of 16 images; here 30 epochs of all images.
    const images = Number(/idx in .*, (\d+) training/.exec(scaled.out)![1]);
    expect(scaled.out).toMatch(/from 2 profiles and 1 trainings? of other settings in .*tiny.*, scaled by/);
    const seconds = 60 * Number(/time: about (\d+) min/.exec(scaled.out)![1]);
    const training = (12 / (6 * 16)) * 30 * images;
    expect(seconds).toBeGreaterThan(1.2 * training);
    expect(seconds).toBeLessThan(3 * training);
  });
});

describe('run --dry-run', () => {
  it('says of every job whether it is stored, failed or to do', async () => {
    storeResults('tiny');
    const { out } = await inProcess(['run', fileOf('tiny'), '--dry-run', '--db', databaseOf('tiny')]);
    expect(out.match(/ stored$/gm)).toHaveLength(3);
    expect(out).toMatch(/train .* failed: crashed: the process ended with SIGKILL$/m);
    expect(out).toContain('4 jobs: 0 to do, 1 failed (--retry-failed runs it again), 3 stored into');
  });
  it('with --retry-failed lists what is to do, and its time', async () => {
    storeResults('tiny');
    const args = ['run', fileOf('tiny'), '--dry-run', '--retry-failed', '--db', databaseOf('tiny')];
    const { out } = await inProcess(args);
    expect(out).not.toMatch(/ stored$/m);
    expect(out).toMatch(/^1 +train .* failed: crashed/m);
    expect(out).toContain('4 jobs: 1 to do, 1 of them failed before, 3 stored into');
    expect(out).toContain('time: about 12 s, from 1 training in');
    const [job, ...more] = jsonLines((await inProcess([...args, '--json'])).out);
    expect(more).toEqual([]);
    expect(job).toMatchObject({ kind: 'train', seed: 1, state: 'failed' });
  });
});
