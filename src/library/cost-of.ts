/** Costs of a network without an engine. */
import type { Architecture } from '../architecture/architecture.js';
import { architectureProblem } from '../network/architecture-problem.js';
import { type NetworkCost, networkCost } from '../network/network-cost.js';
import { UserError } from '../util/errors.js';

/**
 * Costs of one image in float32, read from the same `forward` that runs: `total.params`, `total.macs`
 * (multiply-accumulates; a FLOP count is about twice as high), `total.activationBytes` (highest sum of live
 * tensors, inferred), and `parts` in order.
 * @throws UserError naming the part that cannot be built
 * @example costOf(member).total.macs
 */
export function costOf(architecture: Architecture): NetworkCost {
  const problem = architectureProblem(architecture);
  if (problem) throw new UserError(`cost: ${problem.part}: ${problem.message}`);
  return networkCost(architecture);
}
