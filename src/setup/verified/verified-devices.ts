/**
 * Devices on which `verify-device` has passed: one file each in the user's cache. TensorFlow on a CPU needs
 * none, since the project's own tests run there.
 */
import { type Environment, readNotes, writeNote } from './device-notes.js';

const folder = 'verified';

/** The members of a device key that say on what code and device a network ran. */
export interface DeviceIdentity {
  readonly device: string;
  readonly kind: 'cpu' | 'gpu';
  readonly driver: string;
  readonly runtime: string;
  readonly runtimeVersion: string;
  readonly xla: boolean;
  readonly limits?: string | undefined;
}

export interface VerifiedDevice extends DeviceIdentity {
  /** Executions and precisions that passed, such as `compiled float32`. */
  readonly modes: readonly string[];
  /** ISO date. */
  readonly verifiedAt: string;
}

const identityOf = ({ device, driver, runtime, runtimeVersion, xla, limits = '' }: DeviceIdentity): string =>
  JSON.stringify([device, driver, runtime, runtimeVersion, xla, limits]);

/** Notes that a device passed; a later note of the same replaces it. */
export function recordVerified(passed: VerifiedDevice, env: Environment = process.env): void {
  const { device, kind, driver, runtime, runtimeVersion, xla, limits, modes, verifiedAt } = passed;
  const note = {
    ...{ device, kind, driver, runtime, runtimeVersion, xla, modes, verifiedAt },
    ...(limits !== undefined && { limits }),
  };
  writeNote(folder, identityOf(passed), note, env);
}

/** Every device noted; a file that is none is left out. */
export const verifiedDevices = (env: Environment = process.env): VerifiedDevice[] =>
  readNotes(folder, env, (value) => {
    const { device, modes } = value as Partial<VerifiedDevice>;
    return typeof device === 'string' && Array.isArray(modes) ? (value as VerifiedDevice) : undefined;
  });

export const needsVerification = ({ runtime, kind }: DeviceIdentity): boolean =>
  runtime !== 'tensorflow' || kind === 'gpu';

/**
 * When this execution and precision passed on this device and runtime; undefined where they did not.
 * @param key a device key
 */
export function verifiedAt(
  key: DeviceIdentity & { readonly execution: string; readonly precision: string },
  devices: readonly VerifiedDevice[] = verifiedDevices(),
): string | undefined {
  const mode = `${key.execution} ${key.precision}`;
  return devices.find((each) => identityOf(each) === identityOf(key) && each.modes.includes(mode))
    ?.verifiedAt;
}

export const notVerified = 'not verified on this device';
