import { describe, expect, it } from 'vitest';
import { architectureProblem } from '../../../src/network/architecture-problem.js';
import { largestBatch } from '../../../src/profile/candidate/largest-batch.js';
import { networkPrefixes, partTimes, stageShares } from '../../../src/profile/part-times/part-times.js';
import { partsInChild } from '../../../src/profile/part-times/run-parts.js';
import type { BatchProfile } from '../../../src/profile/profile-result.js';
import { standardProtocol } from '../../../src/profile/protocol/protocol.js';
import { seededRandom } from '../../../src/util/random.js';
import { engineRuntime } from '../../fixtures/engine-runtime.js';
import { smallNetwork } from '../../fixtures/small-network.js';

const architecture = smallNetwork({ layout: 'CC-CT', widths: [8, 16] });

describe('prefixes', () => {
  it('are networks of their own, one part longer each, the last the whole', () => {
    const list = networkPrefixes(architecture);
    expect(list.map(({ name, letter }) => name + (letter ?? ''))).toEqual([
      'stem and head',
      'stage1/block1C',
      'stage1/block2C',
      'stage2/downsample',
      'stage2/block1C',
      'stage2/block2T',
    ]);
    for (const prefix of list.filter(({ name }) => name.includes('block')))
      expect(architectureProblem(prefix.architecture)).toBeUndefined();
    expect(list.at(-1)!.architecture).toEqual(architecture);
  });
});

describe('partTimes', () => {
  it('are differences of prefixes round by round; the shares of all sum to 1', () => {
    const parts = [
      { name: 'stem and head' },
      { name: 'stage1/block1', letter: 'C' },
      { name: 'stage2/block1', letter: 'T' },
    ];
    const rounds = [0, 1, 2].map((prefix) =>
      Array.from({ length: 12 }, (_, round) => (1 + round / 10) * [1, 3, 4][prefix]!),
    ); // all drift together
    const times = partTimes(parts, rounds, seededRandom(1));
    expect(times.map(({ share }) => Number(share.toFixed(6)))).toEqual([0.25, 0.5, 0.25]);
    expect(times.map(({ letter }) => letter)).toEqual([undefined, 'C', 'T']);
    expect(stageShares(times)).toEqual([
      { name: 'stem and head', share: 0.25 },
      { name: 'stage1', share: 0.5 },
      { name: 'stage2', share: 0.25 },
    ]);
  });
});

describe('partsInChild', () => {
  const request = {
    architecture,
    batch: 2,
    ...engineRuntime,
    threads: 1,
    rounds: 4,
    protocol: { ...standardProtocol, warmupMs: 20, warmupCapMs: 60, minBlockMs: 2 },
  };
  it('times every part of a real network', async () => {
    const result = await partsInChild(request);
    expect(result.parts).toHaveLength(6);
    expect(result.parts!.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 0);
  });
  it('a network that cannot be built is a failure with its reason', async () => {
    const broken = { ...architecture, head: { type: 'no-such-head', params: {} } };
    expect(await partsInChild({ ...request, architecture: broken })).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('no-such-head'),
    });
  });
});

describe('largestBatch', () => {
  const device =
    (capacity: number, asked: number[] = []) =>
    async (batch: number): Promise<BatchProfile> => {
      asked.push(batch);
      return batch <= capacity
        ? {
            batch,
            status: 'ok',
            reason: '',
            flags: [],
            stepMs: { value: 1, low: 1, high: 1, samples: 9 },
            peakBytes: 1e9 + batch * 1e7,
          }
        : { batch, status: 'out-of-memory', reason: 'OOM when allocating', flags: [] };
    };
  it('comes within a sixteenth of what fits, and says why nothing larger', async () => {
    for (const capacity of [1, 2, 37, 100, 1000]) {
      const found = await largestBatch(device(capacity));
      expect(found.batch).toBeLessThanOrEqual(capacity);
      expect(found.batch).toBeGreaterThanOrEqual(capacity / (1 + 1 / 16) - 1);
      expect(found.reason).toContain('out-of-memory');
    }
  });
  it('is 0 where nothing fits and the highest where all do', async () => {
    expect(await largestBatch(device(0))).toMatchObject({
      batch: 0,
      reason: 'batch 1: out-of-memory: OOM when allocating',
    });
    expect(await largestBatch(device(1e9), { highest: 100 })).toMatchObject({
      batch: 100,
      reason: 'batch 100 was the highest tried',
    });
  });
  it('does not try what would pass the memory limit', async () => {
    const asked: number[] = [];
    const found = await largestBatch(device(1e9, asked), { limitBytes: 2e9 });
    expect(found.batch).toBeGreaterThan(90);
    expect(Math.max(...asked)).toBeLessThanOrEqual(100);
    expect(found.reason).toContain('over the limit of 1.9 GiB');
    // the second try, too, where what passes add is inferred
    const foreseen: number[] = [];
    const one = await largestBatch(device(1e9, foreseen), {
      limitBytes: 2e9,
      addedBytes: (batch) => batch * 1.5e9,
    });
    expect([one.batch, foreseen]).toEqual([1, [1]]);
    expect(one.reason).toMatch(/^batch 2: would take about 2\.3 GiB, over the limit of 1\.9 GiB/);
  });
});
