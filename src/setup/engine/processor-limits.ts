/**
 * Variables that change which code TensorFlow's CPU library (oneDNN) runs. They are part of the device key
 * and of the trial of the engine's own kernels, and cap the instruction set that those are compiled for.
 * https://uxlfoundation.github.io/oneDNN/dev_guide_cpu_dispatcher_control.html
 */
const limitNames = [
  'TF_ENABLE_ONEDNN_OPTS',
  'ONEDNN_MAX_CPU_ISA',
  'DNNL_MAX_CPU_ISA',
  'ONEDNN_CPU_ISA_HINTS',
  'ONEDNN_DEFAULT_FPMATH_MODE',
  'TF_SET_ONEDNN_FPMATH_MODE',
] as const;

/** Variables that change what a GPU computes or how its memory is counted. */
const gpuLimitNames = [
  'TF_GPU_ALLOCATOR',
  'TF_DETERMINISTIC_OPS',
  'TF_CUDNN_DETERMINISTIC',
  'TF_CUDNN_USE_AUTOTUNE',
  'TF_CUDNN_USE_FRONTEND',
  'CUDA_LAUNCH_BLOCKING',
] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** `NAME=value` of each that is set; '' where none is. */
export const limitsText = (env: Environment, kind: 'cpu' | 'gpu' = 'cpu'): string =>
  (kind === 'cpu' ? limitNames : gpuLimitNames)
    .filter((name) => env[name])
    .map((name) => `${name}=${env[name]}`)
    .join(' ');

/** The widest vectors that the variables allow; undefined: any. */
export function limitedLevel(env: Environment): 'avx512' | 'avx2' | 'plain' | undefined {
  const limit = (env['ONEDNN_MAX_CPU_ISA'] ?? env['DNNL_MAX_CPU_ISA'] ?? '').toUpperCase();
  if (limit === '' || limit === 'ALL' || limit === 'DEFAULT') return undefined;
  if (limit.startsWith('AVX512') || limit.startsWith('AVX10')) return 'avx512';
  return limit.startsWith('AVX2') ? 'avx2' : 'plain';
}
