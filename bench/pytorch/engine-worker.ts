/**
 * This project's side of the benchmark against PyTorch: a process per thread count, commands over the IPC
 * channel.
 */
import { writeFileSync } from 'node:fs';
import { openRuntime } from '../../src/runtime/open-runtime.js';
import type { Inference, Model, Precision, WeightSet } from '../../src/runtime/runtime.js';
import { seededRandom } from '../../src/util/random.js';
import { benchNetwork } from '../runtime/bench-network.js';
import { recipe } from '../runtime/compiled-graph.js';

export type Request =
  | { readonly do: 'weights'; readonly file: string }
  | {
      readonly do: 'prepare';
      readonly name: string;
      readonly batch: number;
      readonly step: 'forward' | 'training';
      readonly precision: Precision;
    }
  | { readonly do: 'time'; readonly name: string; readonly passes: number }
  | { readonly do: 'logits'; readonly name: string; readonly images: readonly number[] }
  | { readonly do: 'drop'; readonly name: string };

interface Entry {
  readonly model: Model;
  readonly inference?: Inference;
  pass(): Promise<unknown>;
}

const runtime = await openRuntime({
  runtime: 'tensorflow',
  threads: Number(process.env['OMP_NUM_THREADS'] ?? 1),
});
const entries = new Map<string, Entry>();

/** Running statistics and norms away from their trivial start, so that equal outputs mean something. */
async function benchModel(): Promise<Model> {
  const model = runtime.instantiate(benchNetwork, { seed: 1 });
  const random = seededRandom('bench weights');
  const weights: WeightSet = new Map(
    [...(await model.readWeights())].map(([path, entry]) => [
      path,
      {
        ...entry,
        values: entry.values.map((value) => {
          if (path.endsWith('running-variance')) return 0.5 + random.next();
          return entry.shape.length === 1 ? value + 0.1 * random.normal() : value;
        }),
      },
    ]),
  );
  model.writeWeights(weights);
  return model;
}

async function answer(request: Request): Promise<object> {
  switch (request.do) {
    case 'weights': {
      const model = await benchModel();
      writeFileSync(request.file, weightFile(await model.readWeights()));
      const parameters = model.parameterCount;
      model.dispose();
      return { parameters, key: runtime.deviceKey('compiled') };
    }
    case 'prepare': {
      const { batch, step, precision } = request;
      const model = await benchModel();
      if (step === 'forward') {
        const inference = model.inference({ batch, execution: 'compiled', precision });
        entries.set(request.name, {
          model,
          inference,
          pass: () => {
            inference.enqueue();
            return inference.synchronise();
          },
        });
        return { firstMs: inference.buildMs + inference.firstRunMs };
      }
      const { height, width, channels } = benchNetwork.input;
      const random = seededRandom('bench');
      const images = Float32Array.from({ length: batch * height * width * channels }, () => random.normal());
      const labels = Int32Array.from({ length: batch }, () => random.integer(benchNetwork.classes));
      const training = model.training({ ...recipe(batch, 'compiled'), precision });
      const pass = () => training.step(images, labels, { learningRate: 1e-4 });
      await pass();
      entries.set(request.name, { model, pass });
      return { firstMs: training.buildMs + training.firstRunMs };
    }
    case 'time': {
      const { pass } = entries.get(request.name)!;
      const start = performance.now();
      for (let i = 0; i < request.passes; i++) await pass();
      return { ms: (performance.now() - start) / request.passes };
    }
    case 'logits':
      return {
        logits: [...(await entries.get(request.name)!.inference!.logits(Float32Array.from(request.images)))],
      };
    case 'drop': {
      const entry = entries.get(request.name)!;
      entry.inference?.dispose();
      entry.model.dispose();
      entries.delete(request.name);
      return {};
    }
    default:
      return request satisfies never;
  }
}

/** Length of the header, JSON `[[path, shape]…]`, then float32 values in that order. */
function weightFile(weights: WeightSet): Buffer {
  const header = Buffer.from(JSON.stringify([...weights].map(([path, { shape }]) => [path, shape])));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  return Buffer.concat([
    length,
    header,
    ...[...weights.values()].map(({ values }) =>
      Buffer.from(values.buffer, values.byteOffset, values.byteLength),
    ),
  ]);
}

process.on('message', (request: Request) => {
  answer(request)
    .catch((error: unknown) => ({ error: String(error) }))
    .then((result) => process.send!(result));
});
process.send!({ ready: true });
