/**
 * Weights by timm's names, against the names and shapes of its state dicts: every tensor is used once, layouts
 * that differ are turned, and what does not fit is named. `npm run bench -- timm` compares outputs.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { weightForms } from '../../src/export/pytorch/weight-names.js';
import { timmFamilyOf, weightsFromTimm } from '../../src/export/timm/weights-from-timm.js';
import { resolveArchitecture } from '../../src/space/inspect/resolve-architecture.js';

interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}
type StateDict = Map<string, Tensor>;

const dicts = new Map<string, StateDict>();
for (const line of readFileSync(
  join(import.meta.dirname, '../fixtures/published/timm-state-dicts.tsv'),
  'utf8',
)
  .trimEnd()
  .split('\n')) {
  const [network, name, sizes] = line.split('\t') as [string, string, string];
  const shape = sizes === '' ? [] : sizes.split(',').map(Number);
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  // the number of the tensor, then positions within it: every tensor is known by its first value
  const dict = dicts.get(network) ?? new Map<string, Tensor>();
  values.forEach((_, at) => {
    values[at] = at === 0 ? dict.size : at;
  });
  dicts.set(network, dict.set(name, { shape, values }));
}
const architectureOf = (network: string) =>
  resolveArchitecture(`search-spaces/reference/${network.replaceAll('_', '-')}.space#0`);
const imported = (network: string, tensors: StateDict = dicts.get(network)!, of = network) =>
  weightsFromTimm(architectureOf(of), timmFamilyOf(tensors)!, tensors, 'x.safetensors');

describe('weightsFromTimm', () => {
  it.each([
    ['resnet50', 'ResNet'],
    ['convnext_tiny', 'ConvNeXt'],
    ['swin_tiny_patch4_window7_224', 'Swin'],
    ['vit_base_patch16_224', 'ViT'],
    ['maxvit_tiny_tf_224', 'MaxViT'],
    ['coatnet_0_224', 'CoAtNet'],
    ['mobilevitv2_100', 'MobileViTv2'],
    ['efficientnet_b0', 'EfficientNet'],
  ])('%s is known as %s; every weight comes from another tensor, and none is left', (network, family) => {
    const dict = dicts.get(network)!;
    expect(timmFamilyOf(dict)!.name).toBe(family);
    const found = imported(network);
    const forms = weightForms(architectureOf(network));
    expect([...found.keys()]).toEqual(forms.map(({ path }) => path));
    for (const { path, shape } of forms) expect(found.get(path)!.shape, path).toEqual(shape);
    const counters = [...dict.keys()].filter((name) => name.endsWith('num_batches_tracked')).length;
    expect(found.size).toBe(dict.size - counters);
  });

  it('takes filters, kernels, norms and statistics of ResNet-50 from the tensors of those names', () => {
    const found = imported('resnet50');
    const numberOf = (name: string): number => [...dicts.get('resnet50')!.keys()].indexOf(name);
    for (const [path, name] of [
      ['stem/conv/filter', 'conv1.weight'],
      ['stage2/block1/shortcut-norm/running-variance', 'layer2.0.downsample.1.running_var'],
      ['stage4/block3/conv2/filter', 'layer4.2.conv2.weight'],
      ['head/classifier/bias', 'fc.bias'],
    ])
      expect(found.get(path!)!.values[0], path).toBe(numberOf(name!));
    // [out, in, kh, kw] → [kh, kw, in, out]
    expect([...found.get('stem/conv/filter')!.values.slice(0, 3)]).toEqual([
      numberOf('conv1.weight'),
      147,
      294,
    ]);
  });

  it('CoAtNet’s projection, ordered by head, becomes query, key, value', () => {
    const kernel = imported('coatnet_0_224').get('stage3/block2/attention/qkv/kernel')!;
    const [width, rows] = kernel.shape as [number, number];
    expect([width, rows]).toEqual([384, 1152]);
    // output channel of the lab: role · width + head · 32 + place; timm's row: (head · 3 + role) · 32 + place
    const rowOf = (role: number, head: number, place: number): number =>
      Math.floor(kernel.values[rows + role * width + head * 32 + place]! / width);
    expect([rowOf(0, 0, 5), rowOf(1, 0, 5), rowOf(2, 3, 7)]).toEqual([5, 37, 359]);
  });

  it('MaxViT’s bias tables are turned around', () => {
    const table = imported('maxvit_tiny_tf_224').get('stage1/block1/window/attention/bias-table')!;
    expect(table.shape).toEqual([169, 2]);
    expect([table.values[0], table.values[1], table.values[2]]).toEqual([168, 337, 167]);
  });

  it('names what is missing, of another shape, unknown, or of another family', () => {
    const changed = (change: (dict: StateDict) => void): StateDict => {
      const dict = new Map(dicts.get('convnext_tiny')!);
      change(dict);
      return dict;
    };
    expect(() =>
      imported(
        'convnext_tiny',
        changed((dict) => dict.delete('stages.2.blocks.4.gamma')),
      ),
    ).toThrow(`must hold tensor "stages.2.blocks.4.gamma" of timm's ConvNeXt, got none`);
    expect(() =>
      imported(
        'convnext_tiny',
        changed((dict) => dict.set('head.fc.bias', { shape: [10], values: new Float32Array(10) })),
      ),
    ).toThrow('tensor "head.fc.bias" must be [1000], got [10]');
    expect(() =>
      imported(
        'convnext_tiny',
        changed((dict) => dict.set('extra', { shape: [1], values: new Float32Array(1) })),
      ),
    ).toThrow('every tensor must be of the architecture, got "extra"');
    expect(() => imported('convnext_tiny', dicts.get('convnext_tiny')!, 'resnet50')).toThrow(
      /holds timm's ConvNeXt, which has no "stage1\/block1/,
    );
  });

  it('a state dict of the lab’s own module is of no family', () => {
    for (const network of dicts.keys()) {
      const own = new Map(weightForms(architectureOf(network)).map(({ name }) => [name, 0]));
      expect(timmFamilyOf(own), network).toBeUndefined();
    }
  });
});
