import { describe, expect, it } from 'vitest';
import {
  augmentationWarnings,
  completeArgs,
  type DatasetName,
  datasets,
  describeCall,
  loadDataset,
} from '../../src/data/dataset-table.js';
import { paramProblem } from '../../src/util/params.js';

describe('datasets', () => {
  it.each(Object.keys(datasets) as DatasetName[])(
    '%s stands under its own name, its defaults are allowed',
    (name) => {
      const { name: own, doc, params } = datasets[name];
      expect(own).toBe(name);
      expect(doc).not.toBe('');
      for (const [key, spec] of Object.entries(params))
        if ('default' in spec) expect(paramProblem(key, spec, spec.default)).toBeUndefined();
    },
  );
});

describe('completeArgs', () => {
  it('fills in defaults in the order of the table', () => {
    expect(Object.entries(completeArgs('motif', { seed: 7, train: 100 }))).toEqual([
      ['train', 100],
      ['validation', 1000],
      ['seed', 7],
      ['difficulty', 'medium'],
    ]);
  });
  it.each([
    [
      'cifar',
      {},
      'data: data set must be one of cifar10, cifar100, idx, folder, shards, masks, motif, select, pair, keyed, got "cifar"',
    ],
    [
      'toString',
      {},
      'data: data set must be one of cifar10, cifar100, idx, folder, shards, masks, motif, select, pair, keyed, got "toString"',
    ],
    [
      'motif',
      { noise: 1 },
      'motif: parameter must be one of train, validation, seed, difficulty, got "noise"',
    ],
    ['motif', { train: 1 }, 'motif: train must lie in 2..1000000, got 1'],
    ['motif', { difficulty: 'insane' }, 'motif: difficulty must be one of easy, medium, hard, got "insane"'],
    [
      'folder',
      { size: 8 },
      'folder: folder must be given (folder that holds the class folders, or train and validation with class folders in each)',
    ],
  ])('refuses %s(%j)', async (name, args, message) => {
    expect(() => completeArgs(name, args as Record<string, number | string>)).toThrow(message);
    await expect(
      loadDataset({ name, args: args as Record<string, number | string>, baseFolder: '/' }),
    ).rejects.toThrow(message);
  });
});

describe('describeCall', () => {
  it('names every parameter', () => {
    expect(describeCall('folder', { folder: 'a "b"', size: 8 })).toBe('folder(folder: "a \\"b\\"", size: 8)');
  });
});

describe('augmentationWarnings', () => {
  it('warns where labels would become wrong, and only there', () => {
    expect(augmentationWarnings('motif', { flip: true, crop: 4 })).toEqual([
      'motif: flip changes what some images show, so labels become wrong, got flip: true',
      'motif: crop can cut away what the label depends on, got crop: 4',
    ]);
    expect(
      augmentationWarnings('motif', {
        flip: false,
        crop: 0,
        resizedCrop: 0.08,
        randaugment: { operations: 2, magnitude: 9 },
      }),
    ).toEqual([
      'motif: resized-crop can cut away what the label depends on, got resized-crop: 0.08',
      'motif: RandAugment turns and moves what the label depends on, got randaugment: 2',
    ]);
    expect(augmentationWarnings('motif', { flip: false, crop: 0 })).toEqual([]);
    expect(augmentationWarnings('idx', { flip: false, crop: 4 })).toEqual([]);
    expect(augmentationWarnings('cifar10', { flip: true, crop: 4 })).toEqual([]);
  });
});
