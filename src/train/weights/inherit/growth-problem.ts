/** Whether a network can grow out of another: what `grow` checks before there are weights. */
import type { Architecture } from '../../../architecture/architecture.js';
import { UserError } from '../../../util/errors.js';
import { alignGrown } from './align.js';
import { inheritedFrom, networkWeightRoles, zeroInitialised } from './inherit.js';
import { resizeProblem } from './resize-weight.js';

/**
 * Tells for each child why it cannot grow out of `parent`, as a rule with values; undefined where it can.
 * That the child then computes what its parent does is checked on images, when its training begins.
 */
export function growthProblems(parent: Architecture): (child: Architecture) => string | undefined {
  const before = networkWeightRoles(parent);
  return (child) => {
    try {
      return widthProblem(parent, child) ?? weightProblem(before, parent, child);
    } catch (error) {
      if (error instanceof UserError) return error.message;
      throw error;
    }
  };
}

/** Norms over a map's channels keep their statistics only where every channel is repeated equally often. */
function widthProblem(parent: Architecture, child: Architecture): string | undefined {
  const widths = ({ stem, stages }: Architecture): number[] => [
    stem.width,
    ...stages.map(({ width }) => width),
  ];
  const own = widths(child);
  const wrong = widths(parent).findIndex((width, at) => (own[at] ?? width) % width !== 0);
  if (wrong < 0) return undefined;
  return `width ${own[wrong]} must be a multiple of the parent's ${widths(parent)[wrong]}`;
}

function weightProblem(
  before: ReturnType<typeof networkWeightRoles>,
  parent: Architecture,
  child: Architecture,
): string | undefined {
  const parts = alignGrown(parent, child);
  zeroInitialised(child, parts);
  const taken = new Set<string>();
  for (const [path, after] of networkWeightRoles(child)) {
    const source = inheritedFrom(path, parts);
    if (source === undefined) continue;
    taken.add(source);
    const role = before.get(source);
    if (!role) return `${path}: the parent must have this weight`;
    const problem = resizeProblem(role, after, 'grow');
    if (problem !== undefined) return `${path}: ${problem}`;
  }
  const lost = [...before.keys()].find((path) => !taken.has(path));
  return lost === undefined ? undefined : `${lost}: the child must have this weight`;
}
