/** `verifyDevice` on the real engine: it passes as it is, and finds each planted fault, and only there. */
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Verification } from '../../../src/profile/verify/verification.js';
import { verifyDevice } from '../../../src/profile/verify/verify-device.js';
import { engineFolder } from '../../runtime/platforms.js';

const request = { runtime: 'tensorflow', execution: 'compiled', threads: 2 } as const;
const entry = join(import.meta.dirname, 'planted-child.mjs');

function verified(plant: string, blocks: readonly string[], block = ''): Promise<Verification> {
  return verifyDevice(request, {
    stagecraft: '0.0.0',
    now: () => new Date(),
    blocks,
    ...(plant !== '' && { entry, environment: { PLANT: plant, BLOCK: block } }),
  });
}

const failed = ({ checks }: Verification): string[] =>
  checks.filter(({ outcome }) => outcome === 'failed').map(({ group, name }) => `${group} ${name}`);

describe.skipIf(engineFolder === undefined)('verifyDevice', () => {
  it('TensorFlow on the CPU passes; the findings name mode, reference and bounds, and nobody', async () => {
    const found = await verified('', ['residual', 'transformer']);
    expect(failed(found)).toEqual([]);
    expect(found).toMatchObject({
      format: 'stagecraft-verification',
      version: 1,
      passed: true,
      modes: ['compiled float32', 'compiled bfloat16', 'compiled float16'],
      reference: expect.stringContaining('wasm') as string,
    });
    const of = (wanted: string): string[] =>
      found.checks.filter(({ group }) => group === wanted).map(({ name }) => name);
    expect([of('forward').length, of('training').length]).toEqual([6, 18]);
    expect(of('timing')).toEqual([
      'clock resolves',
      'read-back waits',
      'time scales with passes',
      'time scales with depth',
      'equal networks take equal times',
    ]);
    expect(of('memory')).toEqual(['allocation is seen']);
    const text = JSON.stringify(found);
    for (const personal of [homedir(), process.cwd(), hostname()])
      if (personal.length > 2) expect(text).not.toContain(personal);
  });

  it.each([
    ['wrong forward', ['forward residual']],
    ['wrong gradient', ['training residual']],
    ['crash', ['forward residual']],
  ])('%s of one block is found there, and nowhere else', async (plant, expected) => {
    const found = await verified(plant, ['mbconv', 'residual'], 'residual');
    expect(found.passed).toBe(false);
    expect([...new Set(failed(found))]).toEqual(expected);
    expect(found.checks.some(({ name, outcome }) => name === 'mbconv' && outcome === 'passed')).toBe(true);
  });

  it.each([
    ['no wait', 'timing read-back waits'],
    ['no work', 'timing time scales with passes'],
    ['no memory', 'memory allocation is seen'],
  ])('%s is found', async (plant, expected) => {
    const found = await verified(plant, ['identity']);
    expect(failed(found)).toContain(expected);
    expect(failed(found).some((name) => name.startsWith('forward'))).toBe(false);
  });
});
