/** One optimizer step on a whole batch, and evaluation with averaged weights. */
import type { Batch } from '../../data/batches/batch-maker.js';
import type { Model, StepResult, StepSettings, Training } from '../../runtime/runtime.js';
import type { Recipe } from '../recipe/recipe.js';

/**
 * Runs one optimizer step, in micro-batches where the recipe accumulates gradients.
 * @throws Error where the batch does not split into equal micro-batches
 */
export async function runStep(
  training: Training,
  { pixels, labels, mixed, count }: Batch,
  recipe: Recipe,
  settings: StepSettings,
): Promise<StepResult> {
  const parts = recipe.accumulate ?? 1;
  if (count % parts !== 0)
    throw new Error(`trainLoop: a batch must split into ${parts} equal micro-batches, got ${count} images`);
  const part = <V extends Float32Array | Int32Array>(values: V, index: number): V =>
    parts === 1
      ? values
      : (values.subarray((index * values.length) / parts, ((index + 1) * values.length) / parts) as V);
  let [loss, correct] = [0, 0];
  for (let index = 0; ; index++) {
    const fed: StepSettings = {
      ...settings,
      ...(mixed && { mixed: { labels: part(mixed.labels, index), share: mixed.share } }),
    };
    const last = index === parts - 1;
    const result = last
      ? await training.step(part(pixels, index), part(labels, index), fed)
      : await training.accumulate!(part(pixels, index), part(labels, index), fed);
    loss += result.loss / parts;
    correct += result.correct;
    // a loss that is not finite ends the step early; loss scaling instead skips the step as a whole
    if (last || (!Number.isFinite(result.loss) && result.lossScale === undefined))
      return { ...result, loss, correct };
  }
}

/**
 * Runs `body` with the moving averages of the weights in the model, where the recipe keeps them. Restores the
 * weights afterwards.
 */
export async function withAverages<R>(
  model: Model,
  training: Training,
  recipe: Recipe,
  body: () => Promise<R>,
): Promise<R> {
  if (!recipe.ema) return body();
  const [own, { slots }] = [await model.readWeights(), await training.readState()];
  model.writeWeights(
    new Map(
      [...own].map(([path, weight]) => [path, { ...weight, values: slots.get(`${path}/average`)!.values }]),
    ),
  );
  try {
    return await body();
  } finally {
    model.writeWeights(own);
  }
}
