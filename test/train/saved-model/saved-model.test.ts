/**
 * SavedModels: written by a child, loaded by the engine's own loader, equal to the lab's logits at two batch
 * sizes, with a named signature.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Architecture } from '../../../src/architecture/architecture.js';
import { blocks } from '../../../src/blocks/block-table.js';
import { oneBlock } from '../../../src/network/block-networks.js';
import { TfjsRuntime } from '../../../src/runtime/tfjs/tfjs-runtime.js';
import { type SavedModelMessage, writeSavedModel } from '../../../src/train/saved-model/saved-model-job.js';
import { segmenter, unet } from '../../fixtures/decoder-networks.js';
import { engineFolder, noise, openPlatform, product, relativeDifference } from '../../runtime/platforms.js';

const folder = mkdtempSync(join(tmpdir(), 'stagecraft-savedmodel-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Served {
  predict(inputs: Readonly<Record<string, unknown>>): Readonly<Record<string, { dataSync(): Float32Array }>>;
}

async function loaded(
  name: string,
  architecture: Architecture,
): Promise<{ message: SavedModelMessage; served: Served; node: { getMetaGraphsFromSavedModel: unknown } }> {
  const path = join(folder, name);
  const message = await writeSavedModel({ architecture, seed: 3, folder: path, threads: 1 });
  const { native } = await openPlatform('native');
  const { node } = createRequire(join(native!.packageFolder, 'package.json'))('.') as {
    node: { loadSavedModel(path: string): Promise<Served>; getMetaGraphsFromSavedModel: unknown };
  };
  return { message, served: await node.loadSavedModel(path), node };
}

const kinds = ['residual', 'transformer', 'swin', 'maxvit', 'mobilevit-v2', 'fastervit', 'hornet'] as const;

describe.skipIf(engineFolder === undefined)('SavedModel', () => {
  it.each([
    ...kinds.map((name) => [name, oneBlock(blocks[name]), [1, 5]] as const),
    ['segmenter, one image at a time', segmenter(), [1]] as const, // its resizing is a constant per image
  ])('%s: outputs as the lab’s to 1e-4', async (name, architecture, batches) => {
    const { message, served } = await loaded(name, architecture);
    expect(message.fixedBatch === undefined).toBe(batches.length > 1);
    const platform = await openPlatform('native');
    const model = new TfjsRuntime(platform, 2, 'test').instantiate(architecture, { seed: 3 });
    const { height, width, channels } = architecture.input;
    for (const batch of batches) {
      const shape = [batch, height, width, channels];
      const images = noise(`images ${batch}`, product(shape));
      const inference = model.inference({ batch, execution: 'eager' });
      const expected = await inference.logits(images);
      inference.dispose();
      const { output } = served.predict({ images: platform.tf.tensor(images.slice(), shape) });
      expect(relativeDifference(output!.dataSync(), expected)).toBeLessThan(1e-4);
    }
    model.dispose();
  });

  it('a denoising network takes images and times', async () => {
    const architecture = unet({ condition: 'time' });
    const { served } = await loaded('unet', architecture);
    const platform = await openPlatform('native');
    const model = new TfjsRuntime(platform, 2, 'test').instantiate(architecture, { seed: 3 });
    const { height, width, channels } = architecture.input;
    const shape = [1, height, width, channels];
    const images = noise('images', product(shape));
    const inference = model.inference({ batch: 1, execution: 'eager' });
    const expected = await inference.denoise!(images, Float32Array.of(300));
    const { output } = served.predict({
      images: platform.tf.tensor(images.slice(), shape),
      time: platform.tf.tensor([300], [1], 'float32'),
    });
    expect(relativeDifference(output!.dataSync(), expected)).toBeLessThan(1e-4);
  });
});
