/** Part of the build: copies Python sources beside the compiled files that read or run them. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bootstrap.mjs';

for (const folder of [
  join('export', 'pytorch', 'python'),
  join('runtime', 'python-worker', 'python'),
  join('lab', 'bundle', 'python'),
  join('setup', 'python', 'inspect'),
]) {
  rmSync(join(root, 'dist', folder), { recursive: true, force: true });
  cpSync(join(root, 'src', folder), join(root, 'dist', folder), {
    recursive: true,
    filter: (source) => !source.includes('__pycache__'),
  });
}
