/** Findings of `doctor` on the runtimes in Python. Pure. */
import type { Finding } from '../engine/gpu-findings.js';
import type { PythonFacts, TorchFacts } from './inspect-python.js';
import { pythonVariable } from './named-python.js';

const otherPython = `name an interpreter that has it in ${pythonVariable}`;

function torchText({ version, cuda, gpus, metal, compiles }: TorchFacts): string {
  const cudaText = cuda === '' ? 'CPU alone' : `CUDA ${cuda}, no GPU seen`;
  const devices = metal && gpus.length === 0 ? 'Metal' : cudaText;
  return (
    `PyTorch ${version} (${gpus.length > 0 ? gpus.join(', ') : devices}; ` +
    `torch.compile ${compiles ? 'works' : 'lacks a C++ compiler, or Triton on a GPU'})`
  );
}

/**
 * PyTorch and ONNX Runtime are optional, so what is missing is a note; an interpreter that was named and does
 * not run is an error.
 * @param tensorflowFails on the GPU of this machine
 */
export function pythonFindings(facts: PythonFacts, tensorflowFails: boolean): Finding[] {
  const { named } = facts;
  if (facts.state === 'absent')
    return [
      {
        id: 'python-runtimes',
        level: named.from === pythonVariable ? 'error' : 'note',
        text:
          `runtimes pytorch and onnxruntime: ${named.command} (${named.from}) ` +
          `does not run: ${facts.reason}`,
        fix: otherPython,
      },
    ];
  const { torch, onnxruntime, executable, python } = facts;
  const missing = (id: string, runtime: string, reason: string): Finding => ({
    id,
    level: 'note',
    text: `runtime ${runtime} is not there: ${executable} (${python}) says ${reason}`,
    fix: `${executable} -m pip install ${runtime === 'pytorch' ? 'torch' : runtime}, or ${otherPython}`,
  });
  const gpuByTorch = !('missing' in torch) && torch.gpus.length > 0;
  return [
    'missing' in torch
      ? missing('pytorch-missing', 'pytorch', torch.missing)
      : {
          id: 'pytorch-used',
          level: 'ok',
          text: `${torchText(torch)} in ${executable}: runtime pytorch`,
          fix: '',
        },
    ...(gpuByTorch && tensorflowFails
      ? [
          {
            id: 'pytorch-gpu',
            level: 'note' as const,
            text: 'PyTorch reaches the GPU that TensorFlow does not',
            fix: 'add `runtime pytorch` to the experiment, or --runtime pytorch',
          },
        ]
      : []),
    'missing' in onnxruntime
      ? missing('onnxruntime-missing', 'onnxruntime', onnxruntime.missing)
      : {
          id: 'onnxruntime-used',
          level: 'ok',
          text:
            `ONNX Runtime ${onnxruntime.version} ` +
            `(${onnxruntime.providers.map((name) => name.replace('ExecutionProvider', '')).join(', ')}) ` +
            `in ${executable}: runtime onnxruntime`,
          fix: '',
        },
  ];
}
