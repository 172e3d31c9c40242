/**
 * The shared weights of a supernet over a set of architectures, and the slices of them that a member uses.
 * Stem, downsampling layers and head have weights by type; blocks by stage, position, letter and type. A
 * weight is as large as in any member on each axis. A member takes the leading channels, heads and hidden
 * features, the middle of filters, and the leading blocks of each stage (once-for-all,
 * https://arxiv.org/abs/1908.09791; AutoFormer, https://arxiv.org/abs/2107.00651). Running statistics are no
 * weights: each member has its own.
 */
import type { Architecture } from '../../architecture/architecture.js';
import type { Init, Shape } from '../../tensor/tensor-ops.js';
import { UserError } from '../../util/errors.js';
import type { ParamValues } from '../../util/params.js';
import { forwardNetwork } from '../forward-network.js';
import { type NetworkPart, networkParts } from '../network-parts.js';
import { type AxisRole, type WeightRole, weightRoles } from '../weight-roles.js';
import { type AxisSlice, joinedPieces, type WeightSlice } from './weight-slice.js';

export interface SharedWeight {
  readonly shape: Shape;
  readonly axes: readonly AxisRole[];
  /** Where the last axis is cut apart later on: 0, …, its size. */
  readonly segmentBounds: readonly number[];
  readonly init: Init;
}

interface Sized extends SharedWeight {
  readonly grouped?: true;
  /** Of the part that declared the weight in this size, for messages. */
  readonly params: ParamValues;
}

interface PlacedWeight {
  readonly path: string;
  readonly shared: string;
  readonly role: WeightRole;
  readonly part: NetworkPart;
}

/** Where a part's weights stand among the shared ones. */
const sharedName = (part: NetworkPart): string =>
  part.kind === 'block'
    ? `${part.name}/${part.spec.letter}:${part.spec.type}`
    : `${part.name}:${part.spec.type}`;

/** The trainable weights of one architecture, with the part and shared path of each. */
function placedWeights(architecture: Architecture): PlacedWeight[] {
  const { height, width, channels } = architecture.input;
  const roles = weightRoles([1, height, width, channels], (ops, x) => forwardNetwork(ops, architecture, x));
  const parts = new Map(networkParts(architecture).map((part) => [part.name, part]));
  return [...roles].flatMap(([path, role]) => {
    if (!role.init) return []; // running statistics
    const [first, second] = path.split('/');
    const part = parts.get(`${first}/${second}`) ?? parts.get(first!)!;
    return [{ path, shared: sharedName(part) + path.slice(part.name.length), role, part }];
  });
}

/** @example 'kernel 3 and 4' */
function differingParams(a: ParamValues, b: ParamValues): string {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]);
  return names.map((name) => `${name} ${a[name] ?? 'none'} and ${b[name] ?? 'none'}`).join(', ');
}

/** Why two sizes of one weight cannot be slices of a common one; undefined where they can. */
function sliceProblem(known: Sized, role: WeightRole): string | undefined {
  if (known.shape.length !== role.shape.length)
    return `must have ${known.shape.length} axes, got ${role.shape.length}`;
  const sizes = (axis: number): string => `${role.shape[axis]} and ${known.shape[axis]}`;
  for (const [axis, size] of role.shape.entries()) {
    const other = known.shape[axis]!;
    if (size === other) continue;
    if (role.axes[axis] !== known.axes[axis]) return `axis ${axis} must have one role, got ${sizes(axis)}`;
    if ((role.grouped || known.grouped) && role.shape[2] !== 1)
      return `a convolution in groups must keep its size, got ${sizes(axis)}`;
    if (role.axes[axis] === 'space' && (size - other) % 2 !== 0)
      return `a filter's side must stay odd or even, got ${sizes(axis)}`;
    const countsNoChannels =
      role.axes[axis] === 'each' && axis < role.shape.length - 1 && role.axes[0] !== 'space';
    if (countsNoChannels) return `an axis of no channels must keep its size, got ${sizes(axis)}`;
    if (axis === role.shape.length - 1 && role.segmentBounds.length !== known.segmentBounds.length)
      return `outputs must be cut into as many parts, got ${role.segmentBounds.length - 1} and ${
        known.segmentBounds.length - 1
      }`;
    if (role.init?.kind === 'values') return `fixed initial values must keep their size, got ${sizes(axis)}`;
  }
  return undefined;
}

/** The smallest weight that holds both. */
function enlarged(known: Sized, role: WeightRole, params: ParamValues): Sized {
  const last = role.shape.length - 1;
  const sameSegments = role.segmentBounds.length === known.segmentBounds.length; // else of one size
  const segments = known.segmentBounds.slice(1).map((bound, index) => {
    const before = bound - known.segmentBounds[index]!;
    return sameSegments
      ? Math.max(before, role.segmentBounds[index + 1]! - role.segmentBounds[index]!)
      : before;
  });
  const segmentBounds = [0];
  for (const size of segments) segmentBounds.push(segmentBounds.at(-1)! + size);
  const isSegmented = known.axes[last] !== 'in' && known.axes[last] !== 'space';
  const shape = known.shape.map((size, axis) =>
    axis === last && isSegmented ? segmentBounds.at(-1)! : Math.max(size, role.shape[axis]!),
  );
  const grows = shape.some((size, axis) => size !== known.shape[axis]);
  const bounds = isSegmented ? segmentBounds : [0, shape[last]!];
  return { ...known, shape, segmentBounds: bounds, ...(grows && { params }) };
}

/** Slices of each axis; the leading part, of each segment where there are several, or the middle. */
function axisSlices(shared: SharedWeight, role: WeightRole): AxisSlice[] {
  const last = role.shape.length - 1;
  return role.shape.map((size, axis) => {
    if (role.axes[axis] === 'space') return [{ begin: (shared.shape[axis]! - size) / 2, size }];
    if (axis !== last || role.segmentBounds.length !== shared.segmentBounds.length)
      return [{ begin: 0, size }];
    return joinedPieces(
      role.segmentBounds.slice(1).map((bound, segment) => ({
        begin: shared.segmentBounds[segment]!,
        size: bound - role.segmentBounds[segment]!,
      })),
    );
  });
}

export class SupernetPlan {
  private readonly sized = new Map<string, Sized>();

  /**
   * @param members architectures among which every weight occurs in its largest size
   * @throws UserError naming block and parameter where two members cannot share a weight by slices
   */
  constructor(members: Iterable<Architecture>) {
    for (const member of members) for (const weight of placedWeights(member)) this.add(weight);
    if (this.sized.size === 0) throw new UserError('supernet: at least one member is needed, got none');
  }

  /** By shared path. */
  get weights(): ReadonlyMap<string, SharedWeight> {
    return this.sized;
  }

  private add({ path, shared, role, part }: PlacedWeight): void {
    const { params } = part.spec;
    const known = this.sized.get(shared);
    if (!known) {
      const { shape, axes, segmentBounds, grouped } = role;
      const sized = { shape, axes, segmentBounds, init: role.init!, params, ...(grouped && { grouped }) };
      this.sized.set(shared, sized);
      return;
    }
    const problem = sliceProblem(known, role);
    if (problem === undefined) this.sized.set(shared, enlarged(known, role, params));
    else throw unsliceable(path, part, differingParams(known.params, params), problem);
  }

  /**
   * The member's weights as slices, by the member's path.
   * @throws UserError where the member is larger than the supernet or has weights of its own
   */
  slices(member: Architecture): ReadonlyMap<string, WeightSlice> {
    return new Map(
      placedWeights(member).map(({ path, shared, role, part }) => {
        const known = this.sized.get(shared);
        if (!known) throw unsliceable(path, part, '', 'the supernet has no such weight');
        const problem = sliceProblem(known, role) ?? excessOf(known, role);
        if (problem !== undefined)
          throw unsliceable(path, part, differingParams(known.params, part.spec.params), problem);
        return [path, { shared, shape: role.shape, axes: axisSlices(known, role) }] as const;
      }),
    );
  }
}

function excessOf(known: SharedWeight, role: WeightRole): string | undefined {
  const axis = role.shape.findIndex((size, at) => size > known.shape[at]!);
  return axis < 0
    ? undefined
    : `axis ${axis} must have at most ${known.shape[axis]} entries, got ${role.shape[axis]}`;
}

function unsliceable(path: string, part: NetworkPart, params: string, problem: string): UserError {
  const name = part.kind === 'block' ? `${part.name} (${part.spec.letter})` : part.name;
  const between = params === '' ? '' : ` with ${params}`;
  return new UserError(
    `supernet: ${name}: ${part.spec.type}${between} cannot share ` +
      `${path.slice(part.name.length + 1)}: ${problem}`,
    { fix: 'give the alternatives letters of their own, such as C and C*, or search with another strategy' },
  );
}
