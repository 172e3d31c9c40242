/** The engine's own kernels: where their addon lies, and loading it. */
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import type { Engine } from './locate.js';

interface KernelAddon { readonly registered: boolean; setThreads(threads: number): void }

/**
 * Registers the kernels with TensorFlow, which must be loaded. `STAGECRAFT_KERNELS`: another addon's file, or `off`.
 * @returns whether the kernels can be used
 */
export function loadKernels(engine: Engine, threads: number): boolean {
  const file = process.env['STAGECRAFT_KERNELS'];
  if (!file || file === 'off' || !existsSync(file)) return false;
  const addon = createRequire(import.meta.url)(file) as KernelAddon;
  if (addon.registered) addon.setThreads(threads);
  return addon.registered;
}
