/**
 * `npm run quickstart`: prepares the clone, runs the quickstart experiment, opens its report. Arguments are
 * passed to `stagecraft run`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap, root } from './bootstrap.mjs';

/** The most recently written report. */
function latestReport() {
  const folder = join(root, 'reports');
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('index.html'))
    .map((name) => join(folder, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}

/** Opens a file in the desktop browser, if there is a desktop. Errors are ignored: the path was printed. */
function open(file) {
  const display =
    process.platform === 'darwin' ||
    process.platform === 'win32' ||
    process.env.DISPLAY ||
    process.env.WAYLAND_DISPLAY;
  if (!display || process.env.CI || process.env.SSH_CONNECTION || !process.stdout.isTTY) return;
  const [command, ...before] = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[process.platform] ?? [
    'xdg-open',
  ];
  const child = spawn(command, [...before, file], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

await bootstrap();
const began = Date.now();
const run = spawnSync(
  process.execPath,
  [
    join(root, 'dist', 'cli', 'main.js'),
    'run',
    join('experiments', 'quickstart.experiment'),
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
);
if (run.status === 0) {
  const report = latestReport();
  if (report !== undefined && statSync(report).mtimeMs > began - 1000) open(report);
}
process.exitCode = run.status ?? (run.signal === 'SIGINT' ? 130 : 1);
