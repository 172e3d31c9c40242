/** Training children on a model without an engine: ends, interruptions and resumption. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Architecture } from '../../src/architecture/architecture.js';
import { completeRecipe } from '../../src/train/recipe/recipe-table.js';
import { type TrainHooks, trainInChild } from '../../src/train/run-train.js';
import type { TrainRequest } from '../../src/train/train-request.js';
import type { EpochRow } from '../../src/train/train-result.js';
import { InterruptedError } from '../../src/util/errors.js';
import { temporaryFolder } from '../data/temporary-files.js';
import { putQuarters, quarters } from './small-data.js';

const folder = await temporaryFolder();
await putQuarters(folder, quarters(64, 6, 1, 1), quarters(37, 6, 1, 2));
const entry = resolve(import.meta.dirname, '../runtime/child/fake-train-child.mjs');
let trials = 0;
const request = (more: Partial<TrainRequest> = {}): TrainRequest => ({
  architecture: {
    input: { height: 6, width: 6, channels: 1 },
    classes: 4,
    stem: { type: 'conv', params: {} },
    head: { type: 'pool-linear', params: {} },
  } as unknown as Architecture,
  dataset: { name: 'idx', args: { folder: '.', 'validate-on': 'test' }, baseFolder: folder },
  recipe: completeRecipe('sgd', { epochs: 5, batch: 16, 'learning-rate': 0.1, 'label-smoothing': 0 }),
  runtime: 'tensorflow',
  execution: 'compiled',
  threads: 1,
  seed: 1,
  checkpointFile: join(folder, 'work', `${trials++}.safetensors`),
  ...more,
});
const run = (asked: TrainRequest, faults: Record<string, string> = {}, more: TrainHooks = {}) =>
  trainInChild(asked, {
    entry,
    ...more,
    environment: { FAKE_TRAINS: '1', FAULTS: JSON.stringify(faults), ...more.environment },
  });
const curve = (rows: readonly EpochRow[]) =>
  rows.map(({ seconds: _, imagesPerSecond: __, dataShare: ___, peakBytes: ____, ...row }) => row);

describe('trainInChild', () => {
  it('trains to its end with the last epoch as the score', async () => {
    const rows: EpochRow[] = [];
    const result = await run(request(), {}, { onEpoch: (row) => rows.push(row) });
    expect(result).toMatchObject({
      status: 'ok',
      reason: '',
      steps: 20,
      resumedFromEpoch: 0,
      validationCount: 37,
    });
    expect(result.epochs).toEqual(rows);
    expect(result.validationTop1).toBe(rows.at(-1)!.validationTop1);
    expect(result.datasetHash).toMatch(/^[0-9a-f]{64}$/);
    expect(result.deviceKey.device).toBe('fake');
  });

  it.each([
    ['abort', 'crashed', 'SIGABRT'],
    ['exhausted', 'out-of-memory', 'OOM when allocating'],
    ['throw', 'failed', 'made to fail'],
    ['bad-alloc', 'out-of-memory', 'bad_alloc'],
    ['hang', 'timed-out', 'no sign of life'],
  ])('%s in the third epoch is status %s with the epochs so far', async (fault, status, reason) => {
    const result = await run(request(), { step10: fault }, { silenceLimitMs: 2000 });
    expect(result.status).toBe(status);
    expect(result.reason).toContain(reason);
    expect(result.epochs).toHaveLength(2);
  });

  it('a training killed at any epoch and started again leaves the curve of an unkilled one, bit for bit', async () => {
    const whole = await run(request());
    for (const step of ['step1', 'step7', 'step13', 'step20']) {
      const asked = request();
      const killed = await run(asked, { [step]: 'killed' });
      expect(killed.status).toBe('crashed');
      const resumed = await run(asked);
      expect(resumed.status).toBe('ok');
      expect(resumed.resumedFromEpoch).toBe(killed.epochs.length);
      expect(curve(resumed.epochs)).toEqual(curve(whole.epochs));
      expect(resumed.steps).toBe(whole.steps);
    }
  });

  it('a finished training asked again answers from its checkpoint', async () => {
    const asked = request();
    const first = await run(asked);
    const again = await run(asked, { step1: 'throw' });
    expect(again).toMatchObject({ status: 'ok', resumedFromEpoch: 5, steps: 20 });
    expect(again.epochs).toEqual(first.epochs);
  });

  it("neither another request's nor a torn checkpoint is resumed, and a note says so", async () => {
    const asked = request();
    await run(asked);
    const notes: string[] = [];
    const onNote = (note: string): void => {
      notes.push(note);
    };
    expect(await run({ ...asked, seed: 2 }, {}, { onNote })).toMatchObject({
      status: 'ok',
      resumedFromEpoch: 0,
    });
    const bytes = readFileSync(asked.checkpointFile);
    writeFileSync(asked.checkpointFile, bytes.subarray(0, bytes.length / 2));
    expect(await run({ ...asked, seed: 2 }, {}, { onNote })).toMatchObject({
      status: 'ok',
      resumedFromEpoch: 0,
    });
    expect(notes).toEqual([
      expect.stringContaining('belongs to another request'),
      expect.stringContaining('must'),
    ]);
  });

  it('throws InterruptedError when aborted and goes on from the last epoch', async () => {
    const asked = request();
    const controller = new AbortController();
    await expect(
      run(
        asked,
        {},
        {
          signal: controller.signal,
          environment: { STEP_MS: '20' },
          onEpoch: ({ epoch }) => {
            if (epoch === 2) controller.abort();
          },
        },
      ),
    ).rejects.toBeInstanceOf(InterruptedError);
    expect(existsSync(asked.checkpointFile)).toBe(true);
    expect((await run(asked)).resumedFromEpoch).toBeGreaterThanOrEqual(2);
  });

  it('data that does not fit the architecture, or is not there, is a failure with its reason', async () => {
    expect(
      await run(
        request({
          architecture: {
            input: { height: 8, width: 8, channels: 3 },
            classes: 4,
            stem: { type: 'conv', params: {} },
            head: { type: 'pool-linear', params: {} },
          } as unknown as Architecture,
        }),
      ),
    ).toMatchObject({ status: 'failed', reason: expect.stringContaining('images must be 8x8x3') });
    expect(
      await run(request({ dataset: { name: 'idx', args: { folder: 'nowhere' }, baseFolder: folder } })),
    ).toMatchObject({ status: 'failed', reason: expect.stringContaining('nowhere') });
  });
});
