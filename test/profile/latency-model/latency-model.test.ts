import { describe, expect, it } from 'vitest';
import type { Architecture } from '../../../src/architecture/architecture.js';
import {
  checkLatencyModel,
  fitLatencyModel,
  type MeasuredNetwork,
  partKeys,
} from '../../../src/profile/latency-model/latency-model.js';
import type { DeviceKey } from '../../../src/runtime/runtime.js';
import { seededRandom } from '../../../src/util/random.js';
import { smallNetwork } from '../../fixtures/small-network.js';

const deviceKey: DeviceKey = {
  device: 'made up',
  kind: 'cpu',
  threads: 2,
  driver: '',
  runtime: 'tensorflow',
  runtimeVersion: '1',
  execution: 'compiled',
  precision: 'float32',
  xla: false,
  layout: 'NHWC',
};
const choices = ['CCC', 'CCT', 'CTT', 'TTT', 'CT', 'C'];
const layouts = choices.flatMap((a) => choices.flatMap((b) => choices.map((c) => `${a}-${b}-${c}`)));
/**
 * Milliseconds of a made-up machine: T costs more where the map is large, with a dispatch cost per block and
 * an interaction.
 */
function madeUp(layout: string): number {
  const perBlock = [
    { C: 1, T: 2.6 },
    { C: 0.8, T: 1.1 },
    { C: 0.9, T: 0.6 },
  ];
  const sum = layout
    .split('-')
    .reduce(
      (total, stage, i) =>
        total + [...stage].reduce((ms, letter) => ms + perBlock[i]![letter as 'C' | 'T'], 0),
      0.5,
    );
  return sum * (1 + 0.02 * Math.sin([...layout].filter((letter) => letter === 'T').length));
}
function draw(
  count: number,
  noise: number,
  seed: number,
): { seen: MeasuredNetwork[]; heldOut: MeasuredNetwork[] } {
  const random = seededRandom(seed);
  const rows = random.shuffled(layouts).map(
    (layout): MeasuredNetwork => ({
      architecture: smallNetwork({ layout, widths: [8, 16, 24], side: 16 }),
      stepMs: madeUp(layout) * Math.exp(noise * random.normal()),
    }),
  );
  return { seen: rows.slice(0, count), heldOut: rows.slice(count) };
}

/** Milliseconds of a block by the height of its input. */
const partMs: Readonly<Record<number, { readonly C: number; readonly T: number }>> = {
  16: { C: 1, T: 2.6 },
  8: { C: 0.8, T: 1.1 },
  4: { C: 0.9, T: 0.6 },
};

describe('fitLatencyModel', () => {
  it('from 30 of 216 networks it ranks the others, and its 90 % intervals hold about that share', () => {
    const coverages = [];
    for (const seed of [1, 2, 3]) {
      const { seen, heldOut } = draw(30, 0.01, seed);
      const model = fitLatencyModel(seen, deviceKey, 16);
      const check = checkLatencyModel(model, heldOut);
      expect(check.rank.tau).toBeGreaterThan(0.9);
      expect(check.error).toBeLessThan(0.03);
      expect(model.leaveOneOutError).toBeLessThan(0.04);
      coverages.push(check.coverage);
    }
    const mean = coverages.reduce((a, b) => a + b) / coverages.length;
    expect(mean).toBeGreaterThan(0.82);
  });
  it('a lookup of measured parts carries it through a small sample', () => {
    const { seen, heldOut } = draw(8, 0.01, 4);
    const parts = new Map<string, number>();
    for (const { architecture } of [...seen, ...heldOut]) {
      partKeys(architecture).forEach((key) => {
        const { kind, input, type } = JSON.parse(key) as {
          kind: string;
          type: string;
          input: { height: number };
        };
        if (kind === 'block') parts.set(key, partMs[input.height]![type === 'transformer' ? 'T' : 'C']);
      });
    }
    const [plain, helped] = [
      fitLatencyModel(seen, deviceKey, 16),
      fitLatencyModel(seen, deviceKey, 16, { lookup: parts }),
    ].map((model) => checkLatencyModel(model, heldOut));
    expect(helped!.rank.tau).toBeGreaterThan(plain!.rank.tau!);
  });
  it('refuses another device, another batch and too few networks', () => {
    const { seen } = draw(10, 0, 1);
    const model = fitLatencyModel(seen, deviceKey, 16);
    expect(() => model.predict(seen[0]!.architecture, deviceKey, 1)).toThrow(
      'holds for batch 16 only, got 1',
    );
    expect(() => model.predict(seen[0]!.architecture, { ...deviceKey, threads: 1 }, 16)).toThrow(
      'one device key only',
    );
    expect(() => fitLatencyModel(seen.slice(0, 4), deviceKey, 16)).toThrow(
      'at least 5 measured networks are needed, got 4',
    );
  });
});

describe('partKeys', () => {
  it('tells places apart by what enters them, and not by their number within a stage', () => {
    const keys = partKeys(smallNetwork({ layout: 'CC-CC', widths: [8, 8] }) as Architecture);
    expect(keys).toHaveLength(7);
    expect(keys[1]).toBe(keys[2]);
    expect(keys[1]).not.toBe(keys[4]);
  });
});
