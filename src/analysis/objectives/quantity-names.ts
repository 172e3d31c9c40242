/**
 * The one name of each quantity, in experiment files, filters, tables, CSV files and plots, and the other
 * names that are accepted as input. Pure, without imports: the page bundles it. A batch size follows as
 * `@16`.
 */

/** By name: the names that stand for it. Case does not count. */
export const quantityNames = {
  'top-1': ['top1', 'accuracy', 'acc', 'validation-top1', 'val-acc'],
  miou: ['mean-iou', 'iou'],
  loss: ['validation-loss', 'val-loss'],
  'images-per-second': ['throughput', 'images/s', 'img/s', 'imagespersecond', 'images_per_second', 'fps'],
  latency: ['latency-ms', 'latency_ms', 'latency-p50', 'latency_ms_p50', 'p50'],
  'relative-time': ['time-ratio', 'anchor-ratio', 'anchorratio'],
  params: ['parameters', 'param', 'weights'],
  macs: ['mac', 'multiply-accumulates', 'madds', 'mult-adds'],
  'activation-bytes': ['activations', 'live', 'activationbytes', 'activation_bytes'],
  'peak-bytes': ['peak', 'memory', 'peak-memory', 'peakbytes', 'peak_bytes'],
} as const satisfies Record<string, readonly string[]>;

export type QuantityName = keyof typeof quantityNames;

/** The unit beside a label on an axis or head; empty where the label names it: `Images per second`. */
export const unitBeside = ({ name, unit }: { readonly name: string; readonly unit: string }): string =>
  name === 'images-per-second' ? '' : unit;

const canonical = new Map<string, QuantityName>(
  (Object.keys(quantityNames) as QuantityName[]).flatMap((name) => [
    [name, name] as const,
    ...quantityNames[name].map((other) => [other, name] as const),
  ]),
);

/**
 * The text with its quantity under its one name, the batch size kept; a text that names none stays as it is.
 * @example canonicalQuantity('throughput@16') // 'images-per-second@16'
 */
export function canonicalQuantity(text: string): string {
  const at = text.indexOf('@');
  const [name, rest] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)];
  return `${canonical.get(name.toLowerCase()) ?? name}${rest}`;
}
