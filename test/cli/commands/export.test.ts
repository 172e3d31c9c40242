/** `export` and `import`: files that are written, weights that come back, mistakes that are named. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeTensors } from '../../../src/train/weights/safetensors.js';
import { readWeightsFile } from '../../../src/train/weights/weights-file.js';
import { stagecraft } from '../run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'stagecraft-export-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const network = 'search-spaces/ascan-cpu.space@C-CCCT-CCTT-CTTT';

describe('export --to pytorch and import', () => {
  it('write a module and its weights, and bring the weights back', () => {
    expect(
      stagecraft(['export', network, '--to', 'pytorch', '--out', at('network.py'), '--timm']),
    ).toMatchObject({
      code: 0,
      out: `wrote ${at('network.py')}\nwrote ${at('network.safetensors')}\n`,
    });
    const source = readFileSync(at('network.py'), 'utf8');
    expect(source).toContain('class Network(nn.Module)');
    expect(source).toMatch(/@register_model\ndef stagecraft_[0-9a-f]{12}\(/);
    const weights = ['import', network, at('network.safetensors'), '--out', at('weights.safetensors')];
    expect(stagecraft([...weights, '--mean', '0.5,0.5,0.5'])).toMatchObject({ code: 0 });
    const back = readWeightsFile(at('weights.safetensors'));
    expect(back.mean).toEqual([0.5, 0.5, 0.5]);
    expect(back.classes).toHaveLength(back.architecture.classes);
    expect(
      stagecraft([
        'export',
        network,
        '--to',
        'pytorch',
        '--out',
        at('again.py'),
        '--weights',
        at('weights.safetensors'),
      ]).code,
    ).toBe(0);
    const tensorsOf = (name: string) => decodeTensors(readFileSync(at(name)), name).tensors;
    expect(tensorsOf('again.safetensors')).toEqual(tensorsOf('network.safetensors'));
  });

  it('--no-weights writes the module alone', () => {
    expect(
      stagecraft(['export', network, '--to', 'pytorch', '--out', at('alone.py'), '--no-weights']).code,
    ).toBe(0);
    expect(existsSync(at('alone.safetensors'))).toBe(false);
  });

  it('refuses weights of another architecture, tensors that do not fit, and unknown formats', () => {
    const other = 'search-spaces/ascan-cpu.space@C-CCTT-CCTT-CCTT';
    expect(
      stagecraft(['import', other, at('network.safetensors'), '--out', at('x.safetensors')]),
    ).toMatchObject({
      code: 2,
      err: expect.stringContaining('tensor') as string,
    });
    expect(existsSync(at('x.safetensors'))).toBe(false);
    expect(
      stagecraft([
        'export',
        other,
        '--to',
        'onnx',
        '--out',
        at('x.onnx'),
        '--weights',
        at('weights.safetensors'),
      ]),
    ).toMatchObject({ code: 2, err: expect.stringContaining('must hold weights of architecture') as string });
    expect(stagecraft(['export', network, '--to', 'caffe'])).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        '--to: must be one of pytorch, onnx, savedmodel, parquet, csv, json, got "caffe"',
      ) as string,
    });
    expect(stagecraft(['export', network, '--to', 'onnx', '--out', at('x.py')])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--out: must end in .onnx') as string,
    });
  });
});

describe('export --to onnx', () => {
  it('writes weights inside the model, or beside it', () => {
    expect(stagecraft(['export', network, '--to', 'onnx', '--out', at('inside.onnx')]).code).toBe(0);
    expect(
      stagecraft(['export', network, '--to', 'onnx', '--out', at('model.onnx'), '--beside']),
    ).toMatchObject({
      code: 0,
      out: `wrote ${at('model.onnx')}\nwrote ${at('model.onnx.data')}\n`,
    });
    const size = (name: string): number => readFileSync(at(name)).length;
    expect(size('inside.onnx')).toBeGreaterThan(2e6);
    expect(size('model.onnx')).toBeLessThan(4e5);
    expect(size('model.onnx.data')).toBeGreaterThan(2e6);
  });
});
