/** Names and layouts of weights in the PyTorch form: unique, reversible, and errors that name the tensor. */
import { describe, expect, it } from 'vitest';
import { pytorchModule } from '../../src/export/pytorch/network-module.js';
import { pythonDefinitions } from '../../src/export/pytorch/python-definitions.js';
import { toTorch, weightForms } from '../../src/export/pytorch/weight-names.js';
import { weightsFromTorch } from '../../src/export/pytorch/weights-from-torch.js';
import { networkCost } from '../../src/network/network-cost.js';
import { initialWeights } from '../../src/runtime/initial-weights.js';
import { referenceNetworks } from '../fixtures/reference-networks.js';
import { smallCases } from './export-cases.js';

const network = smallCases['with all']!();
const stateDict = (): Map<string, { shape: readonly number[]; values: Float32Array }> => {
  const values = initialWeights(weightForms(network), 1);
  return new Map(
    weightForms(network).map((form) => [
      form.name,
      { shape: form.torchShape, values: toTorch(form, values.get(form.path)!) },
    ]),
  );
};

describe('weightForms', () => {
  it.each(Object.keys(referenceNetworks))('%s: every weight has a name of its own', (name) => {
    const architecture = referenceNetworks[name]!();
    const forms = weightForms(architecture);
    expect(new Set(forms.map((form) => form.name)).size).toBe(forms.length);
    const count = forms
      .filter(({ trainable }) => trainable)
      .reduce((sum, { torchShape }) => sum + torchShape.reduce((a, b) => a * b, 1), 0);
    expect(count).toBe(networkCost(architecture).total.params);
  });
});

describe('weightsFromTorch', () => {
  it('inverts toTorch for convolutions, depthwise ones, linear layers and modifiers', () => {
    const back = weightsFromTorch(network, stateDict(), 'file');
    const values = initialWeights(weightForms(network), 1);
    expect([...back.keys()].sort()).toEqual([...values.keys()].sort());
    for (const [path, weight] of back) expect(weight.values, path).toEqual(values.get(path));
  });

  it('leaves counters of batches out', () => {
    const given = stateDict().set('stem.norm.num_batches_tracked', { shape: [], values: Float32Array.of(3) });
    expect(weightsFromTorch(network, given, 'file').size).toBe(given.size - 1);
  });

  it('names the tensor that is missing, unknown or of another shape', () => {
    const missing = stateDict();
    missing.delete('stem.conv.weight');
    expect(() => weightsFromTorch(network, missing, 'f')).toThrow(
      'must hold tensor "stem.conv.weight", got none',
    );
    const unknown = stateDict().set('stem.more', { shape: [1], values: new Float32Array(1) });
    expect(() => weightsFromTorch(network, unknown, 'f')).toThrow('got "stem.more"');
    const turned = stateDict().set('head.classifier.bias', { shape: [1, 5], values: new Float32Array(5) });
    expect(() => weightsFromTorch(network, turned, 'f')).toThrow(
      'tensor "head.classifier.bias" must be [5], got [1, 5]',
    );
  });
});

describe('pytorchModule', () => {
  it('holds the classes that the network uses and no others', () => {
    const text = pytorchModule(smallCases['block convnext']!());
    const held = [...pythonDefinitions().keys()].filter((name) =>
      new RegExp(`^(class|def) ${name}\\b`, 'm').test(text),
    );
    expect(held).toContain('ConvNeXtBlock');
    expect(held).not.toContain('SwinBlock');
    for (const name of held)
      expect(text.match(new RegExp(`\\b${name}\\b`, 'g'))!.length, name).toBeGreaterThan(1);
  });

  it('is a readable file: swin', () => {
    expect(pytorchModule(referenceNetworks['swin_tiny_patch4_window7_224']!())).toMatchSnapshot();
  });
});
