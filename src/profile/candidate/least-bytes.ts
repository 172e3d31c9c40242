/** Least bytes that a network moves. */
import type { Architecture } from '../../architecture/architecture.js';
import { networkCost } from '../../network/network-cost.js';

/**
 * Least bytes moved by a pass: weights once, and input and output of every part once per image. No execution
 * part by part moves less.
 */
export function leastBytes(architecture: Architecture, batch: number, bytesEach: number): number {
  const { total, parts } = networkCost(architecture);
  const sizes = [architecture.input, ...parts.map(({ output }) => output)].map(
    ({ height, width, channels }) => height * width * channels,
  );
  return (
    bytesEach *
    (total.params + batch * (2 * sizes.reduce((sum, size) => sum + size, 0) - sizes[0]! - sizes.at(-1)!))
  );
}
