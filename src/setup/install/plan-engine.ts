/**
 * Plans a set-up from the host's facts; `setup --dry-run` prints the plan. Supported: Linux x64 with or
 * without an NVIDIA GPU; Linux arm64 and macOS arm64 on the CPU (wheels exist, not run yet). Elsewhere wasm
 * is used unless `--tensorflow` names libraries: macOS on Intel has no TensorFlow wheel since 2.17, musl and
 * Windows have none with these libraries.
 */

import { UserError } from '../../util/errors.js';
import { driverFloor } from '../engine/versions.js';
import { compareVersions } from '../host/gpu-facts.js';
import type { HostFacts } from '../host/host-facts.js';
import { installHints } from '../host/install-hints.js';
import { canDownloadCompiler, compilerSize } from '../wheels/borrow-compiler.js';
import { type Wheel, type WheelSet, wheels } from '../wheels/wheel-table.js';

export interface SetupChoice {
  /** `auto`: CUDA where there is a GPU with a recent driver. */
  readonly device?: 'auto' | 'cpu' | 'gpu';
  /** An existing TensorFlow: `site-packages/tensorflow`, or a folder with the libraries. */
  readonly tensorflow?: string | undefined;
}

export interface EnginePlan {
  readonly kind: 'cpu' | 'cuda' | 'own';
  readonly wheels: readonly Wheel[];
  readonly tensorflowFolder: string | undefined;
  readonly downloadMegabytes: number;
  /** Free space that the cache's disk needs while it is built. */
  readonly diskMegabytes: number;
  /** Notices about the choice, e.g. why no GPU is used. */
  readonly notes: readonly string[];
}

/** The npm packages of the engine, unpacked, and room for the build. */
const packagesMegabytes = 400;
/** glibc of the wheels' tag. */
const oldestGlibc = '2.27';
/** The oldest pip that downloads another Python's wheels by version and tag (18.1 fails, 22.0 works). */
const oldestPip = '20.0';

const wasm = 'stagecraft runs on the slower wasm runtime here';
/** Why the GPU cannot be used; '' where it can, or where there is none. */
export function gpuObstacle(host: HostFacts): string {
  const { gpus } = host;
  if (!gpus.hardware) return '';
  if (host.platform !== 'linux' || host.arch !== 'x64')
    return `TensorFlow's wheel for ${host.platform} ${host.arch} has no CUDA`;
  if (gpus.driver === '') return 'an NVIDIA GPU is there, but its driver is not loaded';
  const oldest = driverFloor(gpus.devices.map(({ computeCapability }) => computeCapability));
  if (compareVersions(gpus.driver, oldest) < 0)
    return `the NVIDIA driver ${gpus.driver} is older than ${oldest}, which TensorFlow's kernels need`;
  return '';
}

function assertTools(host: HostFacts, needsPip: boolean): void {
  if (needsPip && host.python === undefined)
    throw new UserError(`setup: Python 3 is needed to download TensorFlow, found none; ${wasm}`, {
      fix: installHints.python,
    });
  if (needsPip && host.pip === undefined) {
    throw new UserError(
      'setup: pip is needed to download TensorFlow, ' +
        `and ${host.python!.command} ${host.python!.version} has none; ${wasm}`,
      { fix: installHints.python },
    );
  }
  if (needsPip && compareVersions(host.pip!.version, oldestPip) < 0) {
    throw new UserError(
      `setup: pip ${oldestPip} or later is needed to download TensorFlow, got ${host.pip!.version}; ${wasm}`,
      { fix: `${host.python!.command} -m pip install --user --upgrade pip` },
    );
  }
  if (host.compiler === undefined && !canDownloadCompiler(host))
    throw new UserError(`setup: a C++ compiler is needed to build the binding, found none; ${wasm}`, {
      fix: installHints.compiler,
    });
  if (host.npm === undefined)
    throw new UserError('setup: npm is needed to install the binding, found none', { fix: installHints.npm });
}

/** @throws UserError where the platform has no native engine or a prerequisite is missing */
export function planEngine(host: HostFacts, choice: SetupChoice = {}): EnginePlan {
  if (host.platform === 'win32') {
    throw new UserError(
      "setup: TensorFlow's Windows wheel does not carry the C library, " +
        `so there is no native engine on Windows; ${wasm}`,
      { fix: 'use WSL 2 (`wsl --install`) for the native engine' },
    );
  }
  if (choice.tensorflow !== undefined) {
    assertTools(host, false);
    return {
      kind: 'own',
      wheels: [],
      tensorflowFolder: choice.tensorflow,
      downloadMegabytes: 0,
      diskMegabytes: packagesMegabytes,
      notes: [],
    };
  }
  const obstacle = gpuObstacle(host);
  if (choice.device === 'gpu' && (!host.gpus.hardware || obstacle !== '')) {
    throw new UserError(`setup: --device gpu needs a usable NVIDIA GPU: ${obstacle || 'none was found'}`, {
      fix: 'run `npx stagecraft doctor` for what is missing, or take --device cpu',
    });
  }
  const cuda = choice.device !== 'cpu' && host.gpus.hardware && obstacle === '';
  const set = `${host.platform}-${host.arch}-${cuda ? 'cuda' : 'cpu'}`;
  if (!(set in wheels)) {
    const reason =
      host.platform === 'darwin'
        ? 'TensorFlow has had no wheel for Intel Macs since 2.17'
        : `there is no TensorFlow wheel for ${host.platform} ${host.arch}`;
    throw new UserError(`setup: ${reason}; ${wasm}`, {
      fix:
        'for the native engine, name libraries of your own: ' +
        '`npx stagecraft setup --tensorflow <folder>`',
    });
  }
  if (host.platform === 'linux' && (host.glibc === '' || compareVersions(host.glibc, oldestGlibc) < 0)) {
    const found = host.glibc === '' ? 'this system has none (musl?)' : `got ${host.glibc}`;
    throw new UserError(`setup: TensorFlow's wheel needs glibc ${oldestGlibc} or later, ${found}; ${wasm}`);
  }
  assertTools(host, true);
  const chosen: readonly Wheel[] = wheels[set as WheelSet];
  const sum = (of: (wheel: Wheel) => number) => chosen.reduce((total, wheel) => total + of(wheel), 0);
  const compiler = host.compiler === undefined ? compilerSize(host) : undefined;
  const downloadMegabytes = sum((wheel) => wheel.megabytes) + (compiler?.download ?? 0);
  return {
    kind: cuda ? 'cuda' : 'cpu',
    wheels: chosen,
    tensorflowFolder: undefined,
    downloadMegabytes,
    diskMegabytes:
      downloadMegabytes + sum((wheel) => wheel.keptMegabytes) + packagesMegabytes + (compiler?.disk ?? 0),
    notes: obstacle === '' ? [] : [`the CPU is used: ${obstacle}`],
  };
}
