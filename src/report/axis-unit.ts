/** Units of an axis: counts in millions, bytes in MiB, measured values as stored. */
import { unitBeside } from '../analysis/objectives/quantity-names.js';
import type { CostFront } from './figures/front-figure.js';

export interface AxisUnit {
  /** Divides the stored value. */
  readonly divisor: number;
  readonly unit: string;
}

export function axisUnit({ name, format, unit }: Pick<CostFront, 'name' | 'format' | 'unit'>): AxisUnit {
  if (format === 'count') return { divisor: 1e6, unit: 'M' };
  return format === 'bytes'
    ? { divisor: 2 ** 20, unit: 'MiB' }
    : { divisor: 1, unit: unitBeside({ name, unit }) };
}
