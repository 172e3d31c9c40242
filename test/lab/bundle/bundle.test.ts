/**
 * A bundle from start to end: written, run without the lab, killed and resumed, imported twice. Its curves
 * are those of the lab's own run, and its batches those of the lab, bit for bit.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BatchMaker, pixelsInMemory, scoringBatches } from '../../../src/data/batches/batch-maker.js';
import { loadDataset } from '../../../src/data/dataset-table.js';
import { importResults, readResults } from '../../../src/lab/bundle/import-results.js';
import { planBundle, writeBundle } from '../../../src/lab/bundle/write-bundle.js';
import type { Experiment } from '../../../src/lab/experiment.js';
import { loadExperiment } from '../../../src/lab/load-experiment.js';
import { planExperiment } from '../../../src/lab/plan.js';
import { defaultEstimator, estimators } from '../../../src/profile/protocol/estimators.js';
import { openStore, readExperimentResult } from '../../../src/store/open-store.js';
import { learningRateAt } from '../../../src/train/loop/learning-rate.js';
import { batchOptions } from '../../../src/train/loop/training-options.js';
import { readWeightsFile } from '../../../src/train/weights/weights-file.js';
import { seededRandom } from '../../../src/util/random.js';
import { relativeHalfWidth } from '../../../src/util/statistics/interval.js';
import { isSteady } from '../../../src/util/statistics/trend.js';
import { runPython, testPython } from '../../export/python.js';
import { temporaryFolder } from '../../store/stored-experiment.js';
import { experimentText, writeTiny } from '../tiny.js';

const main = join(import.meta.dirname, '../../../dist/cli/main.js');
const createdAt = '2026-01-02T03:04:05.000Z';

function tinyExperiment(folder: string, body = '  runtime pytorch\n'): Experiment {
  const text = experimentText(body)
    .replace('sample all', 'sample random(size: 1)')
    .replace('control: false', 'control: false, anchor: true')
    .replace('seeds {1, 2}', 'seeds {1}')
    .replace('epochs: 3', 'epochs: 30');
  return loadExperiment(writeTiny(folder, text));
}

async function bundled(folder: string): Promise<{ experiment: Experiment; bundle: string }> {
  const experiment = tinyExperiment(folder);
  const written = join(folder, 'written');
  await writeBundle(experiment, written, createdAt);
  const bundle = join(folder, 'elsewhere', 'bundle');
  mkdirSync(join(folder, 'elsewhere'));
  renameSync(written, bundle);
  return { experiment, bundle };
}

/** An environment without the lab, a Node or Python paths. */
const bare = { PATH: '/usr/bin:/bin', HOME: '/nonexistent', OMP_NUM_THREADS: '1' };

const runBundle = (bundle: string, ...args: string[]) =>
  spawnSync(testPython!, ['-W', 'error', 'run.py', ...args], {
    cwd: bundle,
    encoding: 'utf8',
    env: bare,
    timeout: 500_000,
  });

/** Rows of every table, to see that nothing has changed. */
function contents(database: string): string {
  const store = openStore(database);
  try {
    const tables = store.sqlite
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .pluck()
      .all() as string[];
    return JSON.stringify(tables.map((name) => [name, store.sqlite.prepare(`SELECT * FROM ${name}`).all()]));
  } finally {
    store.close();
  }
}

function imported(database: string, file: string) {
  const store = openStore(database);
  try {
    return importResults(store, readResults(file), file);
  } finally {
    store.close();
  }
}

/** The two sum logarithms in another order. */
const rounded = (value: number): number => Number(value.toPrecision(12));

function curves(database: string) {
  const store = openStore(database, { readonly: true });
  try {
    return readExperimentResult(store).candidates.map(({ layout, scores }) => ({
      layout,
      scores: scores.map(({ seed, top1, loss, curve }) => ({
        ...{ seed, top1, loss: rounded(loss!) },
        curve: curve.map(({ epoch, trainLoss, validationLoss, gradientNorm, learningRate }) =>
          [epoch, trainLoss, validationLoss, gradientNorm, learningRate].map(rounded),
        ),
      })),
    }));
  } finally {
    store.close();
  }
}

describe('planBundle(experiment)', () => {
  const problemOf = (body: string, change = (text: string) => text): string => {
    const folder = temporaryFolder();
    const experiment = loadExperiment(writeTiny(folder, change(experimentText(body))));
    try {
      planBundle(experiment, createdAt);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('names the runtime that a bundle needs', () => {
    expect(problemOf('')).toBe('tiny: the runtime of a bundle must be pytorch, got auto');
  });

  it('names every setting that a bundle cannot hold', () => {
    expect(problemOf('  runtime pytorch(ranks: 2)\n  zero-cost measures(of: snip)\n')).toMatch(
      /these need: zero-cost; pytorch\(ranks\)$/,
    );
    const recipe = (text: string): string =>
      text.replace('batch: 16', 'batch: 16, randaugment: 2, erase: 0.2');
    expect(problemOf('  runtime pytorch\n', recipe)).toMatch(/these need: randaugment; erase$/);
    expect(problemOf('  runtime pytorch\n  stopping halving(reduction: 2, first: 1)\n')).toMatch(
      /these need: stopping$/,
    );
    expect(problemOf('  runtime pytorch\n  fidelities {fidelity(data: 0.5)}\n')).toMatch(
      /fraction of the training/,
    );
  });

  it('has the jobs of the lab’s own run, by the same ids', () => {
    const experiment = tinyExperiment(temporaryFolder());
    const { jobs } = planBundle(experiment, createdAt);
    expect(jobs.map(({ job }) => job.id)).toEqual(planExperiment(experiment, '').jobs.map(({ id }) => id));
  });
});

describe.skipIf(!testPython)('the Python of a bundle', () => {
  it('draws numbers and makes batches bit for bit as the lab does', async () => {
    const { experiment, bundle } = await bundled(temporaryFolder());
    const { dataset, recipe } = experiment.train!;
    const job = planExperiment(experiment, '').jobs.find(({ kind }) => kind === 'train')!;
    const random = seededRandom(5);
    const times = [9, 25, 60].map((count) =>
      Array.from({ length: count }, (_, index) => 10 + 0.02 * random.normal() + 0.001 * index),
    );
    const script = join(import.meta.dirname, 'check_batches.py');
    const found = JSON.parse(runPython([script, bundle, job.id, JSON.stringify(times)])) as Record<
      string,
      unknown[]
    >;
    const stream = seededRandom('a stream').fork('drawn');
    expect(found['integers']).toEqual([1, 2, 3, 10, 1000, 2 ** 31, 2 ** 32].map((b) => stream.integer(b)));
    expect(found['uniform']).toEqual([0, 0, 0].map(() => stream.next()));
    [0, 0, 0].forEach((_, i) => expect(found['normal']![i]).toBeCloseTo(stream.normal(), 14));
    const data = await loadDataset({ ...dataset, baseFolder: experiment.baseFolder });
    const digest = (values: Float32Array): string =>
      createHash('sha256')
        .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
        .digest('hex');
    const expected = [
      {},
      { mixup: 0.8 },
      { cutmix: 1 },
      { mixup: 0.3, cutmix: 0.7 },
      { flip: false, crop: 0 },
    ].flatMap((options) => {
      const maker = new BatchMaker(data.train, data, { ...batchOptions(recipe, job.replicate), ...options });
      const places = [
        [1, 0],
        [1, 2],
        [4, 1],
      ] as const;
      return places.map(([epoch, index]) => {
        const { pixels, labels, mixed } = maker.make(epoch, index, pixelsInMemory(data.train));
        return [digest(pixels), [...labels], mixed ? expect.closeTo(mixed.share, 12) : null];
      });
    });
    expect(found['batches']).toEqual(expected);
    const scored: string[] = [];
    for await (const { pixels, count } of scoringBatches(data.validation, data, 8)) {
      const padded = new Float32Array((8 * pixels.length) / count);
      padded.set(pixels);
      scored.push(digest(padded));
    }
    expect(found['scoring']).toEqual(scored);
    expect(found['rates']).toEqual(
      Array.from({ length: 9 }, (_, step) => expect.closeTo(learningRateAt(step, 9, recipe), 12)),
    );
    expect(found['deciles']).toEqual(
      times.map((samplesMs) => {
        const estimate = estimators[defaultEstimator]({ samplesMs });
        return [expect.closeTo(estimate.value, 9), expect.closeTo(relativeHalfWidth(estimate), 7)];
      }),
    );
    expect(found['steady']).toEqual(times.map((each) => isSteady(each)));
  });

  it('runs without the lab, resumes after a kill, and is imported once', async () => {
    const folder = temporaryFolder();
    const { experiment, bundle } = await bundled(folder);
    const file = join(bundle, 'results.jsonl');
    const child = spawn(testPython!, ['run.py'], { cwd: bundle, env: bare, stdio: 'ignore' });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const work = join(bundle, 'work');
    const hasTrained = (): boolean =>
      existsSync(work) && readdirSync(work).some((name) => name.endsWith('.checkpoint'));
    for (let tries = 0; !hasTrained() && child.exitCode === null && tries < 20_000; tries++) await sleep(20);
    expect(child.exitCode).toBe(null);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    writeFileSync(file, '{"sha256":"0', { flag: 'a' }); // as a kill within a write leaves it
    expect(runBundle(bundle, '--list').stderr).toBe('');

    const resumed = runBundle(bundle);
    expect(resumed.stderr).toBe('');
    expect(resumed.status).toBe(0);
    expect(resumed.stdout).toMatch(/removed an incomplete last record of 12 bytes/);
    expect(resumed.stdout).toMatch(/resumed after epoch \d+/);
    expect(resumed.stdout).toMatch(/2 of 2 jobs done/);

    const database = join(folder, 'imported', 'results.sqlite');
    mkdirSync(join(folder, 'imported'));
    const profiled = join(folder, 'profiled.jsonl');
    writeFileSync(profiled, `${readFileSync(file, 'utf8').split('\n').slice(0, 3).join('\n')}\n`);
    expect(imported(database, profiled)).toMatchObject({ added: 1, known: 0, missing: 1 });
    expect(imported(database, file)).toMatchObject({ added: 1, known: 1, missing: 0 });
    const once = contents(database);
    expect(imported(database, file)).toMatchObject({ added: 0, known: 2, missing: 0 });
    expect(contents(database)).toBe(once);

    const own = join(folder, 'own', 'results.sqlite');
    const env = { ...process.env, STAGECRAFT_PYTHON: testPython };
    const ownRun = [main, 'run', join(folder, 'tiny.experiment'), '--db', own, '--json'];
    const run = spawnSync(process.execPath, ownRun, {
      encoding: 'utf8',
      env,
    });
    expect(JSON.parse(run.stdout)).toMatchObject({ failed: 0 });
    const [taken, reference] = [curves(database), curves(own)];
    expect(taken).toEqual(reference);
    const [left, right] = [database, own].map((each) => {
      const store = openStore(each, { readonly: true });
      const result = readExperimentResult(store, experiment.id);
      store.close();
      return result;
    });
    expect(left!.device.key).toEqual(right!.device.key);
    expect(left!.candidates[0]!.profiles.map(({ batch }) => batch)).toEqual(
      right!.candidates[0]!.profiles.map(({ batch }) => batch),
    );
    const { weightsFile } = left!.candidates[0]!.scores[0]!;
    const weights = readWeightsFile(join(folder, 'imported', weightsFile!));
    const same = readWeightsFile(join(folder, 'own', right!.candidates[0]!.scores[0]!.weightsFile!));
    expect(weights.weights).toEqual(same.weights);

    const report = spawnSync(process.execPath, [main, 'report', database, '--out', join(folder, 'page')], {
      encoding: 'utf8',
    });
    expect(report.stderr).toBe('');
    expect(existsSync(join(folder, 'page', 'index.html'))).toBe(true);

    refusals(folder, file, database);
  });
});

/** Damaged result files are refused and change nothing. */
function refusals(folder: string, file: string, database: string): void {
  const text = readFileSync(file, 'utf8');
  const lines = text.slice(0, -1).split('\n');
  const before = contents(database);
  const lineOf = (record: object): string => {
    const json = JSON.stringify(record);
    return `{"sha256":"${createHash('sha256').update(json).digest('hex')}","record":${json}}\n`;
  };
  const head = (JSON.parse(lines[0]!) as { record: { plan: string } }).record;
  const plan = JSON.parse(head.plan) as { version: number; jobs: { id: string }[] };
  const withPlan = (changed: object): string => lineOf({ ...head, plan: JSON.stringify(changed) });
  const damaged: readonly (readonly [string, string, RegExp])[] = [
    ['cut within a record', text.slice(0, -20), /must end in a whole record, got one that is cut/],
    ['cut to an empty file', '', /must end in a whole record/],
    ['doubled record', `${text}${lines.at(-1)}\n`, /a record must stand once, got that of line \d+ again/],
    ['doubled file', text + text, /a record must stand once/],
    ['missing record', [...lines.slice(0, 2), ...lines.slice(3), ''].join('\n'), /must follow the one/],
    ['changed number', text.replace(/"steps":\d+/, '"steps":1'), /must be as it was written/],
    ['no result file', 'hello\n', /must be as it was written/],
    ['newer file', lineOf({ ...head, version: 2 }), /version must be 1, got 2/],
    ['newer plan', withPlan({ ...plan, version: 9 }), /plan: version must be 1, got 9/],
    ['other file of this form', lineOf({ kind: 'other', previous: '' }), /must be the plan of a bundle/],
    [
      'foreign job',
      withPlan({ ...plan, jobs: plan.jobs.map((job) => ({ ...job, replicate: 77 })) }),
      /the id of a job must be/,
    ],
  ];
  for (const [name, content, message] of damaged) {
    const path = join(folder, 'damaged.jsonl');
    writeFileSync(path, content);
    expect(() => imported(database, path), name).toThrow(message);
    expect(contents(database), name).toBe(before);
  }
}
