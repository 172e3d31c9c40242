/**
 * PyTorch's training steps against TensorFlow's: the same initial weights and batches give the same losses over
 * 50 steps; a state continues bit for bit.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Architecture } from '../../../src/architecture/architecture.js';
import { pytorchModule } from '../../../src/export/pytorch/network-module.js';
import { toTorch, type WeightForm, weightForms } from '../../../src/export/pytorch/weight-names.js';
import { taskOf } from '../../../src/network/task.js';
import type {
  OptimizerSpec,
  Runtime,
  StepResult,
  StepSettings,
  TrainingOptions,
  WeightSet,
} from '../../../src/runtime/runtime.js';
import { TfjsRuntime } from '../../../src/runtime/tfjs/tfjs-runtime.js';
import { isDecayed } from '../../../src/runtime/weight-decay.js';
import { encodeTensors } from '../../../src/train/weights/safetensors.js';
import { runPython, testPython } from '../../export/python.js';
import { segmenter } from '../../fixtures/decoder-networks.js';
import { networkOf } from '../../fixtures/network-of.js';
import { repository } from '../../import-graph.js';
import { engineFolder, noise, openPlatform, smallNetwork } from '../platforms.js';

const adamw: OptimizerSpec = { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 };
const lamb: OptimizerSpec = { ...adamw, kind: 'lamb', epsilon: 1e-6 };
const sgd = (nesterov: boolean): OptimizerSpec => ({
  kind: 'sgd',
  momentum: 0.9,
  nesterov,
  weightDecay: 1e-2,
});

const convolutional = (): Architecture =>
  networkOf({
    side: 12,
    classes: 5,
    stem: ['conv', { stride: 2 }],
    stemWidth: 8,
    blocks: { C: ['convnext'], M: ['mbconv', { expand: 2 }] },
    stages: [
      { width: 8, layout: 'CC' },
      { width: 16, layout: 'MM', down: ['conv'] },
    ],
    head: ['pool-linear'],
  });

const withoutDropout = (architecture: Architecture): Architecture =>
  JSON.parse(JSON.stringify(architecture).replace(/"dropout":[0-9.]+/g, '"dropout":0')) as Architecture;

interface Case {
  readonly architecture: Architecture;
  readonly rate: number;
  readonly options: Partial<TrainingOptions> & { readonly optimizer: OptimizerSpec };
  readonly settings?: Partial<StepSettings>;
  /** Draws random numbers, which differ between the runtimes. */
  readonly random?: true;
}

const cases: Readonly<Record<string, Case>> = {
  'hybrid adamw': { architecture: smallNetwork, rate: 1e-3, options: { optimizer: adamw, clipNorm: 1 } },
  'hybrid sgd': {
    architecture: smallNetwork,
    rate: 0.02,
    options: { optimizer: sgd(true), labelSmoothing: 0.1, clipNorm: 2 },
  },
  'hybrid lamb': { architecture: smallNetwork, rate: 5e-3, options: { optimizer: lamb, accumulate: 2 } },
  'hybrid mixed averages': {
    architecture: smallNetwork,
    rate: 1e-3,
    options: { optimizer: adamw, mixesLabels: true, averages: true, labelSmoothing: 0.1 },
    settings: { averageDecay: 0.9 },
  },
  'convolutional adamw': {
    architecture: convolutional(),
    rate: 1e-3,
    options: { optimizer: adamw, decay: 'all', accumulate: 2 },
  },
  'convolutional sgd': { architecture: convolutional(), rate: 0.02, options: { optimizer: sgd(false) } },
  'convolutional lamb': { architecture: convolutional(), rate: 5e-3, options: { optimizer: lamb } },
  'dense adamw': {
    architecture: withoutDropout(segmenter(['C', 'CC', 'C', 'C'])),
    rate: 1e-3,
    options: { optimizer: adamw, labelSmoothing: 0.1 },
  },
  'random numbers': {
    architecture: smallNetwork,
    rate: 1e-3,
    options: { optimizer: adamw, dropPath: 0.5, scheduledDropPath: true, noisyGradients: true },
    settings: { dropPathShare: 0.8, gradientNoise: 0.01 },
    random: true,
  },
  'random drop path': {
    architecture: smallNetwork,
    rate: 1e-3,
    options: { optimizer: sgd(true), dropPath: 0.5 },
    random: true,
  },
  float16: {
    architecture: smallNetwork,
    rate: 1e-3,
    options: {
      optimizer: adamw,
      precision: 'float16',
      lossScale: { initial: 2 ** 24, growthSteps: 4 },
      averages: true,
      accumulate: 2,
    },
    settings: { averageDecay: 0.5 },
    random: true,
  },
};

const batch = 8;
const pool = 4;
const stepCount = 50;
const fileOf = (name: string): string => name.replace(/ /g, '_');

const optionsOf = ({ options }: Case): TrainingOptions => ({
  batch,
  execution: 'eager',
  labelSmoothing: 0,
  clipNorm: 0,
  dropPath: 0,
  seed: 7,
  ...options,
});

const stepsOf = ({ rate, settings }: Case): StepSettings[] =>
  Array.from({ length: stepCount }, (_, step) => ({
    learningRate: rate * Math.min(1, (step + 1) / 5) * (1 - step / stepCount),
    ...settings,
  }));

interface Batch {
  readonly images: Float32Array;
  readonly labels: Int32Array;
  readonly others: Int32Array;
}

/** Images whose mean tells the class, so that there is something to learn. */
function batchesOf({ architecture }: Case): Batch[] {
  const { input, classes } = architecture;
  const size = input.height * input.width * input.channels;
  const isDense = taskOf(architecture) === 'dense';
  return Array.from({ length: pool }, (_, index) => {
    const classOf = (image: number): number => (image * 3 + index) % classes;
    const images = noise(`images ${index}`, batch * size).map(
      (value, at) => value + classOf(Math.floor(at / size)) / classes,
    );
    const pixels = isDense ? input.height * input.width : 1;
    const labels = Int32Array.from({ length: batch * pixels }, (_each, at) =>
      isDense && at % 7 === 0 ? 255 : classOf(Math.floor(at / pixels)),
    );
    const others = Int32Array.from({ length: batch }, (_each, at) => (at + 1) % classes);
    return { images, labels, others };
  });
}

interface Row extends StepResult {}
interface Result {
  readonly error?: string;
  readonly rows: readonly Row[];
  readonly slots: readonly string[];
  readonly resumes: boolean;
}

interface Reference {
  readonly rows: readonly Row[];
  readonly slots: readonly string[];
}

const shareOf = 0.7;

/** TensorFlow's steps. */
async function reference(runtime: Runtime, name: string, folder: string): Promise<Reference> {
  const each = cases[name]!;
  const { architecture } = each;
  const model = runtime.instantiate(architecture, { seed: 3 });
  const initial = await model.readWeights();
  const batches = batchesOf(each);
  const steps = stepsOf(each);
  writeCase(folder, name, initial, batches, steps);
  const options = optionsOf(each);
  const { accumulate: parts = 1, precision: _, ...eager } = options;
  const training = model.training({ ...eager, ...(parts > 1 && { accumulate: parts }) });
  const rows: Row[] = [];
  for (const [step, settings] of steps.entries()) {
    let loss = 0;
    for (let part = 0; part < parts; part++) {
      const { images, labels, others } = batches[(step * parts + part) % pool]!;
      const fed = { ...settings, ...(options.mixesLabels && { mixed: { labels: others, share: shareOf } }) };
      const isLast = part === parts - 1;
      const result = await (isLast
        ? training.step(images, labels, fed)
        : training.accumulate!(images, labels, fed));
      loss += result.loss / parts;
      if (isLast) rows.push({ ...result, loss });
    }
  }
  const { slots } = await training.readState();
  training.dispose();
  model.dispose();
  return { rows, slots: [...slots.keys()] };
}

function writeCase(
  folder: string,
  name: string,
  initial: WeightSet,
  batches: readonly Batch[],
  steps: readonly StepSettings[],
): void {
  const each = cases[name]!;
  const { architecture } = each;
  const { height, width, channels } = architecture.input;
  const options = optionsOf(each);
  const forms = weightForms(architecture);
  const tensors = new Map(
    forms.map((form) => [
      `weight:${form.name}`,
      {
        shape: form.torchShape,
        values: toTorch(form, initial.get(form.path)!.values),
        trainable: form.trainable,
      },
    ]),
  );
  const floats = (values: Int32Array): Float32Array => Float32Array.from(values);
  batches.forEach(({ images, labels, others }, index) => {
    tensors.set(`images:${index}`, {
      shape: [batch, height, width, channels],
      values: images,
      trainable: true,
    });
    tensors.set(`labels:${index}`, { shape: [labels.length], values: floats(labels), trainable: true });
    if (options.mixesLabels)
      tensors.set(`others:${index}`, { shape: [batch], values: floats(others), trainable: true });
  });
  const task = { kind: taskOf(architecture), classes: architecture.classes, channels, height, width };
  writeFileSync(join(folder, `${fileOf(name)}.safetensors`), encodeTensors({ tensors, metadata: {} }));
  writeFileSync(join(folder, `${fileOf(name)}.py`), pytorchModule(architecture));
  writeFileSync(
    join(folder, `${fileOf(name)}.json`),
    JSON.stringify({
      weights: forms.map(({ name: own, path, shape, trainable }) => ({
        name: own,
        trainable,
        decays: options.decay === 'all' || isDecayed(path, shape),
      })),
      options: { ...options, task },
      steps: steps.map((settings) => ({ ...settings, share: shareOf })),
      batches: pool,
    }),
  );
}

const python = join(repository, 'src', 'runtime', 'python-worker', 'python');

/** `stage1.0.conv.weight/momentum` as the lab names it. */
function labSlot(forms: readonly WeightForm[], slot: string): string {
  const at = slot.lastIndexOf('/');
  const form = forms.find(({ name }) => name === slot.slice(0, at));
  return `${form?.path ?? slot.slice(0, at)}${slot.slice(at)}`;
}
const comparable = Object.keys(cases).filter((name) => !cases[name]!.random);
const relative = (a: number, b: number): number => Math.abs(a - b) / Math.max(Math.abs(b), 1e-3);

describe.skipIf(!testPython || !engineFolder)('training steps of PyTorch', () => {
  let folder: string;
  let results: Readonly<Record<string, Result>>;
  const references = new Map<string, Reference>();
  const found = (name: string): Result => results[fileOf(name)]!;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stagecraft-training-'));
    const runtime = new TfjsRuntime(await openPlatform('plain'), 2, 'test');
    for (const name of Object.keys(cases)) references.set(name, await reference(runtime, name, folder));
    results = JSON.parse(
      runPython([join(import.meta.dirname, 'check_training.py'), python, folder]),
    ) as typeof results;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(comparable)('%s: losses equal TensorFlow’s to 1e-3 over 50 steps', (name) => {
    const { error, rows } = found(name);
    expect(error).toBeUndefined();
    const expected = references.get(name)!.rows;
    expect(expected.at(-1)!.loss).toBeLessThan(expected[0]!.loss);
    rows.forEach(({ loss, gradientNorm, correct }, step) => {
      expect(relative(loss, expected[step]!.loss), `loss of step ${step}`).toBeLessThan(1e-3);
      if (step > 0) return;
      expect(relative(gradientNorm, expected[0]!.gradientNorm)).toBeLessThan(1e-4);
      expect(correct).toBe(expected[0]!.correct);
    });
  });

  it.each(Object.keys(cases))('%s: resumes bit for bit, with the slots that TensorFlow has', (name) => {
    const { error, slots, resumes } = found(name);
    expect(error).toBeUndefined();
    expect(resumes).toBe(true);
    const forms = weightForms(cases[name]!.architecture);
    const ofScale = (slot: string): boolean => slot.startsWith('loss-scale/') || slot.endsWith('/held');
    const named = slots.filter((slot) => !ofScale(slot)).map((slot) => labSlot(forms, slot));
    expect(named.sort()).toEqual([...references.get(name)!.slots].sort());
  });

  it('float16 skips steps of a gradient that is not finite, and then learns', () => {
    const { rows } = found('float16');
    const skipped = rows.filter((row) => row.skipped);
    expect(rows[0]!.skipped).toBe(true);
    expect(rows[0]!.lossScale).toBe(2 ** 23);
    expect(skipped.length).toBeLessThan(stepCount / 2);
    expect(rows.at(-1)!.loss).toBeLessThan(0.95 * rows[0]!.loss);
  });
});
