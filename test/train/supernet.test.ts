/** A supernet trained by the lab's trainer in real child processes, killed and resumed, its members scored. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CompiledSpace } from '../../src/space/compiled-space.js';
import { extremeMember } from '../../src/space/inspect/covering-members.js';
import { spaceFromText } from '../../src/space/load.js';
import { completeRecipe } from '../../src/train/recipe/recipe-table.js';
import { trainInChild } from '../../src/train/run-train.js';
import { InheritedScorer } from '../../src/train/supernet/inherited-scorer.js';
import { pathSampler } from '../../src/train/supernet/open-supernet.js';
import type { TrainRequest } from '../../src/train/train-request.js';
import type { EpochRow } from '../../src/train/train-result.js';
import { InterruptedError } from '../../src/util/errors.js';
import { temporaryFolder } from '../data/temporary-files.js';
import { spaceText, writeDigits } from '../lab/tiny.js';
import { engineFolder } from '../runtime/platforms.js';

const folder = await temporaryFolder();
writeDigits(join(folder, 'digits'));
const space: CompiledSpace = spaceFromText(spaceText, 'tiny.space').space!;
const dataset = { name: 'idx', args: { folder: 'digits' }, baseFolder: folder };
const request = (name: string, more: Partial<TrainRequest> = {}): TrainRequest => ({
  architecture: extremeMember(space, 'most'),
  supernet: { space: { text: space.text, file: 'tiny.space', conditions: [] }, paths: 'sandwich' },
  dataset,
  recipe: completeRecipe('adamw', { epochs: 5, batch: 24, accumulate: 3, 'learning-rate': 0.01 }),
  runtime: 'tensorflow',
  execution: 'eager',
  threads: 1,
  seed: 1,
  loaders: 0,
  checkpointFile: join(folder, `${name}.checkpoint`),
  weightsFile: join(folder, `${name}.safetensors`),
  ...more,
});
const curve = (rows: readonly EpochRow[]) =>
  rows.map(({ seconds: _, imagesPerSecond: __, dataShare: ___, peakBytes: ____, ...row }) => row);

describe('pathSampler', () => {
  it('sandwich: most MACs, fewest MACs, then draws that depend on seed and step alone', () => {
    const path = pathSampler(space, 'sandwich', 1);
    expect(path(7, 0)).toEqual(extremeMember(space, 'most'));
    expect(path(7, 1)).toEqual(extremeMember(space, 'fewest'));
    expect(path(7, 2)).toEqual(pathSampler(space, 'sandwich', 1)(7, 2));
    const drawn = (seed: number) =>
      Array.from({ length: 12 }, (_, step) =>
        JSON.stringify(pathSampler(space, 'single-path', seed)(step, 0)),
      );
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
    expect(new Set(drawn(1)).size).toBe(3);
  });
});

describe.skipIf(!engineFolder)('a supernet in child processes', () => {
  it('killed and started again it has the curve and weights of an unkilled one, bit for bit; members are scored', async () => {
    const whole = await trainInChild(request('whole'));
    expect(whole).toMatchObject({ status: 'ok', reason: '' });
    expect(whole.epochs.at(-1)!.trainLoss).toBeLessThan(whole.epochs[0]!.trainLoss);
    const interrupted = request('killed', { checkpointEveryMs: 1 });
    const kill = new AbortController();
    const onProgress = ({ step }: { readonly step: number }): void => {
      if (step >= 5) kill.abort(); // within the second epoch
    };
    await expect(trainInChild(interrupted, { signal: kill.signal, onProgress })).rejects.toThrow(
      InterruptedError,
    );
    const resumed = await trainInChild(interrupted);
    expect(curve(resumed.epochs)).toEqual(curve(whole.epochs));
    expect(resumed.weights!.sha256).toBe(whole.weights!.sha256);
    expect(readFileSync(resumed.weights!.file).equals(readFileSync(whole.weights!.file))).toBe(true);

    const asked = { supernet: whole.weights!, dataset, runtime: 'tensorflow', threads: 1 } as const;
    const scorer = new InheritedScorer(asked);
    const members = [...space.enumerate()];
    const scores = await Promise.all(members.map((member) => scorer.score(member)));
    expect(await scorer.score(members[0]!)).toMatchObject({ top1: (scores[0] as { top1: number }).top1 });
    const foreign = { ...members[0]!, classes: 7 };
    expect(await scorer.score(foreign)).toMatchObject({
      reason: expect.stringContaining('head: pool-linear'),
    });
    await scorer.close();
    expect(scores).toHaveLength(3);
    for (const score of scores) expect((score as { top1: number }).top1).toBeGreaterThan(0.5);
  });
});
