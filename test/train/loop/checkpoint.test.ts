import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type Checkpoint,
  readCheckpoint,
  requestHash,
  writeCheckpoint,
} from '../../../src/train/loop/checkpoint.js';
import type { TrainRequest } from '../../../src/train/train-request.js';
import { decodeTensors, encodeTensors } from '../../../src/train/weights/safetensors.js';

const folder = mkdtempSync(join(tmpdir(), 'stagecraft-checkpoint-'));
afterAll(() => rmSync(folder, { recursive: true }));

const tensor = (values: number[], trainable = true) => ({
  shape: [values.length],
  values: Float32Array.from(values),
  trainable,
});
const checkpoint: Checkpoint = {
  request: 'abc',
  step: 12,
  seconds: 1.5,
  firstStepMs: 3.25,
  weights: new Map([
    ['stem/filter', tensor([0.1, -2, 3e-30])],
    ['stem/norm/mean', tensor([1], false)],
  ]),
  slots: new Map([['stem/filter/m', tensor([0.5, 0.25, 0])]]),
  epochs: [
    {
      epoch: 1,
      trainLoss: 0.1 + 0.2,
      trainTop1: 1 / 3,
      validationLoss: 2,
      validationTop1: 0.5,
      learningRate: 1e-3,
      gradientNorm: 1,
      imagesPerSecond: 9,
      seconds: 4,
    },
  ],
};

fc.configureGlobal({ seed: 1 });

describe('encodeTensors, decodeTensors', () => {
  it('are inverse, bit for bit, non-finite values included', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1, maxLength: 12 }).filter((name) => !name.startsWith('__')),
          fc.array(fc.float(), { maxLength: 9 }),
          { maxKeys: 5 },
        ),
        (values) => {
          const tensors = new Map(
            Object.entries(values).map(([name, list], index) => [name, tensor(list, index % 2 === 0)]),
          );
          const read = decodeTensors(encodeTensors({ tensors, metadata: { note: 'ü' } }), 'x').tensors;
          expect(new Map(read)).toEqual(tensors);
        },
      ),
    );
  });
  it('any single changed byte of the data and any cut is found', () => {
    const bytes = encodeTensors({ tensors: checkpoint.weights, metadata: {} });
    for (const length of [0, 7, 8, 20, bytes.length - 1])
      expect(() => decodeTensors(bytes.subarray(0, length), 'cut')).toThrow(/^cut: /);
    for (let at = bytes.length - 16; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 0x10;
      expect(() => decodeTensors(changed, 'file')).toThrow('file: checksum must match');
    }
  });
  it('reads a minimal file of another writer', () => {
    const header = Buffer.from(JSON.stringify({ a: { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] } }));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const read = decodeTensors(
      Buffer.concat([length, header, Buffer.from(Float32Array.from([1.5, -2]).buffer)]),
      'theirs',
    );
    expect(read.tensors.get('a')).toEqual({
      shape: [1, 2],
      values: Float32Array.from([1.5, -2]),
      trainable: true,
    });
  });
});

describe('readCheckpoint', () => {
  const file = join(folder, 'deep', 'trial.safetensors');
  it('gives back what was written, to the last bit', () => {
    expect(readCheckpoint(file, 'abc')).toEqual({ kind: 'none' });
    writeCheckpoint(file, checkpoint);
    expect(readCheckpoint(file, 'abc')).toEqual({ kind: 'fits', checkpoint });
    expect(readdirSync(join(folder, 'deep'))).toEqual(['trial.safetensors']); // nothing left beside it
  });
  it('a later one replaces it whole', () => {
    writeCheckpoint(file, { ...checkpoint, step: 24 });
    expect(readCheckpoint(file, 'abc')).toMatchObject({ kind: 'fits', checkpoint: { step: 24 } });
  });
  it('one of another request is foreign', () =>
    expect(readCheckpoint(file, 'other')).toEqual({ kind: 'foreign' }));
  it('a torn or changed file is damaged, with the reason', () => {
    const bytes = readFileSync(file);
    for (const torn of [
      bytes.subarray(0, 4),
      bytes.subarray(0, bytes.length - 5),
      Buffer.alloc(0),
      Buffer.from('not a checkpoint at all'),
    ]) {
      writeFileSync(file, torn);
      const found = readCheckpoint(file, 'abc');
      expect(found.kind).toBe('damaged');
      expect((found as { reason: string }).reason).toContain(file);
    }
  });
  it('a write that fails leaves the old one', () => {
    writeCheckpoint(file, checkpoint);
    const broken = {
      ...checkpoint,
      epochs: [
        {
          get epoch(): number {
            throw new Error('disk full');
          },
        },
      ],
    } as unknown as Checkpoint;
    expect(() => writeCheckpoint(file, broken)).toThrow('disk full');
    expect(readCheckpoint(file, 'abc')).toEqual({ kind: 'fits', checkpoint });
  });
});

describe('requestHash', () => {
  const request = {
    recipe: { epochs: 1 },
    seed: 1,
    checkpointFile: '/a',
    dataset: { name: 'x', args: {}, baseFolder: '/b' },
  } as unknown as TrainRequest;
  it('ignores where files lie and minds everything that shapes the curve', () => {
    const hash = requestHash(request, 'data', 'engine');
    expect(
      requestHash(
        { ...request, checkpointFile: '/c', dataset: { ...request.dataset, baseFolder: '/d' } },
        'data',
        'engine',
      ),
    ).toBe(hash);
    for (const other of [
      requestHash({ ...request, seed: 2 }, 'data', 'engine'),
      requestHash({ ...request, precision: 'bfloat16' }, 'data', 'engine'),
      requestHash({ ...request, xla: true }, 'data', 'engine'),
      requestHash(request, 'data2', 'engine'),
      requestHash(request, 'data', 'engine2'),
    ])
      expect(other).not.toBe(hash);
  });
});
