/**
 * Devices on which `verify-device` has passed: one file each in the user's cache. TensorFlow on a CPU needs
 * none, since the project's own tests run there.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../engine/engine-paths.js';

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

type Environment = Readonly<Record<string, string | undefined>>;

const folderOf = (env: Environment): string => join(cacheFolder(env as NodeJS.ProcessEnv), 'verified');

const identityOf = ({ device, driver, runtime, runtimeVersion, xla, limits = '' }: DeviceIdentity): string =>
  JSON.stringify([device, driver, runtime, runtimeVersion, xla, limits]);

/** Notes that a device passed; a later note of the same replaces it. */
export function recordVerified(passed: VerifiedDevice, env: Environment = process.env): void {
  const { device, kind, driver, runtime, runtimeVersion, xla, limits, modes, verifiedAt } = passed;
  const folder = folderOf(env);
  mkdirSync(folder, { recursive: true });
  const name = createHash('sha256').update(identityOf(passed)).digest('hex').slice(0, 16);
  const file = join(folder, `${name}.json`);
  const text = JSON.stringify({
    ...{ device, kind, driver, runtime, runtimeVersion, xla, modes, verifiedAt },
    ...(limits !== undefined && { limits }),
  });
  writeFileSync(`${file}.${process.pid}`, `${text}\n`);
  renameSync(`${file}.${process.pid}`, file);
}

/** Every device noted; a file that is none is left out. */
export function verifiedDevices(env: Environment = process.env): VerifiedDevice[] {
  let files: string[];
  try {
    files = readdirSync(folderOf(env)).filter((name) => name.endsWith('.json'));
  } catch {
    return []; // no device has passed yet
  }
  return files.flatMap((name) => {
    try {
      const value = JSON.parse(readFileSync(join(folderOf(env), name), 'utf8')) as Partial<VerifiedDevice>;
      return typeof value.device === 'string' && Array.isArray(value.modes) ? [value as VerifiedDevice] : [];
    } catch {
      return [];
    }
  });
}

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
