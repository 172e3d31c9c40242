import { join } from 'node:path';
import { expect, it } from 'vitest';
import { namedRuntime } from '../../../src/cli/options/named-runtime.js';
import { experimentText, writeTiny } from '../../lab/tiny.js';
import { temporaryFolder } from '../../store/stored-experiment.js';

it('namedRuntime: by --runtime, by --set, by the experiment file', () => {
  const folder = temporaryFolder();
  const file = writeTiny(folder, experimentText('  runtime  pytorch(device: cpu)\n'));
  expect(namedRuntime([file], {})).toBe('pytorch');
  expect(namedRuntime([file], { runtime: 'auto' })).toBe('pytorch');
  expect(namedRuntime([file], { runtime: 'wasm' })).toBe('wasm');
  expect(namedRuntime([file], { set: ['train adamw', 'runtime tensorflow'] })).toBe('tensorflow');
  expect(namedRuntime([writeTiny(folder)], {})).toBeUndefined();
  expect(namedRuntime([join(folder, 'nowhere.experiment')], {})).toBeUndefined();
  expect(namedRuntime(['net.json'], { runtime: 'auto' })).toBeUndefined();
});
