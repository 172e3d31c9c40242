/** Part of the build: copies the Python sources of exported networks beside the compiled files that read them. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bootstrap.mjs';

const folder = join('export', 'pytorch', 'python');
rmSync(join(root, 'dist', folder), { recursive: true, force: true });
cpSync(join(root, 'src', folder), join(root, 'dist', folder), {
  recursive: true,
  filter: (source) => !source.includes('__pycache__'),
});
