/**
 * Sweeps of a segmentation and of a denoising on the real engine: without an objectives line each goes by its
 * own score, to the end.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mainScore } from '../../src/analysis/objectives/result-score.js';
import { openStore, readExperimentResult } from '../../src/store/open-store.js';
import { stagecraft } from '../cli/run-cli.js';
import { engineRuntime } from '../fixtures/engine-runtime.js';
import { temporaryFolder } from '../store/stored-experiment.js';

const spaces = {
  segmentation: `space tiny
  input 32x32x3
  classes 2
  block C = fused-mbconv(expand: 1)
  stem conv(width: 8, layers: 1, stride: 2)
  stage 1  width 8  C
  stage 2  width 8  C | CC
  head upernet(width: 8, scale: 2, dropout: 0)
`,
  denoising: `space tiny
  input 32x32x3
  classes 2
  block C = unet-conv
  stem denoise(width: 8, labels: 2, token-width: 16)
  stage 1  width 8  C
  stage 2  width 8  downsample conv(norm: none, bias: true)  C | CC
  stage 3  width 8  downsample up(from: 1)  C
  head to-image(channels: 3)
`,
};
const data = {
  segmentation: 'keyed(train: 64, validation: 16, distance: 0)',
  denoising: 'pair(train: 64, validation: 16)',
};
const names = {
  segmentation: ['miou', 'mean IoU', 'mIoU', /[\d.]+ %/],
  denoising: ['loss', 'validation loss', 'loss', /[\d.]+/],
} as const;

describe.skipIf(engineRuntime.runtime !== 'tensorflow').each(['segmentation', 'denoising'] as const)(
  'a sweep of a %s',
  (task) => {
    it('halves, ends, reports and tests by its score', () => {
      const folder = temporaryFolder();
      const [id, label, short, number] = names[task];
      writeFileSync(join(folder, 'tiny.space'), spaces[task]);
      const file = join(folder, 'tiny.experiment');
      writeFileSync(
        file,
        `experiment tiny\n  space tiny.space\n  sample all\n  data ${data[task]}\n  train adamw(epochs: 2, batch: 16)  seeds {1}\n  stopping halving(reduction: 2, first: 1)\n  workers trainings(count: 1)\n`,
      );
      const database = join(folder, 'results.sqlite');
      const run = stagecraft(['run', file, '--db', database]);
      expect(run.code, run.err).toBe(0);
      expect(run.out).toContain(`The front: ${label} against MACs per image (1 of 1 networks)`);
      expect(
        readFileSync(`${database}.log`, 'utf8').match(
          new RegExp(`held, ${short} ${number.source} after 1 epoch\n`, 'g'),
        )!.length,
      ).toBe(2);

      const store = openStore(database, { readonly: true });
      onTestFinished(() => store.close());
      const result = readExperimentResult(store);
      const score = mainScore(result);
      expect([result.experiment.objectives[0], score.id]).toEqual([id, id]);
      const merits = result.candidates.map(({ scores, stopped }) =>
        score.merit(score.ofEpoch((scores[0] ?? stopped![0]!).curve[0]!)!),
      );
      expect(merits[result.candidates.findIndex(({ scores }) => scores.length === 1)]).toBe(
        Math.max(...merits),
      );

      const tested = stagecraft(['test', file, '--db', database]);
      expect(tested.code, tested.err).toBe(0);
      expect(tested.out).toMatch(new RegExp(`test ${short}.*validation ${short}`));
      expect(tested.out).not.toMatch(/top-1|–|NaN/);
      expect(stagecraft(['report', database, '--out', join(folder, 'tested')]).code).toBe(0);
      expect(readFileSync(join(folder, 'tested/index.html'), 'utf8')).toMatch(
        new RegExp(`<p>On the test split \\(16 images\\) C[CT-]+ has ${short} ${number.source}\\.</p>`),
      );
      expect(stagecraft(['explore', database]).out).toMatch(
        new RegExp(`^On the test split \\(16 images\\) C[CT-]+ has ${short}`, 'm'),
      );
    });
  },
);
