import { describe, expect, it } from 'vitest';
import { inspectPython, type PythonFacts } from '../../../src/setup/python/inspect-python.js';
import { namedPython } from '../../../src/setup/python/named-python.js';
import { pythonFindings, verifiedPythonFindings } from '../../../src/setup/python/python-findings.js';
import { testPython } from '../../export/python.js';

const named = { command: 'python3', from: 'the search path' };
const found: Extract<PythonFacts, { state: 'found' }> = {
  state: 'found',
  named,
  python: '3.13.1',
  executable: '/usr/bin/python3',
  torch: { version: '2.15.0', cuda: '', gpus: [], metal: false, compiles: true },
  onnxruntime: { version: '1.31.1', providers: ['CUDAExecutionProvider', 'CPUExecutionProvider'] },
};

describe('pythonFindings', () => {
  it('says what is there', () => {
    expect(pythonFindings(found, false)).toMatchObject([
      { level: 'ok', text: expect.stringMatching(/PyTorch 2.15.0 \(CPU alone; torch.compile works\)/) },
      { level: 'ok', text: expect.stringMatching(/ONNX Runtime 1.31.1 \(CUDA, CPU\)/) },
    ]);
  });

  it('says what is missing, and how to get it', () => {
    const missing = { missing: "ModuleNotFoundError: No module named 'torch'" };
    const [torch] = pythonFindings({ ...found, torch: missing }, false);
    expect(torch).toMatchObject({
      id: 'pytorch-missing',
      level: 'note',
      text: expect.stringMatching(/No module named 'torch'/),
      fix: expect.stringMatching(/pip install torch.*STAGECRAFT_PYTHON/),
    });
  });

  it('names PyTorch where it reaches the GPU and TensorFlow does not', () => {
    const torch = { version: '2.15.0', cuda: '13.2', gpus: ['NVIDIA H100'], metal: false, compiles: true };
    const ids = (fails: boolean): string[] => pythonFindings({ ...found, torch }, fails).map(({ id }) => id);
    expect(ids(true)).toContain('pytorch-gpu');
    expect(ids(false)).not.toContain('pytorch-gpu');
  });

  it('an interpreter that was named and does not run is an error, another is a note', async () => {
    const absent = await inspectPython({ STAGECRAFT_PYTHON: '/nonexistent/python' });
    expect(pythonFindings(absent, false)).toMatchObject([
      {
        level: 'error',
        text: expect.stringMatching(/\/nonexistent\/python \(STAGECRAFT_PYTHON\) does not run/),
      },
    ]);
    expect(pythonFindings({ ...absent, named } as PythonFacts, false)[0]!.level).toBe('note');
  });
});

describe('verifiedPythonFindings', () => {
  const torchPass = {
    ...({ device: 'cpu', kind: 'cpu', driver: '', runtime: 'pytorch', xla: false } as const),
    runtimeVersion: 'torch 2.15.0, Python 3.13.1',
    modes: ['eager float32'],
    verifiedAt: '2026-03-04T05:06:07.000Z',
  };
  const torchOf = (facts: PythonFacts, passes: readonly (typeof torchPass)[]) =>
    verifiedPythonFindings(facts, passes).map(({ id }) => id);

  it('says of each runtime that is there whether verify-device has passed', () => {
    const [torch, onnx] = verifiedPythonFindings(found, [torchPass]);
    expect(torch).toMatchObject({
      id: 'pytorch-verified',
      level: 'ok',
      text: expect.stringMatching(/2026-03-04/),
    });
    expect(onnx).toMatchObject({
      ...{ id: 'onnxruntime-unverified', level: 'note' },
      text: 'runtime onnxruntime: not verified on this device',
      fix: 'run `npx stagecraft verify-device --runtime onnxruntime`',
    });
  });

  it('a pass of another version, interpreter or device does not count', () => {
    for (const runtimeVersion of ['torch 2.15.1, Python 3.13.1', 'torch 2.15.0, Python 3.13.10'])
      expect(torchOf(found, [{ ...torchPass, runtimeVersion }])[0]).toBe('pytorch-unverified');
    const torch = { version: '2.15.0', cuda: '13.2', gpus: ['NVIDIA H100'], metal: false, compiles: true };
    expect(torchOf({ ...found, torch }, [torchPass])[0]).toBe('pytorch-unverified');
  });

  it('says nothing of what is not there', () => {
    const missing = { missing: 'no module' };
    expect(torchOf({ ...found, torch: missing, onnxruntime: missing }, [])).toEqual([]);
  });
});

it('namedPython: setting, environment, search path', () => {
  const env = { STAGECRAFT_PYTHON: '/venv/python' };
  expect(namedPython('/other', env).command).toBe('/other');
  expect(namedPython('', env)).toEqual({ command: '/venv/python', from: 'STAGECRAFT_PYTHON' });
  expect(namedPython(undefined, {}).from).toBe('the search path');
});

it.skipIf(!testPython)('inspectPython finds the packages of an environment', async () => {
  const facts = await inspectPython({ ...process.env, STAGECRAFT_PYTHON: testPython });
  expect(facts).toMatchObject({
    state: 'found',
    torch: { version: expect.stringMatching(/^2\./) },
    onnxruntime: { providers: expect.arrayContaining(['CPUExecutionProvider']) },
  });
});
