import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { starterFiles } from '../../../src/cli/commands/files/starter-files.js';
import { temporaryFolder } from '../../store/stored-experiment.js';
import { stagecraft } from '../run-cli.js';

describe('init', () => {
  it('writes a space and an experiment that check without a warning, and count', () => {
    const folder = temporaryFolder();
    const { code, out } = stagecraft(['init', 'study'], { cwd: folder });
    expect(code).toBe(0);
    expect(out).toContain('npx stagecraft count study/networks.space ');
    for (const [name, text] of Object.entries(starterFiles))
      expect(readFileSync(join(folder, 'study', name), 'utf8')).toBe(text);
    const checked = stagecraft(['check', 'study/networks.space', 'study/first.experiment'], { cwd: folder });
    expect(checked).toMatchObject({ code: 0, err: '' });
    expect(checked.out).toContain('experiment first, 4 architectures, 16 jobs');
    // stage 2: 3 layouts; stage 3: C{0,3} T{0,3} of at least two blocks, 13; without T: CC with CC, CCC
    expect(stagecraft(['count', 'study/networks.space', '-q'], { cwd: folder }).out).toBe(`${3 * 13 - 2}\n`);
  });

  it('--examples copies what help texts name, as the package has it', () => {
    const folder = temporaryFolder();
    const line = ['count', 'search-spaces/ascan-cpu.space', '-q'];
    expect(stagecraft(line, { cwd: folder }).err).toBe(
      'search-spaces/ascan-cpu.space: no such file\n' +
        '  `npx stagecraft init --examples` copies the shipped search-spaces and experiments here\n',
    );
    const { code, out } = stagecraft(['init', '--examples'], { cwd: folder });
    expect(code).toBe(0);
    expect(out).toContain('copied search-spaces/\ncopied experiments/\n');
    expect(stagecraft(line, { cwd: folder }).out).toBe('125\n');
    expect(stagecraft(['check', 'experiments/quickstart.experiment'], { cwd: folder }).code).toBe(0);
  });

  it('never overwrites: one existing file, and nothing is written', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'first.experiment'), 'mine');
    const { code, err } = stagecraft(['init'], { cwd: folder });
    expect({ code, err }).toEqual({
      code: 2,
      err: 'init: files must be new, got first.experiment\n  name another folder: npx stagecraft init my-study\n',
    });
    expect(readFileSync(join(folder, 'first.experiment'), 'utf8')).toBe('mine');
    expect(stagecraft(['check', 'networks.space'], { cwd: folder }).code).toBe(2);
  });

  it('the experiment runs, with fewer images and launches', () => {
    const folder = temporaryFolder();
    stagecraft(['init'], { cwd: folder });
    const file = join(folder, 'first.experiment');
    const text = readFileSync(file, 'utf8')
      .replace('size: 4', 'size: 2')
      .replace(/throughput\(.*\)/, 'throughput(batches: {16}, launches: 1, cap-ms: 50, latency-samples: 5)')
      .replace('train: 4000, validation: 500', 'train: 64, validation: 32')
      .replace('epochs: 4', 'epochs: 1');
    writeFileSync(file, text);
    const { code, out, err } = stagecraft(['run', 'first.experiment'], { cwd: folder });
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('reports/first/index.html');
    expect(readFileSync(join(folder, 'reports/first/index.html'), 'utf8')).toContain('first');
  });
});
