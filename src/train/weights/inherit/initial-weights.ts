/** Writes inherited weights into a fresh model, before its training begins. */
import type { Model, Runtime } from '../../../runtime/runtime.js';
import { readWeightsFile, weightsHash } from '../weights-file.js';
import { assertSameFunction } from './check-function.js';
import { type InheritMode, inheritWeights } from './inherit.js';

/** A weights file to start from. */
export interface InitialWeights {
  readonly file: string;
  /** SHA-256 of the file's bytes. */
  readonly sha256: string;
  readonly mode: InheritMode;
}

/**
 * @param seed draws the shares of repeated inputs
 * @throws UserError where the network cannot inherit the file's weights in this mode; Error where the file
 * has changed since the run began
 */
export async function writeInitialWeights(
  { file, sha256, mode }: InitialWeights,
  model: Model,
  runtime: Runtime,
  seed: number,
): Promise<void> {
  if (weightsHash(file) !== sha256) throw new Error(`${file}: the weights changed since the run began`);
  const parent = readWeightsFile(file);
  const fresh = await model.readWeights();
  model.writeWeights(inheritWeights(parent, model.architecture, fresh, { mode, seed }).weights);
  if (mode !== 'grow') return;
  const parentModel = runtime.instantiate(parent.architecture, { seed: 0 });
  parentModel.writeWeights(parent.weights);
  await assertSameFunction(parentModel, model, 'eager').finally(() => parentModel.dispose());
}
