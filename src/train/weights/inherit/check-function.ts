/**
 * Checks that two networks compute the same function, on two random images, before a grown network is
 * trained.
 */
import type { Execution, Model } from '../../../runtime/runtime.js';
import { UserError } from '../../../util/errors.js';
import { seededRandom } from '../../../util/random.js';

/** Largest difference of logits, as a fraction of the largest logit. */
export async function largestDifference(a: Model, b: Model, execution: Execution): Promise<number> {
  const { height, width, channels } = a.architecture.input;
  const random = seededRandom('same function');
  const images = Float32Array.from({ length: 2 * height * width * channels }, () => 2 * random.next() - 1);
  const logits = async (model: Model): Promise<Float32Array> => {
    const inference = model.inference({ batch: 2, execution });
    try {
      return await inference.logits(images);
    } finally {
      inference.dispose();
    }
  };
  const [left, right] = [await logits(a), await logits(b)];
  const scale = left.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  return left.reduce((most, value, index) => Math.max(most, Math.abs(value - right[index]!)), 0) / scale;
}

/** Far above the effect of another order of float32 sums. */
export const sameFunctionTolerance = 1e-3;

/**
 * @throws UserError where the child computes another function than its parent: norms over repeated channels,
 * shifted windows, groups
 */
export async function assertSameFunction(parent: Model, child: Model, execution: Execution): Promise<void> {
  const difference = await largestDifference(parent, child, execution);
  if (!(difference <= sameFunctionTolerance)) {
    throw new UserError(
      'inherit: a grown network must compute what its parent does, ' +
        `got logits that differ by ${(100 * difference).toPrecision(2)} %`,
      {
        fix:
          'widths under layer norm must grow by whole multiples, ' +
          'and blocks whose windows shift must keep their places; or use mode match',
      },
    );
  }
}
