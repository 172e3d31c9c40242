/** Measured times of a database under one device key, and the latency model fitted to them. */
import { fitLatencyModel, type LatencyModel } from '../../profile/latency-model/latency-model.js';
import { type ComputeOptions, computeOf } from '../../runtime/compute.js';
import type { DeviceKey } from '../../runtime/runtime.js';
import { type DeviceTimes, measuredTimes } from '../../store/measured-times.js';
import { openStore } from '../../store/open-store.js';
import { partTimes } from '../../store/tables/part-time-table.js';
import { UserError } from '../../util/errors.js';
import { deviceText } from '../device-text.js';

export interface LatencySource extends DeviceTimes {
  /** Times of parts in place, ms, by the model's key. */
  readonly parts: ReadonlyMap<string, number>;
}

export interface SourceQuery {
  readonly batch: number;
  /** First digits of a device id; default: the device with the most networks. */
  readonly device?: string | undefined;
  /** Absent members fit every device key. */
  readonly compute: ComputeOptions;
}

const fitsKey = (key: DeviceKey, { precision, xla, kernels }: ComputeOptions): boolean =>
  (precision === undefined || key.precision === precision) &&
  (xla === undefined || key.xla === xla) &&
  (kernels === undefined || usesStockOps(key));

/** Keys of earlier versions name their kernels in the version alone. */
const usesStockOps = ({ kernels, runtimeVersion }: DeviceKey): boolean =>
  kernels === 'off' || (kernels === undefined && !runtimeVersion.includes(', kernels '));

/** @throws UserError where nothing was measured at that batch size, or not on that device */
export function readLatencySource(database: string, { batch, device, compute }: SourceQuery): LatencySource {
  const store = openStore(database, { readonly: true });
  try {
    const all = measuredTimes(store, batch);
    if (all.length === 0)
      throw new UserError(`${database}: measured networks at batch ${batch} are needed, got none`, {
        fix:
          'profile some: npx stagecraft profile --space SPACE --sample 24 --each ' +
          `-b ${batch} --db ${database}`,
      });
    const found = all.find(
      ({ deviceId, key }) => (device === undefined || deviceId.startsWith(device)) && fitsKey(key, compute),
    );
    if (!found) throw new UserError(noDeviceMessage(database, device, compute), { fix: devicesText(all) });
    return { ...found, parts: partTimes(store, found.deviceId, batch) };
  } finally {
    store.close();
  }
}

function noDeviceMessage(database: string, device: string | undefined, compute: ComputeOptions): string {
  const asked = Object.entries(computeOf(compute)).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const on = device === undefined ? '' : ` on device ${JSON.stringify(device)}`;
  const using = asked.length === 0 ? '' : ` with ${asked.join(' and ')}`;
  return `${database}: no network was measured${on}${using}, and times of other settings do not transfer`;
}

function devicesText(devices: readonly DeviceTimes[]): string {
  const each = devices.map(
    ({ deviceId, key, times }) => `${deviceId} (${deviceText(key)}; ${times.length} networks)`,
  );
  return `the database has: ${each.join(', ')}`;
}

/** @param batch size in images, that of the source */
export const fitSource = ({ times, key, parts }: LatencySource, batch: number): LatencyModel =>
  fitLatencyModel(
    times.map(({ architecture, stepMs }) => ({ architecture, stepMs: stepMs.value })),
    key,
    batch,
    parts.size > 0 ? { lookup: parts } : {},
  );
