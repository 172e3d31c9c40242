/** A device key in one line: what was measured on, and by what. */
import { optionsText } from '../runtime/compute.js';
import type { DeviceKey } from '../runtime/runtime.js';
import { needsVerification, notVerified, verifiedAt } from '../setup/verified/verified-devices.js';

/** `AMD EPYC 7B13, 2 threads; tfjs-node-gpu 4.22.0, TensorFlow 2.21.0, compiled, float32` */
export function deviceText(key: DeviceKey): string {
  const device =
    key.kind === 'cpu'
      ? `${key.device}, ${key.threads} ${key.threads === 1 ? 'thread' : 'threads'}`
      : `${key.device}, driver ${key.driver}`;
  return `${device}; ${key.runtimeVersion}, ${key.execution}, ${key.precision}${optionsText(key)}`;
}

/** With a note where `verify-device` has not passed with this key, by the user's cache. */
export const deviceLine = (key: DeviceKey): string =>
  needsVerification(key) && verifiedAt(key) === undefined
    ? `${deviceText(key)}; ${notVerified}`
    : deviceText(key);

/** Of stored rows: with a note where their environment says that the device was not verified. */
export const measuredOn = (key: DeviceKey, environment: Readonly<Record<string, number | string>>): string =>
  environment['verified'] === 'no' ? `${deviceText(key)}; ${notVerified}` : deviceText(key);
