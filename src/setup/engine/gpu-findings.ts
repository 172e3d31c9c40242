/**
 * Known reasons why TensorFlow does not use a GPU, found in facts of the machine and in TensorFlow's log.
 * Pure. The patterns match messages of TensorFlow 2.21; an unknown message is shown as it is.
 */
import { compareVersions, type GpuFacts } from '../host/gpu-facts.js';
import { driverFloor, oldestDriver } from './versions.js';

export interface Finding {
  /** Stable name, for scripts. */
  readonly id: string;
  readonly level: 'ok' | 'note' | 'warning' | 'error';
  readonly text: string;
  readonly fix: string;
}

export interface GpuCase {
  readonly gpus: GpuFacts;
  readonly platform: string;
  readonly arch: string;
  /** Whether the engine in use was built for CUDA; undefined where there is no engine. */
  readonly engineKind: 'cpu' | 'cuda' | 'own' | undefined;
  /** Whether TensorFlow put its default device on the GPU; undefined where it was not run. */
  readonly usesGpu: boolean | undefined;
  /** TensorFlow's lines on stderr. */
  readonly log: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const finding = (id: string, level: Finding['level'], text: string, fix = ''): Finding => ({
  id,
  level,
  text,
  fix,
});
const gigabytes = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);

/** By CUDA's error code: what it means, and the fix. */
const cudaErrors: Readonly<Record<string, readonly [string, string]>> = {
  CUDA_ERROR_NO_DEVICE: [
    'the driver offers no device to this process',
    'check CUDA_VISIBLE_DEVICES, and that the container was started with the GPU (`docker run --gpus all`)',
  ],
  CUDA_ERROR_UNKNOWN: [
    'the driver does not answer',
    'load the module nvidia_uvm (`sudo modprobe nvidia_uvm`) or restart the machine',
  ],
  CUDA_ERROR_SYSTEM_DRIVER_MISMATCH: [
    'the loaded driver and its library are of different versions',
    'restart the machine, or in a container match the library to the host',
  ],
  CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE: [
    'the forward-compatibility library does not support this GPU',
    'remove the cuda-compat package',
  ],
  CUDA_ERROR_SYSTEM_NOT_READY: [
    'the GPU fabric is not ready',
    'start nvidia-fabricmanager (`sudo systemctl start nvidia-fabricmanager`)',
  ],
  CUDA_ERROR_INVALID_DEVICE: [
    'the named device does not exist',
    'check CUDA_VISIBLE_DEVICES against `nvidia-smi -L`',
  ],
  CUDA_ERROR_STUB_LIBRARY: [
    'the library libcuda.so.1 that was found is a stub',
    'take the stubs folder of the CUDA toolkit off LD_LIBRARY_PATH',
  ],
  CUDA_ERROR_INSUFFICIENT_DRIVER: [
    'the driver is older than CUDA 12 needs',
    `install driver ${oldestDriver.binary} or later`,
  ],
};

/** Causes that TensorFlow's log names. */
function logFindings(log: string): Finding[] {
  const libraries = libraryFindings(log);
  return [
    ...libraries,
    ...initFindings(log, libraries),
    ...(/CUDA_ERROR_OUT_OF_MEMORY|failed to allocate .* from device/i.test(log)
      ? [
          finding(
            'gpu-memory',
            'error',
            "the GPU's memory is taken",
            'end the processes that hold it (`nvidia-smi`), or choose another GPU with STAGECRAFT_DEVICE',
          ),
        ]
      : []),
    ...capabilityFindings(log),
  ];
}

/** Shared libraries that did not load. */
function libraryFindings(log: string): Finding[] {
  const libraries = [
    ...new Set([...log.matchAll(/Could not load dynamic library '([^']+)'/g)].map((match) => match[1]!)),
  ];
  if (libraries.length === 0 && /Cannot dlopen some GPU libraries/.test(log))
    return [
      finding(
        'gpu-library',
        'error',
        'some of the CUDA libraries do not load',
        'run `npx stagecraft setup --force`',
      ),
    ];
  return libraries
    .filter((library) => !/nvinfer/.test(library)) // TensorRT is optional
    .map((library) => {
      if (/^lib(cuda|nvidia-ml)\.so/.test(library))
        return finding(
          'gpu-driver-library',
          'error',
          `${library}, the driver's library, does not load`,
          'install the NVIDIA driver whole, or start the container with the GPU (`docker run --gpus all`)',
        );
      const reason =
        new RegExp(`'${library.replaceAll('.', '\\.')}'; dlerror: ([^;\\n]+)`).exec(log)?.[1] ?? '';
      return finding(
        'gpu-library',
        'error',
        `${library} does not load${reason === '' ? '' : `: ${reason.trim()}`}`,
        'run `npx stagecraft setup --force`',
      );
    });
}

/** CUDA's error at its start. */
function initFindings(log: string, libraries: readonly Finding[]): Finding[] {
  const error = /failed call to cuInit: .*?(CUDA_ERROR_\w+|UNKNOWN ERROR \(\d+\))/.exec(log)?.[1];
  if (error === undefined || error === 'CUDA_ERROR_OUT_OF_MEMORY') return [];
  // without the driver's library the error is unknown, and its cause is named already
  if (libraries.some(({ id }) => id === 'gpu-driver-library')) return [];
  const [text, fix] = cudaErrors[error] ?? [
    'the driver does not start',
    'check the driver with `nvidia-smi`',
  ];
  return [finding('gpu-init', 'error', `${text} (${error})`, fix)];
}

/** GPUs that this TensorFlow was not compiled for. */
const capabilityFindings = (log: string): Finding[] =>
  [
    ...log.matchAll(
      /Ignoring visible gpu device[^\n]*?name: ([^,\n]+)[^\n]*?compute capability:? (\d+\.\d+)[^\n]*/gi,
    ),
  ].map((match) =>
    finding(
      'gpu-capability',
      'error',
      `${match[1]!.trim()} has compute capability ${match[2]}, which this TensorFlow does not support`,
      'use a newer GPU, or a TensorFlow built for it with `npx stagecraft setup --tensorflow <folder>`',
    ),
  );

/** The setting that hides every GPU from the process; undefined where none does. */
function hiddenBy({ env, gpus }: GpuCase): string | undefined {
  const visible = env['CUDA_VISIBLE_DEVICES'];
  if (visible === undefined) return undefined;
  const first = visible.split(',')[0]!.trim();
  if (first === '' || first === '-1')
    return `CUDA_VISIBLE_DEVICES=${JSON.stringify(visible)} hides every GPU`;
  const exists = /^\d+$/.test(first)
    ? Number(first) < gpus.devices.length
    : gpus.devices.some(({ uuid }) => uuid.startsWith(first));
  return gpus.devices.length > 0 && !exists
    ? `CUDA_VISIBLE_DEVICES=${JSON.stringify(visible)} names no GPU of this machine (there are: ` +
        `${gpus.devices.map(({ name, uuid }, index) => `${index}: ${name} ${uuid}`).join('; ')})`
    : undefined;
}

/** Devices that the process may see; TensorFlow computes on the first. */
export function visibleDevices({ env, gpus }: Pick<GpuCase, 'env' | 'gpus'>): GpuFacts['devices'] {
  const visible = env['CUDA_VISIBLE_DEVICES']?.split(',').map((entry) => entry.trim());
  return visible === undefined
    ? gpus.devices
    : gpus.devices.filter(({ uuid }, index) =>
        visible.some((entry) =>
          /^\d+$/.test(entry) ? Number(entry) === index : entry !== '' && uuid.startsWith(entry),
        ),
      );
}

/** Visible devices of which other processes hold more than 80 % of the memory. */
function memoryHeld(state: GpuCase): Finding[] {
  return visibleDevices(state)
    .filter(({ totalBytes, usedBytes }) => totalBytes > 0 && usedBytes > 0.8 * totalBytes)
    .map((device) => {
      const holders = device.processes
        .map(({ pid, name, usedBytes }) => `${name} (${pid}) ${gigabytes(usedBytes)} GB`)
        .join(', ');
      return finding(
        'gpu-memory',
        'warning',
        `${device.name} ${device.uuid}: ${gigabytes(device.usedBytes)} ` +
          `of ${gigabytes(device.totalBytes)} GB are taken${holders === '' ? '' : ` by ${holders}`}`,
        'end those processes, or choose another GPU with STAGECRAFT_DEVICE',
      );
    });
}

/**
 * Finds why the GPU is not used, or confirms that it is.
 * @returns an empty list where the machine has no GPU
 */
export function gpuFindings(state: GpuCase): Finding[] {
  const { gpus } = state;
  if (!gpus.hardware) return [];
  if (state.usesGpu === true) {
    const names = visibleDevices(state).map(({ name, uuid }) => `${name} ${uuid}`);
    return [
      finding('gpu-used', 'ok', `${names.join(', ') || 'NVIDIA GPU'}, driver ${gpus.driver}`),
      ...memoryHeld(state),
    ];
  }
  const obstacle = driverObstacle(state) ?? configurationObstacle(state);
  return obstacle ? [obstacle] : tensorflowObstacles(state);
}

const unused = (id: string, text: string, fix: string): Finding =>
  finding(id, 'error', `the GPU is not used: ${text}`, fix);

/** What is wrong with the platform or the driver. */
function driverObstacle(state: GpuCase): Finding | undefined {
  const { gpus, platform, arch } = state;
  if (platform !== 'linux' || arch !== 'x64')
    return unused(
      'gpu-platform',
      `TensorFlow's wheel for ${platform} ${arch} has no CUDA`,
      'name a TensorFlow built for it with `npx stagecraft setup --tensorflow <folder>`',
    );
  if (/driver\/library version mismatch/i.test(gpus.smiError))
    return unused(
      'gpu-driver-mismatch',
      `the loaded driver${gpus.driver === '' ? '' : ` (${gpus.driver})`} and its library ` +
        'are of different versions',
      'restart the machine: the driver was updated while it was loaded',
    );
  if (gpus.driver === '')
    return unused(
      'gpu-driver-missing',
      'the NVIDIA driver is not loaded',
      'install the NVIDIA driver and restart the machine (Debian: `apt install nvidia-driver`)',
    );
  const oldest = driverFloor(
    visibleDevices(state)
      .slice(0, 1) // the one that is used
      .map(({ computeCapability }) => computeCapability),
  );
  if (compareVersions(gpus.driver, oldest) < 0)
    return unused(
      'gpu-driver-old',
      `the driver ${gpus.driver} is older than ${oldest}, which TensorFlow's kernels need on this GPU`,
      `install driver ${oldest} or later`,
    );
  if (!gpus.deviceFiles && gpus.devices.length === 0)
    return unused(
      'gpu-device-files',
      'the driver is loaded, but /dev/nvidiactl does not exist',
      'start the container with the GPU (`docker run --gpus all`)',
    );
  return undefined;
}

/** What the environment or the choice of engine excludes. */
function configurationObstacle(state: GpuCase): Finding | undefined {
  const hidden = hiddenBy(state);
  if (hidden !== undefined)
    return unused(
      'gpu-hidden',
      hidden,
      'unset CUDA_VISIBLE_DEVICES, or name a GPU by its UUID in STAGECRAFT_DEVICE',
    );
  if (state.engineKind === undefined)
    return unused('gpu-no-engine', 'there is no native engine', 'run `npx stagecraft setup`');
  if (state.engineKind === 'cpu')
    return unused(
      'gpu-engine-cpu',
      'the engine was set up for the CPU',
      'run `npx stagecraft setup --device gpu`',
    );
  return undefined;
}

/** What TensorFlow reported when it ran. */
function tensorflowObstacles(state: GpuCase): Finding[] {
  const causes = [...logFindings(state.log), ...memoryHeld(state)];
  if (causes.length > 0)
    return causes.map((cause) => ({ ...cause, level: 'error', text: `the GPU is not used: ${cause.text}` }));
  const lastError =
    state.log
      .split('\n')
      .findLast((line) => /^[EW]\d{4}|\b(error|fail)/i.test(line))
      ?.replace(/^[EW][\d .:]+\s+\d+ /, '') ?? 'TensorFlow gives no reason';
  return [
    unused('gpu-unknown', lastError, "run `npx stagecraft doctor --verbose` for TensorFlow's whole log"),
  ];
}
