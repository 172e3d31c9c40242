/**
 * Exported PyTorch modules against the lab's own forward pass on the same weights: every part, variant and
 * modifier, published networks and random layouts.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Architecture } from '../../src/architecture/architecture.js';
import { pytorchModule } from '../../src/export/pytorch/network-module.js';
import { toTorch, weightForms } from '../../src/export/pytorch/weight-names.js';
import { architectureProblem } from '../../src/network/architecture-problem.js';
import { networkCost } from '../../src/network/network-cost.js';
import type { Platform } from '../../src/runtime/tfjs/platform.js';
import { encodeTensors } from '../../src/train/weights/safetensors.js';
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
  readonly rounding: number;
  readonly statistics: number;
  readonly gradients?: number;
  readonly gradientsOf?: string;
}

const withoutDropout = (architecture: Architecture): Architecture =>
  JSON.parse(JSON.stringify(architecture).replace(/"dropout":[0-9.]+/g, '"dropout":0')) as Architecture;

const cases: readonly (readonly [name: string, architecture: Architecture, small: boolean])[] = [
  ...Object.entries(smallCases).map(([name, make]) => [name, withoutDropout(make()), true] as const),
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
}

describe.skipIf(!testPython)('exported modules compute what the lab computes', () => {
  let folder: string;
  let results: Readonly<Record<string, Result>>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stagecraft-export-'));
    const platform: Platform = await openPlatform(engineFolder ? 'plain' : 'wasm');
    for (const [name, architecture, small] of cases) {
      expect(architectureProblem(architecture), name).toBeUndefined();
      writeCase(folder, name, architecture, labCase(platform, architecture, small));
    }
    results = JSON.parse(
      runPython([join(import.meta.dirname, 'check_modules.py'), folder]),
    ) as typeof results;
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(cases)('%s', (name, architecture) => {
    const result = results[fileOf(name)]!;
    expect(result.error).toBeUndefined();
    expect(result.parameters).toBe(networkCost(architecture).total.params);
    expect(result.eval).toBeLessThan(1e-4);
    // The statistics of a few pixels amplify rounding: then the bound is what float32 loses in PyTorch itself.
    expect(result.train).toBeLessThan(Math.max(1e-4, 4 * result.rounding));
    expect(result.statistics).toBeLessThan(1e-4);
    expect(result.gradients ?? 0, result.gradientsOf).toBeLessThan(2e-3);
  });

  it('pass ruff’s default rules', () => {
    const ruff = join(dirname(testPython!), 'ruff');
    expect(execFileSync(ruff, ['check', '--isolated', '--quiet', folder], { encoding: 'utf8' })).toBe('');
  });
});
