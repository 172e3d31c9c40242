/**
 * Every way known in which a GPU goes unused, by name: from what the machine says and from TensorFlow's own
 * log. Pure. Patterns are of TensorFlow 2.21's messages; an unknown one is shown as it is.
 */
import { compareVersions, type GpuFacts } from '../host/gpu-facts.js';
import { oldestDriver } from './versions.js';

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

/** Names of CUDA's error codes that `cuInit` and friends give, and what to do. */
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
    `install driver ${oldestDriver.linux} or later`,
  ],
};

/** What TensorFlow's log says about GPUs, one finding per cause. */
function fromLog(log: string): Finding[] {
  const found: Finding[] = [];
  const libraries = [
    ...new Set([...log.matchAll(/Could not load dynamic library '([^']+)'/g)].map((match) => match[1]!)),
  ];
  for (const library of libraries) {
    if (/^lib(cuda|nvidia-ml)\.so/.test(library)) {
      found.push(
        finding(
          'gpu-driver-library',
          'error',
          `${library}, the driver's library, does not load`,
          'install the NVIDIA driver whole, or start the container with the GPU (`docker run --gpus all`)',
        ),
      );
    } else if (!/nvinfer/.test(library)) {
      const reason =
        new RegExp(`'${library.replaceAll('.', '\\.')}'; dlerror: ([^;\\n]+)`).exec(log)?.[1] ?? '';
      found.push(
        finding(
          'gpu-library',
          'error',
          `${library} does not load${reason === '' ? '' : `: ${reason.trim()}`}`,
          'run `stagecraft setup --force`',
        ),
      );
    }
  }
  if (libraries.length === 0 && /Cannot dlopen some GPU libraries/.test(log)) {
    found.push(
      finding(
        'gpu-library',
        'error',
        'some of the CUDA libraries do not load',
        'run `stagecraft setup --force`',
      ),
    );
  }
  const init = /failed call to cuInit: .*?(CUDA_ERROR_\w+|UNKNOWN ERROR \(\d+\))/.exec(log)?.[1];
  // Without the driver's library TensorFlow gives an unknown error, whose cause is named above.
  if (
    init !== undefined &&
    init !== 'CUDA_ERROR_OUT_OF_MEMORY' &&
    !found.some(({ id }) => id === 'gpu-driver-library')
  ) {
    const [text, fix] = cudaErrors[init] ?? [
      'the driver does not start',
      'check the driver with `nvidia-smi`',
    ];
    found.push(finding('gpu-init', 'error', `${text} (${init})`, fix));
  }
  if (/CUDA_ERROR_OUT_OF_MEMORY|failed to allocate .* from device/i.test(log)) {
    found.push(
      finding(
        'gpu-memory',
        'error',
        "the GPU's memory is taken",
        'end the processes that hold it (`nvidia-smi`), or choose another GPU with STAGECRAFT_DEVICE',
      ),
    );
  }
  for (const match of log.matchAll(
    /Ignoring visible gpu device[^\n]*?name: ([^,\n]+)[^\n]*?compute capability:? (\d+\.\d+)[^\n]*/gi,
  )) {
    found.push(
      finding(
        'gpu-capability',
        'error',
        `${match[1]!.trim()} has compute capability ${match[2]}, which this TensorFlow does not serve`,
        'use a newer GPU, or a TensorFlow built for it with `stagecraft setup --tensorflow <folder>`',
      ),
    );
  }
  return found;
}

/** What hides every GPU from the process, or undefined. */
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
    ? `CUDA_VISIBLE_DEVICES=${JSON.stringify(visible)} names no GPU of this machine (there are: ${gpus.devices.map(({ name, uuid }, index) => `${index}: ${name} ${uuid}`).join('; ')})`
    : undefined;
}

/** Devices that the process may see. */
function visibleDevices({ env, gpus }: GpuCase): GpuFacts['devices'] {
  const visible = env['CUDA_VISIBLE_DEVICES']?.split(',').map((entry) => entry.trim());
  return visible === undefined
    ? gpus.devices
    : gpus.devices.filter(({ uuid }, index) =>
        visible.some((entry) =>
          /^\d+$/.test(entry) ? Number(entry) === index : entry !== '' && uuid.startsWith(entry),
        ),
      );
}

/** Devices whose memory others hold so that little is left. */
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
        `${device.name} ${device.uuid}: ${gigabytes(device.usedBytes)} of ${gigabytes(device.totalBytes)} GB are taken${holders === '' ? '' : ` by ${holders}`}`,
        'end those processes, or choose another GPU with STAGECRAFT_DEVICE',
      );
    });
}

/** Names why the GPU is not used, or that it is. Empty where the machine has none. */
export function gpuFindings(state: GpuCase): Finding[] {
  const { gpus } = state;
  if (!gpus.hardware) return [];
  const names =
    visibleDevices(state)
      .map(({ name, uuid }) => `${name} ${uuid}`)
      .join(', ') || 'NVIDIA GPU';
  if (state.usesGpu === true)
    return [finding('gpu-used', 'ok', `${names}, driver ${gpus.driver}`), ...memoryHeld(state)];
  const unused = (id: string, text: string, fix: string) =>
    finding(id, 'error', `the GPU is not used: ${text}`, fix);
  if (state.platform !== 'linux' || state.arch !== 'x64') {
    return [
      unused(
        'gpu-platform',
        `TensorFlow's wheel for ${state.platform} ${state.arch} has no CUDA`,
        'name a TensorFlow built for it with `stagecraft setup --tensorflow <folder>`',
      ),
    ];
  }
  if (/driver\/library version mismatch/i.test(gpus.smiError)) {
    return [
      unused(
        'gpu-driver-mismatch',
        `the loaded driver${gpus.driver === '' ? '' : ` (${gpus.driver})`} and its library are of different versions`,
        'restart the machine: the driver was updated under it',
      ),
    ];
  }
  if (gpus.driver === '')
    return [
      unused(
        'gpu-driver-missing',
        'the NVIDIA driver is not loaded',
        'install the NVIDIA driver and restart the machine (Debian: `apt install nvidia-driver`)',
      ),
    ];
  if (compareVersions(gpus.driver, oldestDriver.linux) < 0) {
    return [
      unused(
        'gpu-driver-old',
        `the driver ${gpus.driver} is older than ${oldestDriver.linux}, which CUDA 12 needs`,
        `install driver ${oldestDriver.linux} or later`,
      ),
    ];
  }
  if (!gpus.deviceFiles && gpus.devices.length === 0) {
    return [
      unused(
        'gpu-device-files',
        'the driver is loaded, but /dev/nvidiactl is not there',
        'start the container with the GPU (`docker run --gpus all`)',
      ),
    ];
  }
  const hidden = hiddenBy(state);
  if (hidden !== undefined)
    return [
      unused(
        'gpu-hidden',
        hidden,
        'unset CUDA_VISIBLE_DEVICES, or name a GPU by its UUID in STAGECRAFT_DEVICE',
      ),
    ];
  if (state.engineKind === undefined)
    return [unused('gpu-no-engine', 'there is no native engine', 'run `stagecraft setup`')];
  if (state.engineKind === 'cpu')
    return [
      unused('gpu-engine-cpu', 'the engine was set up for the CPU', 'run `stagecraft setup --device gpu`'),
    ];
  const causes = [...fromLog(state.log), ...memoryHeld(state)];
  if (causes.length > 0)
    return causes.map((cause) => ({ ...cause, level: 'error', text: `the GPU is not used: ${cause.text}` }));
  const said =
    state.log
      .split('\n')
      .findLast((line) => /^[EW]\d{4}|\b(error|fail)/i.test(line))
      ?.replace(/^[EW][\d .:]+\s+\d+ /, '') ?? 'TensorFlow gives no reason';
  return [
    unused('gpu-unknown', said, 'run `stagecraft doctor --verbose` for everything that TensorFlow says'),
  ];
}
