/**
 * Exported PyTorch modules and ONNX models against the lab's own forward pass on the same weights: every part, variant and
 * modifier, published networks and random layouts.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Architecture } from '../../src/architecture/architecture.js';
import { onnxModel, onnxOpset } from '../../src/export/onnx/onnx-model.js';
import { pytorchModule } from '../../src/export/pytorch/network-module.js';
import { toTorch, weightForms } from '../../src/export/pytorch/weight-names.js';
import { architectureProblem } from '../../src/network/architecture-problem.js';
import { networkCost } from '../../src/network/network-cost.js';
import type { Platform } from '../../src/runtime/tfjs/platform.js';
import { resolveArchitecture } from '../../src/space/inspect/resolve-architecture.js';
import { encodeTensors } from '../../src/train/weights/safetensors.js';
import { referenceNetworks } from '../fixtures/reference-networks.js';
import { repository } from '../import-graph.js';
import { parityNetworks } from '../parity/networks.js';
import { engineFolder, openPlatform } from '../runtime/platforms.js';
import { smallCases } from './export-cases.js';
import { type LabCase, labCase, type Values } from './lab-case.js';
import { runPython, testPython } from './python.js';

interface Result {
  readonly error?: string;
  readonly parameters: number;
  readonly eval: number;
  readonly train: number;
  /** Difference of the module's own outputs in float32 and float64 in training mode. */
  readonly rounding?: number;
  readonly statistics: number;
  readonly gradients?: number;
  readonly gradientsOf?: string;
  /** Of networks of full size: weights of another name or shape. */
  readonly wrong?: readonly string[];
}

interface OnnxResult {
  readonly error?: string;
  /** With both images, and with the first alone. */
  readonly difference: number;
  readonly one: number;
  readonly opset: number;
}

const spaces = join(repository, 'search-spaces');

const withoutDropout = (architecture: Architecture): Architecture =>
  JSON.parse(JSON.stringify(architecture).replace(/"dropout":[0-9.]+/g, '"dropout":0')) as Architecture;

/** Members of the shipped spaces by rank: layouts that nobody chose. */
const drawn = [
  'ascan-cpu.space#3',
  'ascan-cpu.space#61',
  'ascan-cpu.space#104',
  'segment-cpu.space#17',
  'denoise-cpu.space#5',
];

const cases: readonly (readonly [name: string, architecture: Architecture, small: boolean])[] = [
  ...Object.entries(smallCases).map(([name, make]) => [name, withoutDropout(make()), true] as const),
  ...drawn.map((name) => [name, withoutDropout(resolveArchitecture(join(spaces, name))), true] as const),
  ...Object.entries(parityNetworks).map(
    ([name, make]) => [`published ${name}`, withoutDropout(make()), false] as const,
  ),
];
const fileOf = (name: string): string => name.replace(/[^a-z0-9]+/gi, '_');

function writeCase(folder: string, name: string, architecture: Architecture, lab: LabCase): void {
  const forms = weightForms(architecture);
  const named = (prefix: string, from: ReadonlyMap<string, Values>): [string, Values][] =>
    forms
      .filter(({ path }) => from.has(path))
      .map((form) => [
        `${prefix}${form.name}`,
        { shape: form.torchShape, values: toTorch(form, from.get(form.path)!.values) },
      ]);
  const write = (file: string, entries: readonly [string, Values][]): void => {
    const tensors = new Map(entries.map(([key, value]) => [key, { ...value, trainable: true }]));
    writeFileSync(join(folder, file), encodeTensors({ tensors, metadata: {} }));
  };
  write(`${fileOf(name)}.weights.safetensors`, named('', lab.weights));
  write(`${fileOf(name)}.safetensors`, [
    ...named('weight:', lab.weights),
    ...named('statistic:', lab.statistics),
    ...named('gradient:', lab.gradients),
    ['images', lab.images],
    ['evaluated', lab.evaluated],
    ['trained', lab.trained],
    ['coefficients', lab.coefficients],
    ...(lab.time ? [['time', lab.time] as [string, Values]] : []),
    ...(lab.given ? [['given', lab.given] as [string, Values]] : []),
  ]);
  writeFileSync(join(folder, `${fileOf(name)}.py`), pytorchModule(architecture));
  const values = new Map([...lab.weights].map(([path, weight]) => [path, weight.values]));
  const dataFile = `${fileOf(name)}.onnx.data`;
  // every second case has its weights beside the model
  const { model, data } = onnxModel(architecture, values, forms.length % 2 === 0 ? { dataFile } : {});
  writeFileSync(join(folder, `${fileOf(name)}.onnx`), model);
  if (data) writeFileSync(join(folder, dataFile), data);
}

/** A published network of full size: its module, and the names and shapes that its weights must have. */
function writeShapes(folder: string, name: string, architecture: Architecture): void {
  const shapes = Object.fromEntries(weightForms(architecture).map((form) => [form.name, form.torchShape]));
  writeFileSync(join(folder, 'shapes', `${name}.json`), JSON.stringify(shapes));
  writeFileSync(join(folder, 'shapes', `${name}.py`), pytorchModule(architecture));
}

describe.skipIf(!testPython)('exported networks compute what the lab computes', () => {
  let folder: string;
  let results: Readonly<Record<string, Result>>;
  let models: Readonly<Record<string, OnnxResult>>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stagecraft-export-'));
    const platform: Platform = await openPlatform(engineFolder ? 'plain' : 'wasm');
    for (const [name, architecture, small] of cases) {
      expect(architectureProblem(architecture), name).toBeUndefined();
      writeCase(folder, name, architecture, labCase(platform, architecture, small));
    }
    mkdirSync(join(folder, 'shapes'));
    for (const [name, make] of Object.entries(referenceNetworks)) writeShapes(folder, fileOf(name), make());
    results = JSON.parse(
      runPython([join(import.meta.dirname, 'check_modules.py'), folder]),
    ) as typeof results;
    models = JSON.parse(runPython([join(import.meta.dirname, 'check_onnx.py'), folder])) as typeof models;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(cases)('%s', (name, architecture) => {
    const result = results[fileOf(name)]!;
    expect(result.error).toBeUndefined();
    expect(result.parameters).toBe(networkCost(architecture).total.params);
    expect(result.eval).toBeLessThan(1e-4);
    // The statistics of a few pixels amplify rounding: then the bound is what float32 loses in PyTorch itself.
    expect(result.train).toBeLessThan(Math.max(1e-4, 4 * (result.rounding ?? 0)));
    expect(result.statistics).toBeLessThan(1e-4);
    expect(result.gradients ?? 0, result.gradientsOf).toBeLessThan(1e-3);
  });

  it.each(Object.keys(referenceNetworks))('%s at full size: parameters, names and shapes', (name) => {
    const { wrong, parameters } = results[fileOf(name)]!;
    expect(wrong).toEqual([]);
    expect(parameters).toBe(networkCost(referenceNetworks[name]!()).total.params);
  });

  it.each(cases)('%s as an ONNX model', (name) => {
    const result = models[fileOf(name)]!;
    expect(result.error).toBeUndefined();
    expect(result.opset).toBe(onnxOpset);
    expect(result.difference).toBeLessThan(1e-4);
    expect(result.one).toBeLessThan(1e-4);
  });

  it('pass ruff’s default rules', () => {
    const ruff = join(dirname(testPython!), 'ruff');
    expect(execFileSync(ruff, ['check', '--isolated', '--quiet', folder], { encoding: 'utf8' })).toBe('');
  });
});
