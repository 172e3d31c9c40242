/** Weights of a network's PyTorch module, back as the lab has them. */
import type { Architecture } from '../../architecture/architecture.js';
import { UserError } from '../../util/errors.js';
import { fromTorch, weightForms } from './weight-names.js';

export interface LabWeight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly trainable: boolean;
}

/** Whether a state dict holds an entry that the lab does not keep: batch norm's count of batches. */
export const isCounter = (name: string): boolean => name.endsWith('.num_batches_tracked');

/**
 * Values by the lab's path.
 * @param tensors of a state dict, by name; counters of batches are left out
 * @param where names the file in errors
 * @throws UserError naming the first tensor that is missing, unknown or of another shape
 */
export function weightsFromTorch(
  architecture: Architecture,
  tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>,
  where: string,
): Map<string, LabWeight> {
  const found = new Map<string, LabWeight>();
  const forms = weightForms(architecture);
  for (const form of forms) {
    const tensor = tensors.get(form.name);
    if (!tensor)
      throw new UserError(`${where}: must hold tensor ${JSON.stringify(form.name)}, got none`, {
        fix: 'give the state dict of the module that `npx stagecraft export` writes of this architecture',
      });
    const [expected, got] = [form.torchShape, tensor.shape].map((shape) => `[${shape.join(', ')}]`);
    if (expected !== got)
      throw new UserError(`${where}: tensor ${JSON.stringify(form.name)} must be ${expected}, got ${got}`);
    found.set(form.path, {
      shape: form.shape,
      values: fromTorch(form, tensor.values),
      trainable: form.trainable,
    });
  }
  const known = new Set(forms.map(({ name }) => name));
  const unknown = [...tensors.keys()].find((name) => !known.has(name) && !isCounter(name));
  if (unknown !== undefined)
    throw new UserError(`${where}: every tensor must be of the architecture, got ${JSON.stringify(unknown)}`);
  return found;
}
