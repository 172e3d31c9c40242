/** `--precision` and `--xla` from the command line to the rows: real children, a real database. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DeviceKey } from '../../src/runtime/runtime.js';
import { openStore, readExperimentResult } from '../../src/store/open-store.js';
import { experimentText, writeTiny } from '../lab/tiny.js';
import { engineFolder } from '../runtime/platforms.js';
import { temporaryFolder } from '../store/stored-experiment.js';
import { jsonLines, stagecraft } from './run-cli.js';

const network = 'search-spaces/ascan-cpu.space#7';
const quick = [
  '-b',
  '2',
  '-l',
  '1',
  '-t',
  '1',
  '--protocol',
  'control: false, warm-up-ms: 5, warm-up-cap-ms: 20, block-ms: 2, cap-ms: 20, latency-samples: 2',
];

describe('what cannot be is refused before anything runs, with its fix', () => {
  it.each([
    [
      ['--precision', 'bfloat16', '--runtime', 'wasm'],
      /the wasm runtime computes in float32 only, got precision "bfloat16"/,
    ],
    [['--precision', 'bfloat16', '--execution', 'eager'], /16-bit precision needs compiled execution/],
    [['--xla', '--execution', 'eager', '--compare'], /XLA needs compiled execution/],
  ])('profile %j', (flags, message) => {
    const { code, out, err } = stagecraft(['profile', network, network, ...flags]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });

  it('an experiment that names precision as a setting is told where it goes', () => {
    const file = writeTiny(temporaryFolder(), experimentText('  precision bfloat16\n'));
    expect(stagecraft(['run', file, '--dry-run'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('it is a parameter of runtime: auto(precision: …)') as string,
    });
  });
});

describe.skipIf(engineFolder === undefined)('with the native engine', () => {
  it('tf32 on a CPU is refused: it would be float32 under another name', () => {
    const { code, err } = stagecraft(['profile', network, ...quick, '--precision', 'tf32'], {
      env: { CUDA_VISIBLE_DEVICES: '-1' },
    });
    expect(code).toBe(2);
    expect(err).toMatch(
      /this device computes in float32, .*got precision "tf32"[^]*TF32 needs an NVIDIA GPU/,
    );
  });

  it('profile: the children compute as asked and their rows say so; predict takes no rows of another key', () => {
    const file = join(temporaryFolder(), 'measured.sqlite');
    const [row] = jsonLines(
      stagecraft(['profile', network, ...quick, '--precision', 'bfloat16', '--xla', '--db', file, '--json'], {
        env: { CUDA_VISIBLE_DEVICES: '-1' },
      }).out,
    );
    expect(row!['deviceKey'] as DeviceKey).toMatchObject({ precision: 'bfloat16', xla: true });
    const predicted = stagecraft([
      'predict',
      'search-spaces/ascan-cpu.space',
      '--db',
      file,
      '-b',
      '2',
      '--precision',
      'float16',
    ]);
    expect(predicted).toMatchObject({
      code: 2,
      err: expect.stringMatching(
        /no network was measured with precision "float16"[^]*compiled, bfloat16, XLA; 1 networks/,
      ) as string,
    });
  });

  it('run: another precision makes every row anew, and neither ranks beside the other', () => {
    const folder = temporaryFolder();
    const text = experimentText()
      .replace('seeds {1, 2}', 'seeds {1}')
      .replace('epochs: 3', 'epochs: 1')
      .replace('sample all', 'sample random(size: 1, seed: 1)')
      .replace(/ {2}profile.*\n/, '');
    const file = join(folder, 'results.sqlite');
    const results = [
      '',
      '  runtime auto(precision: bfloat16)\n',
      '  runtime auto(precision: bfloat16)\n',
    ].map((setting) => {
      const answer = stagecraft(['run', writeTiny(folder, text + setting), '--db', file], {
        env: { CUDA_VISIBLE_DEVICES: '-1' },
      });
      expect(answer.code, answer.err).toBe(0);
      const store = openStore(file, { readonly: true });
      const result = readExperimentResult(store);
      store.close();
      return { answer, result };
    });
    const [full, low, again] = results as [(typeof results)[0], (typeof results)[0], (typeof results)[0]];
    expect(low.answer.err).not.toContain('in the database already');
    expect(again.answer.err).toContain('1 of 1 jobs are in the database already');
    expect([full, low].map(({ result }) => result.device.key.precision)).toEqual(['float32', 'bfloat16']);
    expect(low.result.otherDevices).toEqual([]);
    expect(low.result.device.id).not.toBe(full.result.device.id);
    const loss = ({ result }: typeof full): number => result.candidates[0]!.scores[0]!.curve[0]!.trainLoss;
    expect(loss(low)).not.toBe(loss(full)); // it did compute in 16 bits
    expect(Math.abs(loss(low) / loss(full) - 1)).toBeLessThan(0.05);
    expect(loss(again)).toBe(loss(low));
  });
});
