/** Weights of timm's own modules, as the lab has them: by names, for the families of `timm-families.ts`. */
import type { Architecture } from '../../architecture/architecture.js';
import { UserError } from '../../util/errors.js';
import { fromTorch, type WeightForm, weightForms } from '../pytorch/weight-names.js';
import { isCounter, type LabWeight } from '../pytorch/weights-from-torch.js';
import { type PartNames, type TimmFamily, timmFamilies } from './timm-families.js';

interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}
type StateDict = ReadonlyMap<string, Tensor>;

/** Tables of positions, which follow from the sizes. */
const buffer = /(^|\.)(relative_position_index|attn_mask|height_lookup|width_lookup)$/;

const leaves: Readonly<Record<string, string>> = {
  ...{ filter: 'weight', kernel: 'weight', gamma: 'weight', beta: 'bias', bias: 'bias' },
  ...{ 'running-mean': 'running_mean', 'running-variance': 'running_var' },
};

/** The family whose names a state dict has; undefined where it has those of none. */
export const timmFamilyOf = (names: ReadonlyMap<string, unknown>): TimmFamily | undefined =>
  timmFamilies.find(({ mark }) => names.has(mark));

/** Names under `prefix` by the rest of a path; the last level of the path is a leaf, or a name of its own. */
function candidates(names: PartNames, prefix: string, rest: readonly string[]): readonly string[] {
  const number = rest.map((level) => /^layer(\d+)$/.exec(level)?.[1]).find((found) => found !== undefined);
  const key = rest.join('/').replace(/(^|\/)layer\d+(?=\/)/, '$1layer#');
  const cut = key.lastIndexOf('/');
  const leaf = leaves[key.slice(cut + 1)];
  const parent = leaf === undefined ? undefined : names[key.slice(0, cut)];
  const found = parent ?? names[key] ?? [];
  return (typeof found === 'string' ? [found] : found).map(
    (name) =>
      prefix + name.replace('#', String(Number(number) - 1)) + (parent === undefined ? '' : `.${leaf}`),
  );
}

function namesOf(family: TimmFamily, architecture: Architecture, path: string): readonly string[] {
  const levels = path.split('/');
  const stage = Number(/^stage(\d+)$/.exec(levels[0]!)?.[1]) - 1;
  if (Number.isNaN(stage)) return candidates(family.outside, '', levels);
  if (levels[1] === 'downsample')
    return family.downsample
      ? candidates(family.downsample.names, family.downsample.prefix(stage), levels.slice(2))
      : [];
  const block = Number(/^block(\d+)$/.exec(levels[1]!)?.[1]) - 1;
  const names = family.block(architecture.stages[stage]!.blocks[block]!);
  return names ? candidates(names, family.blockPrefix(stage, block), levels.slice(2)) : [];
}

const squeezed = (shape: readonly number[]): string => shape.filter((size) => size !== 1).join(', ');

/**
 * Rows ordered by head, then query, key and value, in the lab's order: query, key, value, each by head.
 * @param width rows of the query
 */
function byRole(values: Float32Array, width: number, headSize: number): Float32Array {
  const rowLength = values.length / (3 * width);
  const heads = width / headSize;
  const result = new Float32Array(values.length);
  for (let role = 0; role < 3; role++)
    for (let head = 0; head < heads; head++) {
      const from = (head * 3 + role) * headSize * rowLength;
      const to = (role * heads + head) * headSize * rowLength;
      result.set(values.subarray(from, from + headSize * rowLength), to);
    }
  return result;
}

/** `[heads, side, side]` from the largest offset on, as `[side · side, heads]` from the smallest. */
function unflipped({ shape, values }: Tensor): Float32Array {
  const [heads, side] = shape as [number, number, number];
  const cells = side * side;
  return Float32Array.from(
    values,
    (_, at) => values[(at % heads) * cells + (cells - 1 - Math.floor(at / heads))]!,
  );
}

function valuesOf(
  family: TimmFamily,
  architecture: Architecture,
  form: WeightForm,
  tensor: Tensor,
): Float32Array {
  const isTable = form.path.endsWith('/bias-table');
  if (isTable && family.flippedTable) return unflipped(tensor);
  if (family.headFirst && form.path.includes('/attention/qkv/')) {
    const [stage, block] = form.path.split('/').map((level) => Number(/\d+$/.exec(level)?.[0]) - 1);
    const { params } = architecture.stages[stage!]!.blocks[block!]!;
    return fromTorch(form, byRole(tensor.values, form.torchShape[0]! / 3, Number(params['head-dim'])));
  }
  return fromTorch(form, tensor.values);
}

/**
 * Values by the lab's path.
 * @param where names the file in errors
 * @throws UserError naming the first tensor that is missing, unknown or of another shape
 */
export function weightsFromTimm(
  architecture: Architecture,
  family: TimmFamily,
  tensors: StateDict,
  where: string,
): Map<string, LabWeight> {
  const found = new Map<string, LabWeight>();
  const used = new Set<string>();
  const forms = weightForms(architecture).map((form) => ({
    form,
    names: namesOf(family, architecture, form.path),
  }));
  const foreign = forms.find(({ names }) => names.length === 0);
  if (foreign) throw missing(family, foreign.form.path, [], where);
  for (const { form, names } of forms) {
    const name = names.find((each) => tensors.has(each));
    if (name === undefined) throw missing(family, form.path, names, where);
    const tensor = tensors.get(name)!;
    const isTable = form.path.endsWith('/bias-table') && family.flippedTable;
    const expected = isTable ? undefined : squeezed(form.torchShape);
    if (
      (expected !== undefined && expected !== squeezed(tensor.shape)) ||
      form.shape.reduce((size, each) => size * each, 1) !== tensor.values.length
    )
      throw new UserError(
        `${where}: tensor ${JSON.stringify(name)} must be [${form.torchShape.join(', ')}], ` +
          `got [${tensor.shape.join(', ')}]`,
      );
    used.add(name);
    found.set(form.path, {
      shape: form.shape,
      values: valuesOf(family, architecture, form, tensor),
      trainable: form.trainable,
    });
  }
  const unknown = [...tensors.keys()].find(
    (name) => !used.has(name) && !isCounter(name) && !buffer.test(name),
  );
  if (unknown !== undefined)
    throw new UserError(`${where}: every tensor must be of the architecture, got ${JSON.stringify(unknown)}`);
  return found;
}

const missing = (family: TimmFamily, path: string, [name]: readonly string[], where: string): UserError =>
  name === undefined
    ? new UserError(`${where}: holds timm's ${family.name}, which has no ${JSON.stringify(path)}`, {
        fix: `name an architecture of that family, such as one of search-spaces/reference`,
      })
    : new UserError(`${where}: must hold tensor ${JSON.stringify(name)} of timm's ${family.name}, got none`, {
        fix: 'give the state dict of the timm model of this size',
      });
