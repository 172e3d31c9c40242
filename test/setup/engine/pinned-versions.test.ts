/** package.json states every pinned version once; what npm needs to read elsewhere agrees. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bindingVersion, tensorflowVersion } from '../../../src/setup/engine/versions.js';
import { repository } from '../../import-graph.js';

interface Manifest {
  readonly pinned: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
}
const read = (file: string): Manifest => JSON.parse(readFileSync(join(repository, file), 'utf8')) as Manifest;

it('package.json pins what set-up installs, and names the engine as an optional peer', () => {
  const { pinned, peerDependencies, peerDependenciesMeta } = read('package.json');
  const { tensorflow, ...packages } = pinned;
  expect(read('engine/package.json').dependencies).toEqual(packages);
  expect([tensorflow, packages['@tensorflow/tfjs-node-gpu']]).toEqual([tensorflowVersion, bindingVersion]);
  expect(peerDependencies).toEqual({ '@tensorflow/tfjs-node-gpu': bindingVersion });
  expect(peerDependenciesMeta).toEqual({ '@tensorflow/tfjs-node-gpu': { optional: true } });
});
