/** `test --weights FILE --data CALL`: the accuracy of a weights file equals that of the training that wrote it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWeightsFile } from '../../../src/train/weights/weights-file.js';
import { writeTiny } from '../../lab/tiny.js';
import { temporaryFolder } from '../../store/stored-experiment.js';
import { jsonLines, stagecraft } from '../run-cli.js';

describe('test --weights', () => {
  it('scores weights of a training, and the same weights after export and import', () => {
    const folder = temporaryFolder();
    writeTiny(folder);
    const run = (...args: string[]) => stagecraft(args, { cwd: folder });
    const data = ['--data', 'idx(folder: digits)'];
    const network = 'tiny.space@C-CT';
    const trained = run(
      'train',
      network,
      ...data,
      '--recipe',
      'adamw(epochs: 4, batch: 16)',
      '--weights',
      'own.safetensors',
      '--json',
    );
    expect(trained.err).not.toMatch(/error/);
    const [{ top1, loss }] = jsonLines(trained.out) as [{ top1: number; loss: number }];
    const scored = (...args: string[]) =>
      run('test', '--weights', ...args, '--split', 'validation', '--json');
    const own = scored('own.safetensors', ...data);
    expect(own.err).toBe('');
    expect(jsonLines(own.out)[0]).toMatchObject({ layout: 'C-CT', split: 'validation', top1 });
    expect(jsonLines(own.out)[0]!['loss']).toBeCloseTo(loss, 4);

    const { mean, std } = readWeightsFile(join(folder, 'own.safetensors'));
    run('export', network, '--to', 'pytorch', '--weights', 'own.safetensors', '--out', 'net.py');
    run(
      'import',
      network,
      'net.safetensors',
      '--out',
      'back.safetensors',
      '--mean',
      mean.join(),
      '--std',
      std.join(),
    );
    expect(jsonLines(scored('back.safetensors', ...data).out)[0]).toMatchObject({ top1 });

    writeFileSync(join(folder, 'classes.txt'), 'one\ntwo\nthree\n');
    run('import', network, 'net.safetensors', '--out', 'named.safetensors', '--classes', 'classes.txt');
    expect(scored('named.safetensors', ...data)).toMatchObject({ code: 0 }); // the data's are numbers
    expect(scored('named.safetensors', '--data', 'motif(train: 20, validation: 20)')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^test: data must have classes of the weights, got .* in motif/) as string,
    });
  });

  it('names what is missing', () => {
    expect(stagecraft(['test']).err).toMatch(/an experiment, or --weights with --data, is needed/);
    expect(stagecraft(['test', '--weights', 'nowhere.safetensors']).err).toMatch(
      /--weights: data to evaluate on/,
    );
  });
});
