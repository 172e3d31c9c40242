// The real runtime with one planted fault, named by PLANT: what `verify-device` must find.
import { openRuntime } from '../../../dist/runtime/open-runtime.js';

const plant = process.env.PLANT;
const wrongBlock = process.env.BLOCK;

const holds = (architecture) =>
  architecture.stages.some(({ blocks }) => blocks.some(({ type }) => type === wrongBlock));

const passing = (inference) => ({
  get buildMs() {
    return inference.buildMs;
  },
  get firstRunMs() {
    return inference.firstRunMs;
  },
  enqueue: () => inference.enqueue(),
  synchronise: () => inference.synchronise(),
  logits: (images) => inference.logits(images),
  dispose: () => inference.dispose(),
});

const inferences = {
  // one class's logit is a thousandth of the largest too high
  'wrong forward': (inference, architecture) => ({
    ...passing(inference),
    async logits(images) {
      const values = await inference.logits(images);
      if (!holds(architecture)) return values;
      const largest = Math.max(...values.map(Math.abs));
      return values.map((value, at) => (at % architecture.classes === 0 ? value + largest / 1000 : value));
    },
  }),
  // passes run when values are read, not when the read-back returns
  'no wait': (inference) => {
    let queued = 0;
    return {
      ...passing(inference),
      enqueue() {
        queued++;
      },
      synchronise: async () => 1,
      async logits(images) {
        for (; queued > 0; queued--) inference.enqueue();
        await inference.synchronise();
        return inference.logits(images);
      },
    };
  },
  // the first pass alone is computed
  'no work': (inference) => {
    let last;
    return {
      ...passing(inference),
      enqueue() {
        if (last === undefined) inference.enqueue();
      },
      async synchronise() {
        last ??= await inference.synchronise();
        const until = performance.now() + 1;
        while (performance.now() < until);
        return last;
      },
    };
  },
};

// every gradient of one weight of the block is a tenth too small
const wrongGradient = (model, options) => {
  const training = model.training(options);
  return {
    ...training,
    dispose: () => training.dispose(),
    async step(...given) {
      const before = await model.readWeights();
      const result = await training.step(...given);
      const path = [...before.keys()].find((each) => each.startsWith('stage1/block1/'));
      const after = await model.readWeights();
      const old = before.get(path).values;
      const values = after.get(path).values.map((value, at) => old[at] + 0.9 * (value - old[at]));
      model.writeWeights(new Map([...after, [path, { ...after.get(path), values }]]));
      return result;
    },
  };
};

export async function openPlanted(options) {
  const runtime = await openRuntime(options);
  return {
    id: runtime.id,
    supports: { ...runtime.supports, ...(plant === 'no memory' && { deviceMemory: true }) },
    deviceKey: (execution, precision) => runtime.deviceKey(execution, precision),
    peakDeviceBytes: () => (plant === 'no memory' ? 1e6 : runtime.peakDeviceBytes()),
    instantiate(architecture, how) {
      if (plant === 'crash' && holds(architecture)) process.abort();
      const model = runtime.instantiate(architecture, how);
      const inference = inferences[plant];
      return {
        architecture,
        parameterCount: model.parameterCount,
        readWeights: () => model.readWeights(),
        writeWeights: (weights) => model.writeWeights(weights),
        dispose: () => model.dispose(),
        inference: (request) =>
          inference ? inference(model.inference(request), architecture) : model.inference(request),
        training: (request) =>
          plant === 'wrong gradient' && holds(architecture)
            ? wrongGradient(model, request)
            : model.training(request),
      };
    },
  };
}
