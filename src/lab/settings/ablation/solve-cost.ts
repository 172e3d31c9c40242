/** Scales a network to a given cost, as ablations at equal cost do to the cost of their baseline. */
import type { Architecture } from '../../../architecture/architecture.js';
import { UserError } from '../../../util/errors.js';
import { atCost, type CountedCost } from './equal-cost.js';

/** What can be scaled: widths of stages in whole heads, or numbers of blocks. */
export const costScalings = ['width', 'depth'] as const;

export interface SolveOptions {
  /** Default `width`. */
  readonly by?: (typeof costScalings)[number];
  /** Largest relative difference to each target; default 0.02. */
  readonly tolerance?: number;
}

/**
 * The network with its widths (or depths) scaled to meet the targets: as evenly as possible, multiples of 8
 * channels first, then as near as possible. One that meets them already is returned as it is.
 * @param target parameters, or multiply-accumulates of one image, or both
 * @throws UserError where no scaled network is within the tolerance, with the nearest
 * @example solveCost(member, { macs: 12e6 }, { tolerance: 0.01 })
 */
export function solveCost(
  architecture: Architecture,
  target: Partial<Record<CountedCost, number>>,
  { by = 'width', tolerance = 0.02 }: SolveOptions = {},
): Architecture {
  const entries = Object.entries(target) as [CountedCost, number][];
  if (entries.length === 0)
    throw new UserError('solve: a cost to meet is needed, got none', { fix: 'give params, macs or both' });
  for (const [name, value] of entries)
    if (!(value >= 1 && Number.isFinite(value)))
      throw new UserError(`solve: ${name} must be 1 or more, got ${value}`);
  return atCost(architecture, target, {
    by,
    ...Object.fromEntries(entries.map(([name]) => [name, tolerance])),
  });
}
