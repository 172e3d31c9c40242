/**
 * Memory of forward passes beside a built network, inferred from shapes. The model is the native runtime on a
 * CPU: compiled float32 passes on one thread with the engine's own kernels.
 */
import type { Architecture } from '../architecture/architecture.js';
import type { InputSizes } from '../blocks/block.js';
import type { Inferred, Operation } from '../tensor/infer/infer.js';
import { type Chunk, MemoryPool } from '../tensor/infer/memory-pool.js';
import { PassOps, passSteps } from '../tensor/infer/pass-tensors.js';
import { elementCount } from '../tensor/infer/shape-rules.js';
import { keptOutputsOf, sizesAfterPart, sizesAfterStage } from './input-sizes.js';
import { conditionSizeOf, costOfPart, inferPart } from './network-cost.js';
import { networkParts, walkParts } from './network-parts.js';

const float32Bytes = 4;

/**
 * What the first pass takes once, whatever the batch: TensorFlow's copies of the graph while it optimises it,
 * and oneDNN's compiled primitives. Published networks took 7 to 24 MiB; it is no function of parameters or
 * operations alone.
 */
const firstRunBytes = 10 * 2 ** 20;

/** Smaller tensors are not the pool's but the C library's. */
const leastPoolBytes = 256 * 1024;

/** oneDNN packs a product's operands in blocks of that many summed entries and of that many rows. */
const packedBlock = 384;

/** A task of Winograd's convolution (engine/kernels/winograd.h): planes, tiles and columns that it holds. */
const winogradTask = { planes: 16, tiles: 48, columns: 64 };

export interface PassMemory {
  /**
   * Highest sum of the tensors that a pass holds at once, without weights and the batch itself: what PyTorch
   * calls allocated. It depends on the network and the batch alone.
   */
  readonly peakBytes: number;
  /**
   * What the first pass makes a process grow by whose pool has no free memory: regions of the tensors' pool,
   * in which gaps stay between tensors, and the larger of what a first run takes once and what a kernel needs
   * (packed operands of a product, a task of Winograd's convolution). Memory that building used and left free
   * is not known here, so a process may grow by less.
   */
  readonly growthBytes: number;
}

/**
 * Memory of compiled passes at a batch size. `docs/benchmarks.md` compares with measurements.
 * @param batch images
 * @throws ShapeError for an invalid architecture
 */
export function passMemory(architecture: Architecture, batch: number): PassMemory {
  const memory = new TensorMemory();
  const passes = passesOf(architecture);
  for (const { pass } of passes)
    for (const { shape } of pass.weights.values()) memory.take(elementCount(shape) * float32Bytes);
  const { height, width, channels } = architecture.input;
  memory.take(batch * height * width * channels * float32Bytes);
  const [builtBytes, builtPoolBytes] = [memory.liveBytes, memory.pool.usedBytes];
  const stageOutputs = new Map<number, Held>();
  let input: Held | undefined;
  let workspaceBytes = 0;
  for (const { pass, keptInput, keptAfter } of passes) {
    if (keptInput !== undefined && input) stageOutputs.set(keptInput, input);
    input = runInMemory(memory, pass, input, batch);
    for (const [stage, output] of stageOutputs)
      if (!keptAfter.has(stage)) {
        memory.release(output);
        stageOutputs.delete(stage);
      }
    for (const operation of pass.operations)
      workspaceBytes = Math.max(workspaceBytes, workspaceOf(operation, pass, batch));
  }
  return {
    peakBytes: memory.peakBytes - builtBytes,
    // a kernel's is memory of the C library, which TensorFlow's optimiser has freed when the first one asks
    growthBytes: memory.pool.usedBytes - builtPoolBytes + Math.max(workspaceBytes, firstRunBytes),
  };
}

/** `passMemory(…).peakBytes`. */
export const passPeakBytes = (architecture: Architecture, batch: number): number =>
  passMemory(architecture, batch).peakBytes;

interface Held {
  readonly bytes: number;
  readonly chunk?: Chunk;
}

/** Tensors that are held, in the pool or, small ones, outside. */
class TensorMemory {
  readonly pool = new MemoryPool();
  liveBytes = 0;
  /** The highest `liveBytes` so far. */
  peakBytes = 0;

  take(bytes: number): Held {
    this.liveBytes += bytes;
    this.peakBytes = Math.max(this.peakBytes, this.liveBytes);
    return { bytes, ...(bytes >= leastPoolBytes && { chunk: this.pool.take(bytes) }) };
  }

  release({ bytes, chunk }: Held): void {
    this.liveBytes -= bytes;
    if (chunk) this.pool.release(chunk);
  }
}

interface PartPass {
  readonly pass: Inferred;
  /** The stage whose output the part's input is, where a later part reads it. */
  readonly keptInput: number | undefined;
  /** Stages whose outputs a later part reads. */
  readonly keptAfter: ReadonlySet<number>;
}

/** The parts in order, one image each. */
function passesOf(architecture: Architecture): PartPass[] {
  const parts = networkParts(architecture);
  const needs = keptOutputsOf(parts);
  const passes: PartPass[] = [];
  let sizes: InputSizes = architecture.input;
  walkParts(
    parts,
    (part) => {
      const pass = inferPart(part, sizes, new PassOps());
      const keptInput = sizes.currentStage;
      sizes = sizesAfterPart(sizes, part, costOfPart(part, sizes).output, needs, conditionSizeOf(part));
      const keptAfter = new Set(Object.keys(sizes.stageOutputs ?? {}).map(Number));
      passes.push({ pass, keptInput, keptAfter });
    },
    (stage) => {
      sizes = sizesAfterStage(sizes, stage, needs);
    },
  );
  return passes;
}

/**
 * Takes and releases a part's tensors.
 * @param input of the part; undefined where it is not a pass's own
 * @returns its output
 */
function runInMemory(
  memory: TensorMemory,
  pass: Inferred,
  input: Held | undefined,
  batch: number,
): Held | undefined {
  const { steps, output } = passSteps(pass);
  const held = new Map<number, Held>(input === undefined ? [] : [[pass.given[0]!, input]]);
  for (const { take, release } of steps) {
    if (take) held.set(take.buffer, memory.take(take.floats * float32Bytes * batch));
    for (const buffer of release) {
      const tensor = held.get(buffer);
      if (tensor === undefined) continue; // a weight's, or the batch's
      memory.release(tensor);
      held.delete(buffer);
    }
  }
  return held.get(output);
}

/** What a product or convolution needs besides its tensors. */
function workspaceOf({ kind, inputs, shape, macs }: Operation, pass: Inferred, batch: number): number {
  const weight = inputs[1] === undefined ? undefined : pass.tensors[inputs[1]]!;
  if (weight === undefined || weight.perImage || macs === 0) return 0;
  const columns = shape.at(-1)!;
  const rows = (batch * elementCount(shape)) / columns;
  const [height, width, cin] = weight.shape as [number, number, number];
  if (kind === 'conv2d' && height === 3 && width === 3) {
    const { planes, tiles, columns: panel } = winogradTask;
    return planes * tiles * (cin + panel) * float32Bytes;
  }
  if (kind !== 'matmul' && !(kind === 'conv2d' && height === 1 && width === 1)) return 0;
  const depth = macs / elementCount(shape);
  return (columns + Math.min(rows, packedBlock)) * Math.min(depth, packedBlock) * float32Bytes;
}
