/**
 * Moments in a graph's staging area: the same numbers as eagerly, read and written like any variable, and no
 * wait for what a failed run took.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { CompiledGraph } from '../../src/runtime/tfjs/graph/compiled-graph.js';
import type { StateVariable } from '../../src/runtime/tfjs/model/state-store.js';
import { attr, DT, type NativeEngine, type Tensor } from '../../src/runtime/tfjs/native-engine.js';
import type { Platform, StepScalars } from '../../src/runtime/tfjs/platform.js';
import { engineFolder, noise, openPlatform, relativeDifference } from './platforms.js';

const size = 40_000; // more than a thread takes at a time
const optimizer = { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 } as const;
const gradientOf = (step: number): Float32Array => noise(`gradient ${step}`, size);

describe.skipIf(engineFolder === undefined)('a staging area', () => {
  let platform: Platform;
  let engine: NativeEngine;
  let variables: StateVariable[];
  beforeAll(async () => {
    platform = await openPlatform('native');
    engine = platform.native!;
  });
  const declare = (): StateVariable[] =>
    ['weight', 'weight/first-moment', 'weight/second-moment'].map((path) =>
      platform.createVariable(
        path,
        [size],
        path === 'weight' ? noise(path, size) : new Float32Array(size),
        true,
      ),
    );
  /** Rows of a table, so that an index beyond it fails while the graph runs. */
  const step =
    (of: StateVariable[], reads: boolean) =>
    ([gradient, index]: Tensor[]): Tensor[] => {
      const { tf } = engine;
      const [weight, first, second] = of as [StateVariable, StateVariable, StateVariable];
      const one = tf.add(
        tf.sum(
          engine.op(
            'GatherV2',
            [
              attr.type('Tparams', DT.float),
              attr.type('Tindices', DT.int32),
              attr.type('Taxis', DT.int32),
              attr.int('batch_dims', 0),
            ],
            [tf.tensor1d([0, 0]), index!, tf.scalar(0, 'int32')],
          ),
        ),
        1,
      );
      const scalars = {
        learningRate: tf.scalar(0.01),
        decay: tf.scalar(0.001),
        beta1Power: tf.scalar(0.9),
        beta2Power: tf.scalar(0.999),
        epsilon: tf.scalar(1e-8),
      } as unknown as StepScalars;
      const norm = platform.updateTogether!(
        optimizer,
        [
          {
            weight,
            value: weight.read(),
            slots: [first, second],
            gradient: tf.mul(gradient!, one),
            decays: true,
          },
        ],
        scalars,
        1,
      )!;
      return [norm, ...(reads ? [tf.sum(first.read())] : [])];
    };
  const compile = (of: StateVariable[], reads = false): CompiledGraph =>
    new CompiledGraph(engine, {
      f: {
        inputs: [
          { shape: [size], dtype: 'float32' },
          { shape: [1], dtype: 'int32' },
        ],
        body: step(of, reads),
      },
    });
  const inside = Int32Array.of(1);

  it('holds the moments where nothing but the update reads them; the numbers are those of eager steps', () => {
    if (!engine.kernels.has('adamw')) return; // the update is one of the engine's own kernels
    variables = declare();
    const eager = declare();
    const graph = compile(variables);
    expect([graph.opCounts.get('Unstage'), graph.opCounts.get('ReadVariableOp')]).toEqual([1, 2]); // the weight's, in the step and to look at it
    for (let at = 0; at < 4; at++) {
      graph.run('f', [gradientOf(at), inside]);
      engine.tf.tidy(() => {
        step(eager, false)([engine.tf.tensor1d(gradientOf(at)), engine.tf.tensor1d(inside.slice(), 'int32')]);
      });
    }
    graph.readVariables();
    const seen = variables.map((variable) => variable.values());
    seen.forEach((values, index) =>
      expect(relativeDifference(values, eager[index]!.values())).toBeLessThan(1e-6),
    );

    // what was read does not move with the graph; what is written replaces what the graph held
    graph.run('f', [gradientOf(4), inside]);
    variables.forEach((variable, index) => expect(variable.values()).toEqual(seen[index]));
    graph.writeVariables();
    graph.run('f', [gradientOf(4), inside]);
    graph.readVariables();
    engine.tf.tidy(() => {
      step(eager, false)([engine.tf.tensor1d(gradientOf(4)), engine.tf.tensor1d(inside.slice(), 'int32')]);
    });
    variables.forEach((variable, index) =>
      expect(relativeDifference(variable.values(), eager[index]!.values())).toBeLessThan(1e-6),
    );
    graph.dispose();
    for (const variable of [...variables, ...eager]) variable.dispose();
  });

  it('is not used where something else reads a moment', () => {
    if (!engine.kernels.has('adamw')) return;
    variables = declare();
    const graph = compile(variables, true);
    expect(graph.opCounts.has('Unstage')).toBe(false);
    graph.dispose();
    for (const variable of variables) variable.dispose();
  });

  it('after a run that failed, a run is refused instead of waiting for ever', () => {
    if (!engine.kernels.has('adamw')) return;
    variables = declare();
    const graph = compile(variables);
    graph.run('f', [gradientOf(0), inside]);
    expect(() => graph.run('f', [gradientOf(0), Int32Array.of(9)])).toThrow(/9 is not in \[0, 2\)/);
    expect(() => graph.run('f', [gradientOf(0), inside])).toThrow('run after a run that failed');
    expect(() => graph.readVariables()).toThrow('run after a run that failed');
    graph.dispose();
    for (const variable of variables) variable.dispose();
  });
});
