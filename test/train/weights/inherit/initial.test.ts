/** A training that starts from another network's weights file, in its child process. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { completeRecipe } from '../../../../src/train/recipe/recipe-table.js';
import { trainInChild } from '../../../../src/train/run-train.js';
import type { TrainRequest } from '../../../../src/train/train-request.js';
import { weightsHash } from '../../../../src/train/weights/weights-file.js';
import { temporaryFolder } from '../../../data/temporary-files.js';
import { engineRuntime } from '../../../fixtures/engine-runtime.js';
import { smallNetwork } from '../../../fixtures/small-network.js';
import { putQuarters, quarters } from '../../small-data.js';

const folder = await temporaryFolder();
await putQuarters(folder, quarters(64, 8, 1, 1), quarters(40, 8, 1, 2));
const weightsFile = join(folder, 'parent.safetensors');
const request = (more: Partial<TrainRequest>): TrainRequest => ({
  architecture: smallNetwork({ layout: 'C-CT', widths: [8, 16] }),
  dataset: { name: 'idx', args: { folder: '.', 'validate-on': 'test' }, baseFolder: folder },
  recipe: completeRecipe('adamw', { epochs: 8, batch: 16, 'learning-rate': 0.003 }),
  ...engineRuntime,
  threads: 1,
  seed: 1,
  checkpointFile: join(folder, `${JSON.stringify(more).length}.safetensors`),
  ...more,
});

it('a grown child goes on from where its parent ended; a file that changes is refused', async () => {
  const parent = await trainInChild(request({ weightsFile }));
  expect(parent).toMatchObject({ status: 'ok', reason: '' });
  const initial = { file: weightsFile, sha256: weightsHash(weightsFile), mode: 'grow' } as const;
  // a step too small to move weights: what is scored is what was inherited (running statistics move a little)
  const still = completeRecipe('adamw', { epochs: 1, batch: 16, 'learning-rate': 1e-9 });
  const child = await trainInChild(
    request({ architecture: smallNetwork({ layout: 'CC-CTT', widths: [8, 32] }), recipe: still, initial }),
  );
  expect(child).toMatchObject({ status: 'ok', reason: '' });
  const fresh = await trainInChild(
    request({ architecture: smallNetwork({ layout: 'CC-CTT', widths: [8, 32] }), recipe: still }),
  );
  const gap = (loss: number): number => Math.abs(loss - parent.validationLoss!);
  expect(gap(child.validationLoss!)).toBeLessThan(0.2 * gap(fresh.validationLoss!));

  const refused = await trainInChild(
    request({ architecture: smallNetwork({ layout: 'C-CT', widths: [8, 8] }), recipe: still, initial }),
  );
  expect(refused).toMatchObject({
    status: 'failed',
    reason: expect.stringMatching(/must not shrink from 16, got 8/) as string,
  });
  writeFileSync(weightsFile, 'something else');
  const changed = await trainInChild(request({ recipe: still, initial }));
  expect(changed).toMatchObject({
    status: 'failed',
    reason: expect.stringMatching(/the weights changed since the run began/) as string,
  });
});
