import { describe, expect, it } from 'vitest';
import { partTables } from '../../src/blocks/block-table.js';
import { linear } from '../../src/blocks/layers/linear-layer.js';
import {
  defineBlock,
  defineDownsample,
  defineHead,
  defineStem,
  registerBlock,
  registerPart,
} from '../../src/blocks/own-parts.js';
import { readSpace } from '../../src/space/api.js';
import type { TensorOps } from '../../src/tensor/tensor-ops.js';

const params = { size: { kind: 'int', min: 1, max: 4, default: 2, doc: 'side' } } as const;
const layer = { name: 'own-layer', params, forward: <T>(_: unknown, x: T): T => x };
const head = {
  name: 'own-head',
  params,
  forward: <T>(ops: TensorOps<T>, x: T, _: unknown, classes: number): T =>
    linear(ops, ops.reduce(x, 'max', [1, 2]), 'classifier', classes),
};

describe('definitions of one’s own', () => {
  it('have a kind, a summary and a source', () => {
    expect(defineStem(layer)).toMatchObject({ kind: 'stem', summary: 'own-layer', source: '' });
    expect(defineDownsample(layer)).toMatchObject({ kind: 'downsample' });
    expect(defineHead(head)).toMatchObject({ kind: 'head' });
  });
  it.each([
    [() => defineStem({ ...layer, name: 'Own' }), 'define stem "Own": name must be kebab-case, got "Own"'],
    [() => defineStem({ ...layer, name: 'conv' }), 'name must differ from the built-in stems, got conv'],
    [
      () => defineDownsample({ ...layer, name: 'patch-merge' }),
      'name must differ from the built-in downsampling layers, got patch-merge',
    ],
    [
      () => defineHead({ ...head, output: 'boxes' } as never),
      'define head "own-head": output must be pixel-logits or image, or absent, got "boxes"',
    ],
    [() => defineStem({ ...layer, forward: 1 } as never), 'forward must be a function, got number'],
    [
      () => defineStem({ ...layer, params: { size: { ...params.size, default: 9 } } } as never),
      'default of size must lie in 1..4, got 9',
    ],
    [
      () => defineBlock({ ...layer, letter: 'c', reduces: false } as never),
      'letter must be one upper-case letter, got "c"',
    ],
  ])('%# are refused with their rule', (define, message) => {
    expect(define).toThrow(message);
  });
  it('may have the name of a part of another kind', () => {
    expect(defineStem({ ...layer, name: 'pool-linear' }).name).toBe('pool-linear');
  });
});

describe('registerPart', () => {
  it('makes parts known to space files, once each', () => {
    const [stem, down, ownHead] = [
      defineStem({ ...layer, name: 'own-stem', forward: (ops, x, _, width) => widened(ops, x, width) }),
      defineDownsample({ ...layer, name: 'own-down', forward: (ops, x, _, width) => widened(ops, x, width) }),
      defineHead(head),
    ] as const;
    const text = `space own
  input 16x16x3
  classes 4
  block C = fused-mbconv
  stem own-stem(width: 8, size: {1, 2})
  stage 1  width 8   C
  stage 2  width 16  downsample own-down  C
  head own-head
`;
    expect(() => readSpace(text)).toThrow(
      /unknown stem "own-stem"[^]*a stem of your own needs its module[^]*unknown downsample "own-down"/,
    );
    for (const part of [stem, down, ownHead]) registerPart(part as never);
    registerPart(stem); // again, the same
    expect(partTables.stem['own-stem']).toBe(stem);
    expect(readSpace(text).count()).toEqual({ exact: true, count: 2n });
    const other = defineStem({ ...layer, name: 'own-stem' });
    expect(() => registerPart(other)).toThrow(
      'register stem: a name must be registered once, got own-stem again',
    );
  });
  it('takes a block that is a plain object', () => {
    const block = { name: 'plain', letter: 'P', summary: '', source: '', reduces: true, params: {} } as const;
    registerBlock({ ...block, forward: (_, x) => x });
    expect(partTables.block['plain']).toMatchObject({ letter: 'P' });
  });
});

function widened<T>(ops: TensorOps<T>, x: T, width: number): T {
  return linear(ops, ops.avgPool(x, { window: 2, stride: 2, padding: 'same' }), 'widen', width);
}
