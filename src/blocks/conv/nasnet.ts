/**
 * NASNet-A's cells. https://arxiv.org/abs/1707.07012, following timm, models/nasnet.py
 * A cell reads its input x and the preceding map p. ReLU, 1×1 and batch norm project both to `filters`
 * channels. Where p is twice as large, two shifted paths of stride 2 halve it. Sums of two operations are
 * concatenated:
 *   normal     [p, sep5(x)+sep3(p), sep5(p)+sep3(p), avg3(x)+p, avg3(p)+avg3(p), sep3(x)+x]; width 6·filters
 *   reduction  c0 = sep5(x)+sep7(p), c1 = max3(x)+sep7(p), c2 = avg3(x)+sep5(p), c3 = avg3(c0)+c1,
 *              c4 = sep3(c0)+max3(x); [c1, c2, c3, c4], width = 4·filters
 * sep k is twice: ReLU, depthwise k×k, 1×1, batch norm. Training drops each operation on its own (scheduled
 * drop-path).
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { violation } from '../../util/params.js';
import type { Block } from '../block.js';
import { conv, depthwise } from '../layers/conv.js';
import { batchNorm } from '../layers/norm-layers.js';

const params = {
  form: {
    kind: 'choice',
    oneOf: ['reduction', 'normal'],
    default: 'reduction',
    doc: 'four outputs, which may halve the map, or six',
  },
  'pass-previous': {
    kind: 'bool',
    default: false,
    doc: 'the next cell’s second map is this one’s, as after the published network’s reductions',
  },
  average: {
    kind: 'choice',
    oneOf: ['inside', 'padded'],
    default: 'inside',
    doc: 'means leave padding out (TensorFlow), or those that stride count it as 0 (timm)',
  },
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-3, doc: 'epsilon of the batch norms' },
} as const;

type Options = { readonly epsilon: number };

/** ReLU, 1×1, norm: x `[b,h,w,c]` → `[b,h,w,filters]`. */
const projected = <T>(ops: TensorOps<T>, x: T, name: string, filters: number, options: Options): T =>
  batchNorm(ops, conv(ops, ops.activation(x, 'relu'), name, filters), `${name}-norm`, options);

/**
 * Factorised reduction: even pixels and odd pixels each give half of the filters, p `[b,2h,2w,c]` →
 * `[b,h,w,filters]`.
 */
function halvedPaths<T>(ops: TensorOps<T>, p: T, name: string, filters: number, options: Options): T {
  const active = ops.activation(p, 'relu');
  const shifted = ops.pad(ops.slice(active, [0, 1, 1, 0], [-1, -1, -1, -1]), [
    [0, 0],
    [0, 1],
    [0, 1],
    [0, 0],
  ]);
  const half = Math.floor(filters / 2);
  const paths = [
    [active, half],
    [shifted, filters - half],
  ] as const;
  const halves = paths.map(([map, width], index) =>
    conv(ops, ops.avgPool(map, { window: 1, stride: 2, padding: 'valid' }), `${name}${index + 1}`, width),
  );
  return batchNorm(ops, ops.concat(halves, 3), `${name}-norm`, options);
}

function separable<T>(
  ops: TensorOps<T>,
  x: T,
  name: string,
  kernel: number,
  stride: number,
  filters: number,
  options: Options,
): T {
  return ops.scope(name, () => {
    // Where widths differ (in the network's first cell), the first half changes it.
    let y = conv(
      ops,
      depthwise(ops, ops.activation(x, 'relu'), 'depthwise1', { kernel, stride }),
      'pointwise1',
      filters,
    );
    y = ops.activation(batchNorm(ops, y, 'norm1', options), 'relu');
    return batchNorm(
      ops,
      conv(ops, depthwise(ops, y, 'depthwise2', { kernel }), 'pointwise2', filters),
      'norm2',
      options,
    );
  });
}

/** 3×3 mean; `average` selects how padding counts. */
function mean<T>(ops: TensorOps<T>, x: T, stride: number, average: string): T {
  if (average === 'inside' || stride === 1) return ops.avgPool(x, { window: 3, stride, padding: 'same' });
  const pads = ops.shape(x).map((size, axis): readonly [number, number] => {
    const total =
      axis === 1 || axis === 2 ? Math.max((Math.ceil(size / stride) - 1) * stride + 3 - size, 0) : 0;
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
  return ops.avgPool(ops.pad(x, pads), { window: 3, stride, padding: 'valid' });
}

/**
 * The second input of a cell: `previous` `[b,h,w,c]` or `[b,2h,2w,c]` → `[b,h,w,filters]`, h and w those of
 * `input`. The first cell of a network has none. A normal cell then projects `input` a second time, a
 * reduction cell takes `input` unchanged.
 */
function previousMap<T>(
  ops: TensorOps<T>,
  input: T,
  previous: T | undefined,
  form: string,
  filters: number,
  options: Options,
): T {
  if (previous === undefined)
    return form === 'normal' ? projected(ops, input, 'previous', filters, options) : input;
  const larger = ops.shape(previous)[1] !== ops.shape(input)[1];
  return (larger ? halvedPaths : projected)(ops, previous, 'previous', filters, options);
}

export const nasnet = {
  name: 'nasnet',
  letter: 'N',
  summary: 'NASNet-A’s normal or reduction cell of separable convolutions and pools over the last two maps',
  source: 'https://arxiv.org/abs/1707.07012',
  params,
  reduces: true,
  needs: () => ({ previous: true }),
  passesPrevious: (p) => p['pass-previous'],
  problem(p, input, context) {
    const outputs = p.form === 'normal' ? 6 : 4;
    if (context.width % outputs !== 0)
      return violation(
        ['form'],
        `form ${p.form} needs a width that is a multiple of ${outputs}, got ${context.width}`,
      );
    if (p.form === 'normal' && context.stride !== 1)
      return violation(['form'], `form normal keeps the resolution, got stride ${context.stride}`);
    const { previous } = input;
    if (!previous || (previous.height === input.height && previous.width === input.width)) return undefined;
    const twice =
      Math.ceil(previous.height / 2) === input.height && Math.ceil(previous.width / 2) === input.width;
    if (!twice)
      return violation(
        [],
        `the map before must be as large or twice as large as ${input.height}×${input.width}, ` +
          `got ${previous.height}×${previous.width}`,
      );
    return context.width / outputs < 2
      ? violation(
          [],
          `a map before of twice the size needs at least 2 filters, got ${context.width / outputs}`,
        )
      : undefined;
  },
  forward(ops, input, p, context, sideInputs) {
    const filters = context.width / (p.form === 'normal' ? 6 : 4);
    const { stride } = context;
    const options = { epsilon: p.epsilon };
    const previous = previousMap(ops, input, sideInputs?.previous, p.form, filters, options);
    const x = projected(ops, input, 'present', filters, options);
    const kept = (y: typeof x): typeof x => (context.dropPath > 0 ? ops.dropPath(y, context.dropPath) : y);
    const sep = (y: typeof x, name: string, kernel: number, by: number): typeof x =>
      kept(separable(ops, y, name, kernel, by, filters, options));
    const avg = (y: typeof x, by: number): typeof x => kept(mean(ops, y, by, p.average));
    const max = (y: typeof x): typeof x => kept(ops.maxPool(y, { window: 3, stride, padding: 'same' }));
    const add = (a: typeof x, b: typeof x): typeof x => ops.binary(a, b, 'add');
    if (p.form === 'normal') {
      const c0 = add(sep(x, 'left0', 5, 1), sep(previous, 'right0', 3, 1));
      const c1 = add(sep(previous, 'left1', 5, 1), sep(previous, 'right1', 3, 1));
      const c2 = add(avg(x, 1), previous);
      const c3 = add(avg(previous, 1), avg(previous, 1));
      const c4 = add(sep(x, 'left4', 3, 1), x);
      return ops.concat([previous, c0, c1, c2, c3, c4], 3);
    }
    const c0 = add(sep(x, 'left0', 5, stride), sep(previous, 'right0', 7, stride));
    const c1 = add(max(x), sep(previous, 'right1', 7, stride));
    const c2 = add(avg(x, stride), sep(previous, 'right2', 5, stride));
    const c3 = add(avg(c0, 1), c1);
    const c4 = add(sep(c0, 'left4', 3, 1), max(x));
    return ops.concat([c1, c2, c3, c4], 3);
  },
} as const satisfies Block<typeof params>;
