/** Findings of `doctor` on the runtimes in Python. Pure. */
import type { Finding } from '../engine/gpu-findings.js';
import { pytorchWay } from '../engine/unused-gpu.js';
import { notVerified, type VerifiedDevice } from '../verified/verified-devices.js';
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
  return [
    'missing' in torch
      ? missing('pytorch-missing', 'pytorch', torch.missing)
      : {
          id: 'pytorch-used',
          level: 'ok',
          text: `${torchText(torch)} in ${executable}: runtime pytorch`,
          fix: '',
        },
    ...(tensorflowFails ? otherWayFindings(facts) : []),
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

/** That PyTorch reaches a GPU which TensorFlow does not, where it does. */
export function otherWayFindings(facts: PythonFacts): Finding[] {
  if (facts.state === 'absent' || 'missing' in facts.torch || facts.torch.gpus.length === 0) return [];
  return [
    {
      id: 'pytorch-gpu',
      level: 'note',
      text: `PyTorch reaches the GPU that TensorFlow does not (${facts.torch.gpus.join(', ')})`,
      fix: pytorchWay,
    },
  ];
}

/** Whether `verify-device` has passed with PyTorch and ONNX Runtime, on the device that each takes. */
export function verifiedPythonFindings(facts: PythonFacts, verified: readonly VerifiedDevice[]): Finding[] {
  if (facts.state === 'absent') return [];
  const { torch, onnxruntime, python } = facts;
  const hasCuda = 'providers' in onnxruntime && onnxruntime.providers.includes('CUDAExecutionProvider');
  const runtimes = [
    ...('missing' in torch
      ? []
      : [
          {
            runtime: 'pytorch',
            software: `torch ${torch.version}`,
            kind: torch.gpus.length > 0 || torch.metal ? 'gpu' : 'cpu',
          },
        ]),
    ...('missing' in onnxruntime
      ? []
      : [
          {
            runtime: 'onnxruntime',
            software: `onnxruntime ${onnxruntime.version}`,
            // CUDA may be installed and not work: then a pass on either counts
            kind: hasCuda ? undefined : 'cpu',
          },
        ]),
  ];
  return runtimes.map(({ runtime, software, kind }) => {
    const passed = verified.find(
      (each) =>
        each.runtime === runtime &&
        (kind === undefined || each.kind === kind) &&
        isOf(each.runtimeVersion, software, python),
    );
    return {
      id: passed ? `${runtime}-verified` : `${runtime}-unverified`,
      level: passed ? 'ok' : 'note',
      text: passed
        ? `runtime ${runtime}: verified on ${passed.verifiedAt.slice(0, 10)} (${passed.modes.join(', ')})`
        : `runtime ${runtime}: ${notVerified}`,
      fix: passed ? '' : `run \`npx stagecraft verify-device --runtime ${runtime}\``,
    };
  });
}

/** Whether a device key's version names this software and interpreter: `torch 2.15.0, Python 3.13.1`. */
const isOf = (runtimeVersion: string, software: string, python: string): boolean =>
  /^[^ ,]+ [^ ,]+/.exec(runtimeVersion)?.[0] === software && runtimeVersion.endsWith(`Python ${python}`);
