/**
 * The device named in STAGECRAFT_DEVICE. CUDA gets it as the GPU's UUID in CUDA_VISIBLE_DEVICES, which does
 * not change with reboots. Child processes inherit both variables.
 */
import { UserError } from '../../util/errors.js';
import { type GpuDevice, type GpuFacts, readGpus } from '../host/gpu-facts.js';
import { type Engine, locateEngine } from './locate-engine.js';

/** Environment variable: `cpu`, or a GPU by UUID or its beginning, index or part of its name. */
export const deviceVariable = 'STAGECRAFT_DEVICE';

const listOf = (devices: readonly GpuDevice[]): string =>
  devices.map((device, index) => `${index}: ${device.name} ${device.uuid}`).join('; ') || 'none';

/**
 * Resolves the value of the variable.
 * @returns `cpu` or a UUID
 * @throws UserError where no GPU or several match; lists them
 */
export function chooseDevice(wanted: string, devices: readonly GpuDevice[]): string {
  if (wanted === 'cpu') return 'cpu';
  const list = listOf(devices);
  if (/^\d+$/.test(wanted)) {
    const device = devices[Number(wanted)];
    if (device === undefined)
      throw new UserError(
        `${deviceVariable}: the index of a GPU is needed, got ${wanted}; there are: ${list}`,
      );
    return device.uuid;
  }
  const text = wanted.toLowerCase();
  const fits = devices.filter(
    (device) => device.uuid.toLowerCase().startsWith(text) || device.name.toLowerCase().includes(text),
  );
  if (fits.length === 1) return fits[0]!.uuid;
  throw new UserError(
    `${deviceVariable}: cpu or one GPU is needed, got ${JSON.stringify(wanted)}, ` +
      `which fits ${fits.length === 0 ? 'none' : fits.length}; there are: ${list}`,
    { fix: 'name it by its UUID (`npx stagecraft doctor` lists them)' },
  );
}

/** Whether CUDA_VISIBLE_DEVICES, where it is set, leaves the GPU visible. */
function isVisible(uuid: string, devices: readonly GpuDevice[], visible: string | undefined): boolean {
  return (
    visible === undefined ||
    visible
      .split(',')
      .map((entry) => entry.trim())
      .some((entry) =>
        /^\d+$/.test(entry) ? devices[Number(entry)]?.uuid === uuid : entry !== '' && uuid.startsWith(entry),
      )
  );
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Hides all visible GPUs but the first, which the device key names: tfjs creates tensors on the last one that
 * TensorFlow sees. None is hidden where only one is visible.
 */
function firstOfSeveral(env: Environment, devices: readonly GpuDevice[]): Readonly<Record<string, string>> {
  const visible = env['CUDA_VISIBLE_DEVICES'];
  const seen = devices.filter(({ uuid }) => isVisible(uuid, devices, visible));
  if (seen.length < 2) return {};
  const [first = ''] = (visible ?? '').split(',');
  const uuid = first === '' ? seen[0]!.uuid : chooseDevice(first.trim(), devices);
  return { CUDA_VISIBLE_DEVICES: uuid, CUDA_DEVICE_ORDER: 'PCI_BUS_ID' };
}

/**
 * The variables that select the named device; none where none is named. Pure.
 * @throws UserError where the name matches no GPU or several, CUDA_VISIBLE_DEVICES hides it, or the engine
 * was built without CUDA
 */
export function deviceVariables(
  env: Environment,
  gpus: Pick<GpuFacts, 'devices' | 'smiError'>,
  engineKind: Engine['info']['kind'] | undefined,
): Readonly<Record<string, string>> {
  const wanted = env[deviceVariable] ?? '';
  if (wanted === '') return engineKind === 'cpu' ? {} : firstOfSeveral(env, gpus.devices);
  if (wanted === 'cpu') return { CUDA_VISIBLE_DEVICES: '-1' };
  if (gpus.devices.length === 0)
    throw new UserError(
      `${deviceVariable}: no NVIDIA GPU was found (${gpus.smiError || 'nvidia-smi lists none'}), ` +
        `got ${JSON.stringify(wanted)}`,
      { fix: 'run `npx stagecraft doctor` for what is missing, or name cpu' },
    );
  const uuid = chooseDevice(wanted, gpus.devices);
  const visible = env['CUDA_VISIBLE_DEVICES'];
  if (!isVisible(uuid, gpus.devices, visible))
    throw new UserError(
      `${deviceVariable}: ${uuid} is hidden by CUDA_VISIBLE_DEVICES=${JSON.stringify(visible)}`,
      { fix: 'unset one of the two' },
    );
  if (engineKind === 'cpu')
    throw new UserError(
      `${deviceVariable}: the engine was set up for the CPU, got ${JSON.stringify(wanted)}`,
      { fix: 'run `npx stagecraft setup --device gpu`' },
    );
  return { [deviceVariable]: uuid, CUDA_VISIBLE_DEVICES: uuid, CUDA_DEVICE_ORDER: 'PCI_BUS_ID' };
}

/** Whether a parent process has set the variables. */
const isApplied = (env: Environment): boolean =>
  env[deviceVariable] === (env['CUDA_VISIBLE_DEVICES'] ?? '') && env['CUDA_DEVICE_ORDER'] !== undefined;

/**
 * Sets the variables in `env`; call it before the engine loads. Runs `nvidia-smi` only where a GPU is named
 * or the engine has CUDA.
 * @throws UserError as `deviceVariables`
 */
export async function applyNamedDevice(env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const wanted = env[deviceVariable] ?? '';
  const kind = locateEngine(env)?.info.kind;
  if (wanted === '' ? kind === undefined || kind === 'cpu' : isApplied(env)) return;
  const gpus = wanted === 'cpu' ? { devices: [], smiError: '' } : await readGpus({ env });
  Object.assign(env, deviceVariables(env, gpus, kind));
}

/** @throws UserError where a GPU is named and TensorFlow runs on the CPU, which it does not report */
export function assertNamedDevice(usesGpu: boolean, env: Environment = process.env): void {
  const wanted = env[deviceVariable] ?? '';
  if (wanted === '' || wanted === 'cpu' || usesGpu) return;
  throw new UserError(
    `runtime: TensorFlow does not use the GPU that ${deviceVariable} names, got ${JSON.stringify(wanted)}`,
    { fix: 'run `npx stagecraft doctor` to see why, unset it, or take --runtime pytorch' },
  );
}
