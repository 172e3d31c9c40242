/** Opens tfjs on WebAssembly, the fallback without a native engine. Single-threaded, eager. */
import { createRequire } from 'node:module';
import type { Tf } from './native-engine.js';
import { wasmOps } from './ops/wasm-ops.js';
import { portablePlatform } from './portable-platform.js';
import { registerGradients } from './tfjs-gradients.js';
import { TfjsRuntime } from './tfjs-runtime.js';

export async function openWasm(): Promise<TfjsRuntime> {
  const require = createRequire(import.meta.url);
  const tf = require('@tensorflow/tfjs-core') as Tf;
  require('@tensorflow/tfjs-backend-wasm');
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.listeners(event as 'uncaughtException'));
  if (!(await tf.setBackend('wasm')))
    throw new Error('open runtime: the wasm backend of tfjs does not start');
  // its loader adds handlers that print its whole source on every uncaught error
  events.forEach((event, index) => {
    for (const listener of process.listeners(event as 'uncaughtException'))
      if (!before[index]!.includes(listener)) process.removeListener(event, listener);
  });
  await registerGradients();
  const { version } = require('@tensorflow/tfjs-backend-wasm/package.json') as { version: string };
  return new TfjsRuntime(portablePlatform('wasm', tf, wasmOps), 1, `tfjs-backend-wasm ${version}`);
}
