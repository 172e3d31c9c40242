/** A GPU that TensorFlow leaves unused, and the other way to it. */
import { type UsedGpu, usedGpu } from '../host/used-gpu.js';
import { locateEngine } from './locate-engine.js';
import { deviceVariable } from './named-device.js';

/** How networks reach a GPU that TensorFlow does not. */
export const pytorchWay = 'runtime pytorch in the experiment file, or --runtime pytorch';

interface UnusedGpuCase {
  /** What a run computes on. */
  readonly key: { readonly runtime: string; readonly kind: 'cpu' | 'gpu' };
  readonly engineKind: 'cpu' | 'cuda' | 'own' | undefined;
  readonly gpu: Pick<UsedGpu, 'name'> | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** One line where TensorFlow computes on the CPU though a GPU is there; undefined elsewhere. Pure. */
export function unusedGpuText({ key, engineKind, gpu, env }: UnusedGpuCase): string | undefined {
  const isIntended = env[deviceVariable] === 'cpu' || /^(-1)?$/.test(env['CUDA_VISIBLE_DEVICES'] ?? '0');
  if (key.runtime !== 'tensorflow' || key.kind === 'gpu' || !gpu || isIntended) return undefined;
  if (engineKind === undefined || engineKind === 'cpu') return undefined;
  return (
    `TensorFlow does not use ${gpu.name}; \`npx stagecraft doctor\` says why. ` +
    `Where PyTorch is installed: ${pytorchWay}`
  );
}

/** Of this machine; asks nvidia-smi where the engine was built for a GPU. */
export function unusedGpuNote(key: UnusedGpuCase['key'], env = process.env): string | undefined {
  if (key.runtime !== 'tensorflow' || key.kind === 'gpu') return undefined;
  const engineKind = locateEngine(env)?.info.kind;
  if (engineKind === undefined || engineKind === 'cpu') return undefined;
  return unusedGpuText({ key, engineKind, gpu: usedGpu(env), env });
}
