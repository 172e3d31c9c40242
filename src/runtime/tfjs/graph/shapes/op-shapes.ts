/**
 * Output shapes of ops, from the shapes of their inputs: a trace records a graph without computing anything.
 * Ops that are not in these tables are executed on stand-ins while they are traced (graph-trace.ts).
 */
import { kernelShapes } from './kernel-shapes.js';
import { layoutShapes } from './layout-shapes.js';
import { linearShapes } from './linear-shapes.js';
import type { OpSignature, TensorType } from './op-signature.js';
import { pointwiseShapes } from './pointwise-shapes.js';

const tables = { ...pointwiseShapes, ...layoutShapes, ...linearShapes, ...kernelShapes };

/** @returns undefined where no table has the op */
export const outputTypes = (call: OpSignature): readonly TensorType[] | undefined =>
  Object.hasOwn(tables, call.op) ? tables[call.op]!(call) : undefined;
