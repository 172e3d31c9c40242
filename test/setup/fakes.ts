/** Programs made by hand, first on PATH, and other props of the set-up's tests. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
export const realPython = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {
  encoding: 'utf8',
}).trim();

export function temporaryFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'stagecraft-engine-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Writes executable shell scripts by name into `folder`. */
export function programs(folder: string, scripts: Readonly<Record<string, string>>): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/**
 * A `python3` whose `pip download` runs `pip` (with `$DEST` and `$REQUIREMENT` set); all else is the real
 * Python.
 */
export const fakePython = (pip: string): string => `
case "$*" in
  "--version") echo "Python 3.12.1"; exit 0;;
  "-m pip --version") echo "pip 24.0 from /fake (python 3.12)"; exit 0;;
  "-m pip"*)
    ARGS="$*"; while [ $# -gt 1 ]; do [ "$1" = "--dest" ] && DEST="$2"; shift; done; REQUIREMENT="$1"
    ${pip}
    ;;
  *) exec ${realPython} "$@";;
esac`;

/** A tiny wheel at `file` with the given members. */
export function makeWheel(file: string, members: Readonly<Record<string, string>>): void {
  execFileSync(
    realPython,
    [
      '-c',
      `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as archive:
    for name, text in json.load(sys.stdin).items():
        archive.writestr(name, text)
`,
      file,
    ],
    { input: JSON.stringify(members) },
  );
}

/** Mounts a memory disk of some size, where we may; undefined where not. */
export function tinyDisk(folder: string, megabytes: number): (() => void) | undefined {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return () => void execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
}

/** Runs a module's text in another Node; `output` grows with what it prints. */
export function runNode(
  code: string,
  env: NodeJS.ProcessEnv,
): { readonly child: ChildProcess; output(): string; readonly ended: Promise<number | null> } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (text += chunk));
  return { child, output: () => text, ended: new Promise((end) => child.once('close', end)) };
}

export async function until(what: () => boolean, milliseconds = 300_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!what()) {
    if (Date.now() > end) throw new Error('until: it did not happen in time');
    await new Promise((tick) => setTimeout(tick, 20));
  }
}
