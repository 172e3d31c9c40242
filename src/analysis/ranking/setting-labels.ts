/** Names of settings of measuring: what differs between their device keys, and the batch size. */
import type { DeviceKey } from '../../runtime/runtime.js';

interface Setting {
  readonly key: DeviceKey;
  readonly batch: number;
}

/** The parts of a key that a person tells settings apart by; `runtimeVersion` where nothing else differs. */
const parts: readonly ((key: DeviceKey) => string)[] = [
  ({ device }) => device.replace(/^(GPU|MIG)-\S+ /, ''),
  ({ runtime }) => runtime,
  ({ execution }) => execution,
  ({ precision }) => precision,
  ({ xla }) => (xla ? 'XLA' : 'no XLA'),
  ({ kind, threads }) => (kind === 'cpu' ? `${threads} threads` : ''),
  ({ kernels }) => (kernels === 'off' ? 'kernels off' : ''),
  ({ limits }) => limits ?? '',
];

/** @example ['pytorch, batch 1', 'pytorch, batch 16', 'tensorflow, batch 1'] */
export function settingLabels(settings: readonly Setting[]): string[] {
  const keys = settings.map(({ key }) => key);
  const differing = parts.filter((part) => new Set(keys.map(part)).size > 1);
  const name = (key: DeviceKey): string[] => differing.map((part) => part(key)).filter((text) => text !== '');
  const batches = new Set(settings.map(({ batch }) => batch)).size;
  const labels = settings.map(({ key, batch }) =>
    [...name(key), ...(batches > 1 || differing.length === 0 ? [`batch ${batch}`] : [])].join(', '),
  );
  return labels.map((label, index) =>
    labels.indexOf(label) === labels.lastIndexOf(label)
      ? label
      : `${label}, ${keys[index]!.device} ${keys[index]!.driver} ${keys[index]!.runtimeVersion}`.trim(),
  );
}
