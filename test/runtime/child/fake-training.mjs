// A trainable model without an engine: softmax regression on the pixels, gradient descent with momentum in
// float32.
import { strike } from './fake-runtime.mjs';

const faults = JSON.parse(process.env.FAULTS ?? '{}');
const stepMs = Number(process.env.STEP_MS ?? 0);

export function fakeModel(architecture, { seed }) {
  const {
    input: { height, width, channels },
    classes,
  } = architecture;
  const size = height * width * channels;
  const filter = Float32Array.from({ length: size * classes }, (_, i) => Math.sin(seed + i * 12.9898) * 0.01);
  const weights = new Map([['head/filter', { shape: [size, classes], values: filter, trainable: true }]]);
  const logitsOf = (images, i) =>
    Array.from({ length: classes }, (_, k) => {
      let sum = 0;
      for (let f = 0; f < size; f++) sum += images[i * size + f] * filter[f * classes + k];
      return sum;
    });
  const copy = (set) =>
    new Map([...set].map(([path, value]) => [path, { ...value, values: Float32Array.from(value.values) }]));
  return {
    architecture,
    parameterCount: filter.length,
    dispose() {},
    readWeights: async () => copy(weights),
    writeWeights(from) {
      filter.set(from.get('head/filter').values);
    },
    inference: ({ batch }) => ({
      buildMs: 0,
      firstRunMs: 0,
      enqueue() {},
      synchronise: async () => 1,
      dispose() {},
      logits: async (images) =>
        Float32Array.from(Array.from({ length: batch }, (_, i) => logitsOf(images, i)).flat()),
    }),
    training: ({ batch, optimizer }) => {
      const momentum = new Float32Array(filter.length);
      let step = 0;
      return {
        buildMs: 0,
        firstRunMs: 0,
        dispose() {},
        readState: async () => ({
          step,
          slots: copy(
            new Map([
              ['head/filter/momentum', { shape: [size, classes], values: momentum, trainable: false }],
            ]),
          ),
        }),
        writeState(state) {
          step = state.step;
          momentum.set(state.slots.get('head/filter/momentum').values);
        },
        async step(images, labels, { learningRate }) {
          step++;
          strike(faults[`step${step}`]);
          if (stepMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stepMs);
          const gradient = new Float32Array(filter.length);
          let [loss, correct] = [0, 0];
          for (let i = 0; i < batch; i++) {
            const logits = logitsOf(images, i);
            const highest = Math.max(...logits);
            const weight = logits.map((logit) => Math.exp(logit - highest));
            const sum = weight.reduce((a, b) => a + b);
            loss += Math.log(sum) + highest - logits[labels[i]];
            if (logits.indexOf(highest) === labels[i]) correct++;
            for (let k = 0; k < classes; k++) {
              const slope = (weight[k] / sum - (k === labels[i] ? 1 : 0)) / batch;
              for (let f = 0; f < size; f++) gradient[f * classes + k] += images[i * size + f] * slope;
            }
          }
          for (let w = 0; w < filter.length; w++) {
            momentum[w] = (optimizer.momentum ?? 0.9) * momentum[w] + gradient[w];
            filter[w] -= learningRate * momentum[w];
          }
          return { loss: loss / batch, correct, gradientNorm: Math.hypot(...gradient) };
        },
      };
    },
  };
}
