import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandTable } from '../../../src/cli/command-table.js';
import { asCalled, commandName } from '../../../src/cli/output/as-called.js';
import { repository } from '../../import-graph.js';
import { temporaryFolder } from '../../store/stored-experiment.js';
import { main, stagecraft } from '../run-cli.js';

/** A folder of programs with a `stagecraft` that starts `target`. */
function binFolder(target: string): string {
  const folder = join(temporaryFolder(), 'bin');
  mkdirSync(folder);
  chmodSync(target, 0o755);
  symlinkSync(target, join(folder, 'stagecraft'));
  return folder;
}

describe('commandName', () => {
  it('is stagecraft where the PATH starts this package with it', () => {
    const PATH = [temporaryFolder(), binFolder(main)].join(delimiter);
    expect(commandName({ PATH }, repository)).toBe('stagecraft');
  });
  it('is npx stagecraft where the PATH has none, or first that of another package', () => {
    expect(commandName({}, repository)).toBe('npx stagecraft');
    expect(commandName({ PATH: temporaryFolder() }, repository)).toBe('npx stagecraft');
    const elsewhere = join(temporaryFolder(), 'main.js');
    writeFileSync(elsewhere, '');
    const PATH = [binFolder(elsewhere), binFolder(main)].join(delimiter);
    expect(commandName({ PATH }, repository)).toBe('npx stagecraft');
  });
  it('is npx stagecraft where npx or an npm script runs it', () => {
    for (const npm_command of ['exec', 'run-script'])
      expect(commandName({ PATH: binFolder(main), npm_command }, repository)).toBe('npx stagecraft');
  });
  it('trusts a script that a package manager wrote', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'stagecraft'), '#!/bin/sh\n');
    expect(commandName({ PATH: folder }, repository)).toBe('stagecraft');
  });
});

describe('asCalled', () => {
  it('rewrites command lines and nothing else', () => {
    const env = { PATH: binFolder(main) };
    const text = 'run `npx stagecraft setup`, then npx stagecraft doctor; npx other';
    expect(asCalled(text, { env })).toBe('run `stagecraft setup`, then stagecraft doctor; npx other');
    expect(asCalled(text, { env: {} })).toBe(text);
  });
});

describe('the command on the PATH', () => {
  it('names itself so in errors, help and hints', () => {
    const env = { PATH: [binFolder(main), process.env['PATH']!].join(delimiter), npm_command: undefined };
    const called = (...args: string[]) => stagecraft(args, { env: env as unknown as Record<string, string> });
    expect(called('show', 'search-spaces/ascan-cpu.space').err).toContain('`stagecraft list ');
    expect(called('count', '--help').out).toMatch(/^Usage: stagecraft count [^]*\$ stagecraft count /);
    expect(called('explain').out).toContain('\nstagecraft explain SETTING ');
    expect(called('cuont').err).toContain('(help: stagecraft --help)');
  });
});

describe('messages', () => {
  it('write `npx stagecraft COMMAND`, which the printing rewrites', () => {
    const names = Object.keys(commandTable).join('|');
    const bare = new RegExp(`(?<!npx )\\bstagecraft (?:${names}|help)(?=[\\s\`'"])(?! \\$|:)`);
    const isTitle = (line: string): boolean => /[–:] stagecraft report|stagecraft explore:/.test(line);
    const files = (readdirSync(join(repository, 'src'), { recursive: true }) as string[]).filter((name) =>
      /\.tsx?$/.test(name),
    );
    const found = files.flatMap((name) =>
      readFileSync(join(repository, 'src', name), 'utf8')
        .split('\n')
        .filter((line) => !/^\s*(\*|\/\/|\/\*\*)/.test(line) && bare.test(line) && !isTitle(line))
        .map((line) => `${name}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });
});
