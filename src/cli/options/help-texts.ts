/** Help texts without JSON: choices and defaults as one types them. */
import type { Argument, Option } from 'commander';
import type { MapSize } from '../../blocks/block.js';

const isMap = (value: unknown): value is MapSize =>
  typeof value === 'object' && value !== null && 'channels' in value;

/** `false` and `true` are no defaults to type; a default may be empty. */
function defaultText({ defaultValue, defaultValueDescription }: Option | Argument): string | undefined {
  if (defaultValueDescription !== undefined) return defaultValueDescription;
  if (defaultValue === undefined || typeof defaultValue === 'boolean') return undefined;
  if (Array.isArray(defaultValue)) return defaultValue.join(',');
  if (isMap(defaultValue)) return `${defaultValue.height}x${defaultValue.width}x${defaultValue.channels}`;
  return String(defaultValue);
}

/** `precision of products (choices: auto, float32; default: auto)` */
export function describedWithDefault(item: Option | Argument): string {
  const standard = defaultText(item);
  const extra = [
    ...(item.argChoices ? [`choices: ${item.argChoices.join(', ')}`] : []),
    ...(standard === undefined ? [] : [`default: ${standard}`]),
  ];
  return extra.length > 0 ? `${item.description} (${extra.join('; ')})` : item.description;
}
