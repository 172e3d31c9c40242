/** A child that limits its own memory (`prlimit`), runs ops whose outputs do not fit, and prints what each threw. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { attr, type NativeEngine, type OpAttr, type Tensor } from '../../src/runtime/tfjs/native-engine.js';
import { floatType } from '../../src/runtime/tfjs/ops/differentiable.js';
import { openPlatform } from './platforms.js';

/** Bytes that the process may still take: less than any output below. */
const room = 30e6;

const engine: NativeEngine = (await openPlatform('native')).native!;
const { tf } = engine;
const x = tf.ones([16, 1024, 1024]);
const maps = tf.ones([16, 256, 256, 16]);
const planes = tf.ones([16, 16, 16]);
const act = attr.int('act', 0);
const ops: [string, OpAttr[], Tensor[]][] = [
  ['StagecraftActivation', [floatType, act], [x]],
  ['StagecraftWinograd', [act, attr.int('pad', 1)], [maps, planes, tf.zeros([0])]],
];
for (const tensor of [x, maps, planes, tf.zeros([0])]) engine.op('Identity', [floatType], [tensor]); // now with the engine
const used = Number(/VmData:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;
execFileSync('prlimit', ['--pid', String(process.pid), `--data=${used + room}`]);
const said: Record<string, string> = {};
for (const [op, attrs, inputs] of ops) {
  try {
    engine.op(op, attrs, inputs);
    said[op] = 'succeeded';
  } catch (error) {
    said[op] = (error as Error).message;
  }
}
console.log(JSON.stringify(said));
