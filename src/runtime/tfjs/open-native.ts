/** tfjs on native TensorFlow, from an engine folder that set-up made. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { NativeEngine } from './native-engine.js';
import { nativePlatform } from './native-platform.js';
import { TfjsRuntime } from './runtime.js';

/** @param folder holds `node_modules/@tensorflow/tfjs-node-gpu`; thread variables must be set by now */
export function openNative(folder: string, threads: number): TfjsRuntime {
  const engine = new NativeEngine(folder);
  const { version } = createRequire(join(engine.packageFolder, 'package.json'))('./package.json') as { version: string };
  return new TfjsRuntime(nativePlatform(engine), threads, `tfjs-node-gpu ${version}, TensorFlow ${engine.binding.TF_Version}`);
}
