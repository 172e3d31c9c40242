import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { architectureId, parseArchitecture } from '../../src/architecture/canonical.js';
import { commandTable } from '../../src/cli/command-table.js';
import { reportError } from '../../src/cli/exit-codes.js';
import type { Io } from '../../src/cli/output/io.js';
import { openStore } from '../../src/store/open-store.js';
import {
  recordExperiment,
  recordProfile,
  recordSession,
  recordTraining,
} from '../../src/store/record-results.js';
import { InterruptedError, UserError } from '../../src/util/errors.js';
import {
  batchProfile,
  deviceKey,
  experiment,
  profileResult,
  temporaryFolder,
  trainResult,
} from '../store/stored-experiment.js';
import { jsonLines, main, root, stagecraft } from './run-cli.js';

const space = 'search-spaces/ascan-cpu.space';

describe('stagecraft', () => {
  it('without arguments prints its help', () => {
    const { code, out, err } = stagecraft([]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatchSnapshot();
  });
  it.each(Object.keys(commandTable))('%s --help says what it does, with an example', (name) => {
    const { code, out, err } = stagecraft([name, '--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(new RegExp(`Examples:\\n  \\$ npx stagecraft ${name}`));
    expect(out.split('\n').every((line) => line.length <= 120)).toBe(true);
    expect(out).toMatchSnapshot();
  });
  it('suggests the nearest command and option, and exits with 2', () => {
    expect(stagecraft(['cuont', space])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('Did you mean count?') as string,
    });
    expect(stagecraft(['count', space, '--jsn'])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('Did you mean --json?') as string,
    });
    expect(stagecraft(['count'])).toMatchObject({
      code: 2,
      err: expect.stringContaining("missing required argument 'space'") as string,
    });
    expect(stagecraft(['sample', space, '-n', 'many'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--count: must be a whole number of at least 1, got "many"') as string,
    });
  });
  it('prints its version', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(stagecraft(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });
});

describe('profile --compare', () => {
  it('needs a second network and a relevance that is a fraction', () => {
    const network = `${space}#0`;
    expect(stagecraft(['profile', network, '--compare'])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('profile --compare: at least 2 networks are needed, got 1') as string,
    });
    expect(stagecraft(['profile', network, network, '--compare', '--relevance', '5'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--relevance: must be a fraction between 0 and 1, got 5') as string,
    });
  });
});

describe('reportError', () => {
  const told = (error: unknown): { code: number; text: string } => {
    let text = '';
    const code = reportError(error, {
      stderr: {
        write: (said: string) => {
          text += said;
          return true;
        },
      },
    } as unknown as Io);
    return { code, text };
  };
  it('decides the exit code: a mistake is one message, a bug shows its stack, an interruption is resumable', () => {
    expect(told(new UserError('x: rule, got 1', { fix: 'do this' }))).toEqual({
      code: 2,
      text: 'x: rule, got 1\n  do this\n',
    });
    expect(told(new InterruptedError('interrupted'))).toEqual({ code: 130, text: 'interrupted\n' });
    expect(told(new TypeError('oops'))).toMatchObject({
      code: 1,
      text: expect.stringMatching(/a bug in stagecraft[^]*TypeError: oops\n {4}at /) as string,
    });
  });
});

describe('count, list, sample, show', () => {
  it('count --json is exact, the count a string', () => {
    expect(stagecraft(['count', space, '--json', '--quiet'])).toEqual({
      code: 0,
      out: '{"count":"125","exact":true}\n',
      err: '',
    });
    expect(
      JSON.parse(stagecraft(['count', 'search-spaces/nas-bench-macro.space', '--json']).out),
    ).toMatchObject({ count: '6561', exact: true, unconditioned: '6561', conditions: [] });
    expect(stagecraft(['count', 'search-spaces/nas-bench-macro.space', '-q']).out).toBe('6,561\n');
  });
  it('symmetric and asymmetric members are all members', () => {
    const count = (where: string): number =>
      Number(
        (JSON.parse(stagecraft(['count', space, '--json', '--where', where]).out) as { count: string }).count,
      );
    expect(count('symmetric') + count('asymmetric')).toBe(125);
  });
  it('list --json is one object a line, in the stable order, and --from goes on in it', () => {
    const all = jsonLines(stagecraft(['list', space, '--json']).out);
    expect(all).toHaveLength(125);
    expect(new Set(all.map(({ id }) => id)).size).toBe(125);
    expect(jsonLines(stagecraft(['list', space, '--json', '--from', '40', '-n', '3']).out)).toEqual(
      all.slice(40, 43),
    );
    for (const row of all) {
      expect(Object.keys(row)).toEqual([
        'id',
        'layout',
        'symmetry',
        'params',
        'macs',
        'activationBytes',
        'architecture',
      ]);
      expect(architectureId(parseArchitecture(JSON.stringify(row.architecture)))).toBe(row.id);
    }
  });
  it('sample draws distinct members, the same for the same seed', () => {
    const draw = (seed: string): unknown[] =>
      jsonLines(stagecraft(['sample', space, '-n', '20', '--seed', seed, '--json']).out).map(({ id }) => id);
    expect(new Set(draw('1')).size).toBe(20);
    expect(draw('1')).toEqual(draw('1'));
    expect(draw('1')).not.toEqual(draw('2'));
    expect(stagecraft(['sample', space, '-n', '126'])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('126') as string,
    });
  });
  it('show says the same of a layout, a rank, a file and standard input', () => {
    const byLayout = stagecraft(['show', `${space}@C-CCCC-CCCC-CCCC`, '--json']).out;
    const shown = JSON.parse(byLayout) as {
      architecture: unknown;
      parts: { cost: { params: number; macs: number } }[];
      params: number;
      macs: number;
    };
    expect(shown.parts.reduce((sum, { cost }) => sum + cost.params, 0)).toBe(shown.params);
    expect(shown.parts.reduce((sum, { cost }) => sum + cost.macs, 0)).toBe(shown.macs);
    expect(stagecraft(['show', `${space}#0`, '--json']).out).toBe(byLayout);
    const file = join(temporaryFolder(), 'net.json');
    writeFileSync(file, JSON.stringify(shown.architecture));
    expect(stagecraft(['show', file, '--json']).out).toBe(byLayout);
    expect(stagecraft(['show', '-', '--json'], { input: JSON.stringify(shown.architecture) }).out).toBe(
      byLayout,
    );
    expect(stagecraft(['show', `${space}@C-CCCC-CCCC-CCCC`]).out).toMatchSnapshot();
  });
  it('colour is for terminals, or where it is forced', () => {
    expect(stagecraft(['show', `${space}#0`]).out).not.toContain('\u001b');
    expect(stagecraft(['show', `${space}#0`], { env: { NO_COLOR: '', FORCE_COLOR: '1' } }).out).toContain(
      '\u001b[48;5;25;38;5;255m C \u001b[0m',
    );
    expect(stagecraft(['show', `${space}#0`], { env: { FORCE_COLOR: '1' } }).out).not.toContain('\u001b');
  });
  it('a reader that stops reading is no error', () => {
    const { stdout, stderr, status } = spawnSync(
      'bash',
      [
        '-c',
        `set -o pipefail; "${process.execPath}" "${main}" list search-spaces/nas-bench-macro.space --json | head -1`,
      ],
      { cwd: root, encoding: 'utf8' },
    );
    expect({ lines: stdout.trimEnd().split('\n').length, stderr, status }).toEqual({
      lines: 1,
      stderr: '',
      status: 0,
    });
  });
  it('blocks lists what a space may name', () => {
    expect(stagecraft(['blocks']).out).toMatch(/^block +C +fused-mbconv/m);
    expect(stagecraft(['blocks', 'transformer', '--json']).out).toMatch(
      /^\{"kind":"block","letter":"T","name":"transformer"/,
    );
    expect(stagecraft(['blocks', 'transfomer'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean `transformer`?') as string,
    });
  });
  it('blocks says letters, costs on a map and papers; why a block cannot stand there', () => {
    const { out } = stagecraft(['blocks', '--at', '7x7x40']);
    expect(out).toMatch(/^block +C +convnext +15\.1k +\d+k +arXiv 2201\.03545 /m);
    expect(out).toMatch(/^– swin: head-dim must divide the width 40, got 32$/m);
    expect(out).toMatch(/^modifier +with-parallel /m);
    expect(stagecraft(['blocks', '--at', '14x'])).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        '--at: must be HEIGHTxWIDTHxCHANNELS such as 14x14x64, got "14x"',
      ) as string,
    });
  });
  it('show block draws one', () => {
    expect(
      stagecraft(['show', 'block', 'mbconv', '--at', '8x8x16', '--set', 'expand=2']).out,
    ).toMatchSnapshot();
    expect(JSON.parse(stagecraft(['show', 'block', 'swin', '--json']).out)).toMatchObject({
      name: 'swin',
      values: { window: 7 },
      cost: { params: 50322 },
    });
    expect(stagecraft(['show', 'block', 'swim'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean `swin`?') as string,
    });
    expect(stagecraft(['show', 'block', 'swin', '--set', 'window=99'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('window must lie in 1..64, got 99') as string,
    });
  });
});

describe('bad input', () => {
  const mistake = (args: string[], message: RegExp, cwd?: string): void => {
    const { code, out, err } = stagecraft(args, cwd === undefined ? {} : { cwd });
    expect(err).toMatch(message);
    expect(err).not.toMatch(/^ {4}at /m);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  };
  it('a space: file, line, column, caret and the nearest name', () => {
    const file = join(temporaryFolder(), 'bad.space');
    writeFileSync(
      file,
      'space bad\n  input 32x32x3\n  classes 10\n  block C = fused-mbconf(expand: 4)\n  stem conv(width: 16)\n  stage 1  width 16  C\n  head pool-linear\n',
    );
    mistake(['count', file], /bad\.space:4:13: error: .*fused-mbconf[^]*\^{12}[^]*fused-mbconv/);
    expect(stagecraft(['check', file, space])).toMatchObject({
      code: 2,
      out: expect.stringContaining('125 architectures') as string,
      err: expect.stringMatching(/bad\.space:4:13/) as string,
    });
  });
  it('files that are not there, folders, nonsense', () => {
    mistake(['count', 'none.space'], /none\.space: no such file/i);
    mistake(['run', 'none.experiment'], /none\.experiment: no such file/);
    mistake(['run', 'src'], /src: a file is needed, got a folder/);
    mistake(['show', 'none.json'], /none\.json: no such file/);
    mistake(['show', 'what is this'], /an architecture must be a JSON file, .* got "what is this"/);
    mistake(['show', `${space}#125`], /125/);
    mistake(['show', `${space}@CC`], /CC/);
  });
  it('an architecture: the place in it', () => {
    const file = join(temporaryFolder(), 'net.json');
    const { architecture } = JSON.parse(stagecraft(['show', `${space}#0`, '--json']).out) as {
      architecture: { stages: { width: unknown }[] };
    };
    architecture.stages[1]!.width = 'wide';
    writeFileSync(file, JSON.stringify(architecture));
    mistake(['show', file], /net\.json: stages\[1\]\.width: expected number, got "wide"/);
    writeFileSync(file, '{"input": ');
    mistake(['check', file], /net\.json/);
  });
  it('databases: none, another file, a newer schema', () => {
    const folder = temporaryFolder();
    mistake(['report'], /reports\/: must hold a database, got none[^]*stagecraft run/, folder);
    mistake(['report', folder], /must hold results\.sqlite, got a folder without it/);
    const file = join(folder, 'x.sqlite');
    writeFileSync(file, 'not a database, whatever its name says '.repeat(40));
    mistake(['report', file], /x\.sqlite: the file is not a SQLite database/);
    mistake(['explore', file], /the file is not a SQLite database/);
    const newer = join(folder, 'newer.sqlite');
    openStore(newer).close();
    const sqlite = new Database(newer);
    sqlite.pragma('user_version = 999');
    sqlite.close();
    mistake(['report', newer], /schema version must be at most \d+, got 999/);
  });
  it('training data that is truncated, before anything is run', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'cifar'));
    for (const name of [
      'data_batch_1',
      'data_batch_2',
      'data_batch_3',
      'data_batch_4',
      'data_batch_5',
      'test_batch',
    ])
      writeFileSync(
        join(folder, 'cifar', `${name}.bin`),
        Buffer.alloc(3073 * 20 - (name === 'data_batch_3' ? 5 : 0)),
      );
    const { code, err } = stagecraft(
      ['train', `${join(root, space)}#0`, '--data', 'cifar10(folder: cifar)'],
      { cwd: folder },
    );
    expect(err).toMatch(/data_batch_3\.bin.*61455/);
    expect(err).not.toMatch(/train 1\/1/);
    expect(code).toBe(2);
  });
  it('options that are checked like a file', () => {
    mistake(['train', `${space}#0`, '--data', 'cifar11(folder: x)'], /cifar11[^]*did you mean `cifar10`/);
    mistake(['profile', `${space}#0`, '--runtime', 'tensorfow'], /tensorfow[^]*did you mean `tensorflow`/);
  });
});

describe('report, explore and show on a database', () => {
  it('read what a run has stored', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'reports/demo'), { recursive: true });
    const file = join(folder, 'reports/demo/results.sqlite');
    const rows = jsonLines(stagecraft(['list', space, '--json', '-n', '2']).out) as {
      id: string;
      layout: string;
      params: number;
      macs: number;
      activationBytes: number;
      architecture: unknown;
    }[];
    const store = openStore(file);
    recordExperiment(
      store,
      experiment,
      rows.map(({ id, layout, params, macs, activationBytes, architecture }) => ({
        id,
        layout,
        params,
        macs,
        activation_bytes: activationBytes,
        symmetry: 'symmetric',
        text: JSON.stringify(architecture),
      })),
      rows.flatMap(({ id }) =>
        (['profile', 'train'] as const).map((job) => ({
          id: `${job}-${id}`,
          job,
          architecture_id: id,
          replicate: 1,
          settings: '{}',
        })),
      ),
    );
    const { sessionId } = recordSession(store, experiment.id, deviceKey, {});
    rows.forEach(({ id }, index) => {
      recordProfile(
        store,
        { trialId: `profile-${id}`, sessionId },
        profileResult(batchProfile(16, 10 + index)),
      );
      recordTraining(store, { trialId: `train-${id}`, sessionId }, trainResult(0.5 + index / 10));
    });
    store.close();

    const report = stagecraft(['report', '--json'], { cwd: folder });
    expect(report).toMatchObject({ code: 0, err: '' });
    const { htmlFile, csvFile } = JSON.parse(report.out) as { htmlFile: string; csvFile: string };
    expect(readFileSync(join(folder, htmlFile), 'utf8')).toContain(rows[0]!.layout);
    expect(readFileSync(join(folder, csvFile), 'utf8').trimEnd().split('\n').length).toBeGreaterThan(2);
    expect(stagecraft(['explore'], { cwd: folder }).out).toContain(rows[1]!.layout);
    expect(
      JSON.parse(stagecraft(['show', rows[1]!.id.slice(0, 7), '--json'], { cwd: folder }).out),
    ).toMatchObject({ id: rows[1]!.id });
    expect(stagecraft(['show', 'ffffffffffff'], { cwd: folder })).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        'must have an architecture whose id begins with "ffffffffffff", got none',
      ) as string,
    });
  });
});

describe('run --dry-run', () => {
  const files = readdirSync(join(root, 'experiments'), { recursive: true, encoding: 'utf8' });
  it.each(files.filter((name) => name.endsWith('.experiment')))(
    '%s resolves, and says what it asks, costs and gives',
    (name) => {
      const file = join(root, 'experiments', name);
      const { code, err } = stagecraft(['run', file, '--dry-run'], { cwd: temporaryFolder() });
      expect(code, err).toBe(0);
      expect(readFileSync(file, 'utf8')).toMatch(
        /^# [a-z0-9-]+: [\s\S]*# Run:[\s\S]*# Cost:[\s\S]*# Expect:/,
      );
    },
  );

  it('prints the plan and touches nothing', () => {
    const folder = temporaryFolder();
    const { code, out } = stagecraft(
      ['run', join(root, 'experiments/quickstart.experiment'), '--dry-run', '--json'],
      { cwd: folder },
    );
    expect(code).toBe(0);
    const jobs = jsonLines(out);
    expect(jobs.filter(({ kind }) => kind === 'train')).toHaveLength(16);
    // Eight networks and two copies of the anchor, in three launches.
    expect(jobs.filter(({ kind }) => kind === 'profile')).toHaveLength(30);
    expect(spawnSync('ls', ['-A', folder], { encoding: 'utf8' }).stdout).toBe('');
  });
});
