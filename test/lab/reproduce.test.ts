/** `reproduce`: a tiny experiment is run, and again from its report alone, by the built command. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stagecraft } from '../cli/run-cli.js';
import { writeTiny } from './tiny.js';

/** Three networks, one epoch: seconds each. */
const text = `experiment tiny
  space tiny.space
  sample all
  data idx(folder: digits)
  train adamw(epochs: 1, batch: 16) seeds {1}
  objectives {top-1, macs}
`;

interface Reproduced {
  readonly database: string;
  readonly differences: readonly { readonly name: string; readonly before: string; readonly after: string }[];
  readonly conclusions: readonly {
    readonly conclusion: string;
    readonly verdict: string;
    readonly before: string;
    readonly after: string;
  }[];
}

describe('reproduce', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reproduce-'));
  const first = join(folder, 'first');
  const json = join(first, 'results.json');
  beforeAll(() => {
    const answer = stagecraft(['run', writeTiny(folder, text), '--db', join(first, 'results.sqlite')]);
    expect(answer).toMatchObject({ code: 0 });
    rmSync(join(folder, 'tiny.space')); // the report alone holds the space
    rmSync(join(folder, 'tiny.experiment'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('--dry-run states the conclusions with their figures, and writes nothing', () => {
    const database = join(folder, 'dry/results.sqlite');
    const { code, out, err } = stagecraft([
      'reproduce',
      first,
      '--dry-run',
      '--base',
      folder,
      '--db',
      database,
    ]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('3 jobs: 3 to do');
    expect(out).toMatch(/has the highest top-1 accuracy\n {2}first run: \d/);
    expect(existsSync(join(folder, 'dry'))).toBe(false);
  });

  it('runs again from results.json alone: equal seeds and data give equal scores', () => {
    const alone = join(folder, 'alone');
    mkdirSync(alone);
    writeFileSync(join(alone, 'results.json'), readFileSync(json));
    const database = join(folder, 'again/results.sqlite');
    const answer = stagecraft(['reproduce', alone, '--db', database, '--base', folder, '--json']);
    expect(answer.code).toBe(0);
    const { differences, conclusions } = JSON.parse(answer.out) as Reproduced;
    expect(differences).toEqual([]);
    const best = conclusions.find(({ conclusion }) => /has the highest/.test(conclusion))!;
    expect(best.verdict).toBe('holds');
    expect(best.after).toBe(best.before);
    for (const { before, verdict } of conclusions) {
      expect(before).not.toBe('');
      expect(['holds', 'contradicted', 'not decided']).toContain(verdict);
    }
    expect(existsSync(join(folder, 'again/index.html'))).toBe(true);
  });

  it('says first what differs: a report of another device and version', () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    const text = readFileSync(json, 'utf8')
      .replace(/"device":"[^"]*"/, '"device":"Another CPU"')
      .replace(/"node":"[^"]*"/, '"node":"v1.0.0"');
    writeFileSync(join(other, 'results.json'), text);
    const { code, out } = stagecraft([
      'reproduce',
      other,
      '--db',
      join(folder, 'again/results.sqlite'),
      '--base',
      folder,
    ]);
    expect(code).toBe(0);
    const lines = out.split('\n');
    expect(lines[0]).toMatch(/^differs: device was Another CPU, is /);
    expect(out).toMatch(/differs: node was v1\.0\.0, is v/);
    expect(out).toMatch(/\d of \d+ conclusions hold, \d+ contradicted, \d+ not decided/);
  });

  it('refuses the database of the report itself', () => {
    const { code, err } = stagecraft([
      'reproduce',
      first,
      '--db',
      join(first, 'results.sqlite'),
      '--base',
      folder,
    ]);
    expect(code).toBe(2);
    expect(err).toContain('--db: must be another database than that of the report');
  });
});
