/**
 * Refuses what a trace would wrongly freeze, naming the op and the block's path. Not detected: numbers that
 * JavaScript computes by itself (a clock, its own generator, a counter), and later changes of an array that a
 * tensor was made of. Those become constants of the graph; feed them instead.
 */

import { UserError } from '../../../util/errors.js';
import type { NativeEngine, Tensor } from '../native-engine.js';

/** tfjs ops that draw their numbers in JavaScript; a graph would repeat the first draw. */
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

/** TensorFlow ops that draw from their own state: runs could not be repeated. */
const statefulRandomOp =
  /^(Random|Multinomial|(Parameterized)?TruncatedNormal|Stateful(Random|Uniform|(Standard|Truncated)Normal))/;
/** Index of the seed among the inputs of stateless random ops. */
const statelessSeed = (op: string): number | undefined => {
  if (op === 'StatelessMultinomial') return 2;
  return /^Stateless(Random|TruncatedNormal)/.test(op) ? 1 : undefined;
};

/** Ops whose outputs have shapes that their inputs' values decide. */
const dataShapedOp = new RegExp(
  [
    '^(Where|Unique(WithCounts)?(V2)?|ListDiff|NonMaxSuppression.*|DynamicPartition|BooleanMask|Ragged.*',
    'SparseFillEmptyRows|SparseReshape|StringSplit.*)$',
  ].join('|'),
);

/** Indices of inputs whose values are shapes: they must be constants of the graph. */
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

/** The parts of tfjs's engine that the watch replaces. */
interface TfjsEngine {
  startScope(name?: string): void;
  endScope(result?: unknown): void;
  makeVariable(...args: unknown[]): unknown;
  registeredVariables: Record<string, Tensor>;
}

/**
 * Watches tfjs while a function is traced. It throws where a value would be frozen; a function may catch
 * that, or drop the promise, so `check` throws it again. `remove` restores tfjs.
 */
export class TraceWatch {
  private refused: UserError | undefined;
  /** tfjs ops that are running, innermost last. */
  private readonly scopes: string[] = [];
  /** Names of tfjs variables by data id. */
  private readonly variableNames: ReadonlyMap<object, string>;
  private readonly restore: () => void;

  /**
   * @param where name of the traced function, for messages
   * @param producerOf name of the op that computes a tensor in each run; undefined where none does
   */
  constructor(
    private readonly engine: NativeEngine,
    private readonly where: string,
    private readonly producerOf: (id: number) => string | undefined,
  ) {
    const tfEngine = engine.tf.engine() as unknown as TfjsEngine;
    this.variableNames = new Map(
      Object.values(tfEngine.registeredVariables).map((variable) => [
        variable.dataId,
        (variable as Tensor & { name: string }).name,
      ]),
    );
    const restorers = [
      this.watchScopes(tfEngine),
      this.watchVariables(tfEngine),
      this.watchRandom(),
      this.watchReads(),
    ];
    this.restore = () => {
      for (const restorer of restorers) restorer();
    };
  }

  /** @throws UserError for the first thing that was refused */
  check(): void {
    if (this.refused) throw this.refused;
  }

  remove(): void {
    this.restore();
  }

  /** @throws UserError where tensor `id` is computed by each run and its values are read while tracing */
  readBack(id: number, how = 'dataSync'): void {
    const producer = this.producerOf(id);
    if (producer === undefined) return;
    throw this.refuse(
      `a value computed in the graph cannot be read back while tracing (in ${this.scopes.at(-1) || how})`,
      `${how} on the output of ${JSON.stringify(producer)}`,
      'return the tensor as an output, or keep the decision in tensor ops (tf.where)',
    );
  }

  /** @throws UserError where an op's input is state that the graph would freeze at its present value */
  input(tensor: Tensor, id: number): void {
    const name = this.variableNames.get(tensor.dataId);
    if (name !== undefined)
      throw this.refuse(
        'a tfjs variable would be frozen at its present value',
        JSON.stringify(name),
        'keep state in engine variables (engine.createVariable), or feed the value',
      );
    const variable = this.engine.readBeforeTrace.get(tensor.dataId);
    if (
      variable &&
      this.producerOf(id) === undefined &&
      this.engine.variables.get(variable.handle) === variable
    )
      throw this.refuse(
        'a variable that was read before the trace would be frozen at that value',
        JSON.stringify(variable.path),
        'read it inside the function',
      );
  }

  private watchScopes(tfEngine: TfjsEngine): () => void {
    const { startScope, endScope } = tfEngine;
    tfEngine.startScope = (name) => {
      const op = name?.replace(/__op$/, '') ?? '';
      if (frozenRandomOps.has(op)) throw this.keep(frozenRandomness(this.where, op, this.engine.scopePath));
      this.scopes.push(op);
      startScope.call(tfEngine, name);
    };
    tfEngine.endScope = (result) => {
      this.scopes.pop();
      endScope.call(tfEngine, result);
    };
    return () => Object.assign(tfEngine, { startScope, endScope });
  }

  private watchVariables(tfEngine: TfjsEngine): () => void {
    const { engine, where } = this;
    const { makeVariable } = tfEngine;
    tfEngine.makeVariable = () => {
      throw this.keep(newVariable(where, 'tf.variable', engine.scopePath));
    };
    engine.createVariable = (path) => {
      throw this.keep(newVariable(where, JSON.stringify(path), engine.scopePath));
    };
    return () => {
      tfEngine.makeVariable = makeVariable;
      delete (engine as { createVariable?: unknown }).createVariable; // uncovers the class's method
    };
  }

  private watchRandom(): () => void {
    const { random } = Math;
    Math.random = () => {
      throw this.keep(frozenRandomness(this.where, 'Math.random', this.engine.scopePath));
    };
    return () => {
      Math.random = random;
    };
  }

  private watchReads(): () => void {
    const { backend } = this.engine;
    const { read } = backend;
    backend.read = (dataId) => {
      const tensor = backend.tensorMap.get(dataId);
      if (tensor === undefined || tensor.values != null) return read.call(backend, dataId);
      try {
        this.readBack(tensor.id, 'data');
      } catch {
        return new Promise(() => undefined); // nobody may await it: `check` throws
      }
      return read.call(backend, dataId);
    };
    return () => {
      backend.read = read;
    };
  }

  private refuse(rule: string, got: string, fix: string): UserError {
    return this.keep(refusal(this.where, rule, got, this.engine.scopePath, fix));
  }

  private keep(error: UserError): UserError {
    this.refused ??= error;
    return this.refused;
  }
}
