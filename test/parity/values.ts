/**
 * Weights and images that TypeScript and Python compute alike, so that a fixture need hold the outputs alone.
 * Value i of a path: a 32-bit hash of (FNV-1a of the path, i), mapped to a range that suits the weight's
 * kind.
 */
import type { Shape } from '../../src/tensor/tensor-ops.js';

export function hashed(path: string, count: number): Float64Array {
  let seed = 0x811c9dc5;
  for (const character of path) seed = Math.imul(seed ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return Float64Array.from({ length: count }, (_, index) => {
    let h = (seed ^ Math.imul(index, 0x9e3779b1)) >>> 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b) >>> 0;
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35) >>> 0;
    return ((h ^ (h >>> 16)) >>> 0) / 0x100000000 - 0.5; // [−½, ½)
  });
}

/** Inputs of one output: the fan-in that the variance of a filter or kernel is scaled by. */
function fanIn(path: string, shape: Shape): number {
  if (path.includes('up/filter')) return 4 * shape[3]!;
  if (shape.at(-1) === 1) return shape[0]! * shape[1]!;
  return shape.slice(0, -1).reduce((product, size) => product * size, 1);
}

/** Centre and width of the range by the last part of the path. */
export function rangeOf(path: string, shape: Shape): readonly [centre: number, width: number] {
  const kind = path.split('/').at(-1)!;
  if (kind === 'filter' || kind === 'kernel') return [0, 2 * Math.sqrt(3 / fanIn(path, shape))];
  if (kind === 'gamma') return [path.includes('response-norm') ? 0.3 : 1, 0.4];
  if (kind === 'running-variance') return [1, 0.6];
  if (kind.startsWith('layer-scale')) return [0.5, 0.4];
  return [0, kind === 'gate' ? 2 : 0.4];
}

export function valuesOf(path: string, shape: Shape): Float32Array {
  const [centre, width] = rangeOf(path, shape);
  return Float32Array.from(
    hashed(
      path,
      shape.reduce((product, size) => product * size, 1),
    ),
    (value) => centre + width * value,
  );
}
