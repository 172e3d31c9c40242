/** tfjs on WebAssembly: what runs where no native library can be had. Single-threaded, eager. */
import { createRequire } from 'node:module';
import type { Tf } from './native-engine.js';
import { portablePlatform } from './portable-platform.js';
import { TfjsRuntime } from './runtime.js';

export async function openWasm(): Promise<TfjsRuntime> {
  const require = createRequire(import.meta.url);
  const tf = require('@tensorflow/tfjs-core') as Tf;
  require('@tensorflow/tfjs-backend-wasm');
  if (!(await tf.setBackend('wasm'))) throw new Error('open runtime: the wasm backend of tfjs does not start');
  const { version } = require('@tensorflow/tfjs-backend-wasm/package.json') as { version: string };
  return new TfjsRuntime(portablePlatform('wasm', tf), 1, `tfjs-backend-wasm ${version}`);
}
