/**
 * What a trace would freeze wrongly, refused with the op and the place (the path of the block) where it
 * stands. What no trace can see: numbers that JavaScript computes by itself, from a clock, a generator of its
 * own or a counter, and changes of an array that a tensor was made of. They are constants of the graph; feed
 * them instead.
 */

import { UserError } from '../../../util/errors.js';
import type { NativeEngine, Tensor } from '../native-engine.js';

/** tfjs ops that draw their numbers in JavaScript; a graph would repeat the first draw for ever. */
const frozenRandomOps = new Set([
  'randomUniform',
  'randomNormal',
  'truncatedNormal',
  'randomGamma',
  'randomStandardNormal',
  'randomUniformInt',
  'rand',
  'dropout',
  'multinomial',
]);

/**
 * TensorFlow ops that draw from a state of their own: no two runs, and not eager and compiled, would see the
 * same.
 */
const statefulRandomOp =
  /^(Random|Multinomial|TruncatedNormal|ParameterizedTruncatedNormal|StatefulRandom|StatefulUniform|StatefulStandardNormal|StatefulTruncatedNormal)/;
/** Index of the seed among the inputs of ops that draw from a seed alone. */
const statelessSeed = (op: string): number | undefined =>
  op === 'StatelessMultinomial' ? 2 : /^Stateless(Random|TruncatedNormal)/.test(op) ? 1 : undefined;

/** Ops whose outputs have shapes that their inputs' values decide. */
const dataShapedOp =
  /^(Where|Unique(WithCounts)?(V2)?|ListDiff|NonMaxSuppression.*|DynamicPartition|BooleanMask|Ragged.*|SparseFillEmptyRows|SparseReshape|StringSplit.*)$/;

/** Ops with inputs whose values are shapes: constants of a graph, or nothing after them has a known shape. */
const shapeInputs: Readonly<Record<string, readonly number[]>> = {
  Reshape: [1],
  Fill: [0],
  BroadcastTo: [1],
  Tile: [1],
  Pad: [1],
  PadV2: [1],
  MirrorPad: [1],
  Slice: [2],
  StridedSlice: [1, 2, 3],
  Range: [0, 1, 2],
  LinSpace: [2],
  OneHot: [1],
  TopKV2: [1],
  ResizeBilinear: [1],
  ResizeNearestNeighbor: [1],
  StatelessRandomUniform: [0],
  ScatterNd: [2],
  Bincount: [1],
  UnsortedSegmentSum: [2],
  Conv2DBackpropInput: [0],
  Conv2DBackpropFilter: [1],
  DepthwiseConv2dNativeBackpropInput: [0],
  DepthwiseConv2dNativeBackpropFilter: [1],
};

const at = (place: string): string => (place === '' ? '' : ` at ${place}`);
const refusal = (where: string, rule: string, got: string, place: string, fix: string): UserError =>
  new UserError(`compile ${where}: ${rule}, got ${got}${at(place)}`, { fix });

const inGraphChance = 'draw in the graph with a seed and a step counter (ops.dropout, ops.dropPath)';
const frozenRandomness = (where: string, op: string, place: string): UserError =>
  refusal(
    where,
    'random numbers made in JavaScript would be frozen into the graph',
    JSON.stringify(op),
    place,
    inGraphChance,
  );

/**
 * @param computed whether the input of that index is computed by each run; @throws UserError where the op
 * must not be recorded
 */
export function checkOp(
  where: string,
  op: string,
  place: string,
  computed: (input: number) => boolean,
): void {
  if (op === 'VarHandleOp') throw newVariable(where, JSON.stringify(op), place);
  if (statefulRandomOp.test(op))
    throw refusal(
      where,
      'random numbers must come from a fed seed, that a run can be repeated',
      JSON.stringify(op),
      place,
      inGraphChance,
    );
  const seed = statelessSeed(op);
  if (seed !== undefined && !computed(seed))
    throw refusal(
      where,
      'a seed that is no input of the function would draw the same numbers at every run',
      JSON.stringify(op),
      place,
      'feed the step counter and make the seed of it',
    );
  if (dataShapedOp.test(op))
    throw refusal(
      where,
      'shapes must be known when the function is traced',
      `${JSON.stringify(op)}, whose output's shape depends on values`,
      place,
      'mask with tf.where instead, which keeps the shape',
    );
  const shape = shapeInputs[op]?.find(computed);
  if (shape !== undefined)
    throw refusal(
      where,
      'shapes must be known when the function is traced',
      `${JSON.stringify(op)} with input ${shape}, a shape or size, computed in the graph`,
      place,
      'give the shape as a JavaScript array',
    );
}

const newVariable = (where: string, what: string, place: string): UserError =>
  refusal(
    where,
    'variables must exist before the function is traced',
    `a new one (${what})`,
    place,
    'run the function once before compiling it',
  );

/**
 * Watches tfjs while `where` is traced. `check` throws what was refused, also where the function caught it or
 * only its promise was told; `remove` takes the watch away.
 * @param isComputed whether a tensor of the binding is computed by each run; its producer's name, for
 * messages
 */
export function watch(
  engine: NativeEngine,
  where: string,
  isComputed: (id: number) => string | undefined,
): {
  readonly check: () => void;
  readonly input: (tensor: Tensor, id: number) => void;
  readonly readBack: (id: number) => void;
  readonly remove: () => void;
} {
  const { tf, backend } = engine;
  let refused: UserError | undefined;
  const refuse = (error: UserError): UserError => (refused ??= error);
  const scopes: string[] = [];
  const tfEngine = tf.engine() as unknown as {
    startScope(name?: string): void;
    endScope(result?: unknown): void;
    makeVariable(...args: unknown[]): unknown;
    registeredVariables: Record<string, Tensor>;
  };
  const { startScope, endScope, makeVariable } = tfEngine;
  const stateful = new Map<object, string>(
    Object.values(tfEngine.registeredVariables).map((variable) => [
      variable.dataId,
      (variable as Tensor & { name: string }).name,
    ]),
  );
  const readBack = (id: number, how: string): void => {
    const producer = isComputed(id);
    if (producer === undefined) return;
    throw refuse(
      refusal(
        where,
        `a value computed in the graph cannot be read back while tracing (in ${scopes.at(-1) || how})`,
        `${how} on the output of ${JSON.stringify(producer)}`,
        engine.place,
        'return the tensor as an output, or keep the decision in tensor ops (tf.where)',
      ),
    );
  };

  tfEngine.startScope = (name) => {
    const op = name?.replace(/__op$/, '') ?? '';
    if (frozenRandomOps.has(op)) throw refuse(frozenRandomness(where, op, engine.place));
    scopes.push(op);
    startScope.call(tfEngine, name);
  };
  tfEngine.endScope = (result) => {
    scopes.pop();
    endScope.call(tfEngine, result);
  };
  tfEngine.makeVariable = () => {
    throw refuse(newVariable(where, 'tf.variable', engine.place));
  };
  engine.createVariable = (path) => {
    throw refuse(newVariable(where, JSON.stringify(path), engine.place));
  };
  const random = Math.random;
  Math.random = () => {
    throw refuse(frozenRandomness(where, 'Math.random', engine.place));
  };
  const read = backend.read;
  backend.read = (dataId) => {
    const tensor = backend.tensorMap.get(dataId);
    if (tensor === undefined || tensor.values != null) return read.call(backend, dataId);
    try {
      readBack(tensor.id, 'data');
    } catch {
      return new Promise(() => undefined); // nobody may be waiting: check() tells
    }
    return read.call(backend, dataId);
  };

  return {
    check() {
      if (refused) throw refused;
    },
    readBack(id) {
      readBack(id, 'dataSync');
    },
    input(tensor, id) {
      const name = stateful.get(tensor.dataId);
      if (name !== undefined)
        throw refuse(
          refusal(
            where,
            'a tfjs variable would be frozen at its present value',
            JSON.stringify(name),
            engine.place,
            'keep state in engine variables (engine.createVariable), or feed the value',
          ),
        );
      const variable = engine.readOutside.get(tensor.dataId);
      if (variable && isComputed(id) === undefined && engine.variables.get(variable.handle) === variable) {
        throw refuse(
          refusal(
            where,
            'a variable that was read before the trace would be frozen at that value',
            JSON.stringify(variable.path),
            engine.place,
            'read it inside the function',
          ),
        );
      }
    },
    remove() {
      tfEngine.startScope = startScope;
      tfEngine.endScope = endScope;
      tfEngine.makeVariable = makeVariable;
      delete (engine as { createVariable?: unknown }).createVariable; // the class's own again
      backend.read = read;
      Math.random = random;
    },
  };
}
