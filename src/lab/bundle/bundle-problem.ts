/** Why an experiment cannot be bundled: a setting that needs the lab while it runs. */
import type { Dataset } from '../../data/dataset.js';
import { taskOf } from '../../network/task.js';
import type { Recipe } from '../../train/recipe/recipe.js';
import { UserError } from '../../util/errors.js';
import type { Experiment } from '../experiment.js';

/** Settings that choose networks or end trainings by results, or need what the bundle's Python lacks. */
const refusedSettings: Readonly<Record<string, (experiment: Experiment) => boolean>> = {
  strategy: ({ search }) => search !== undefined,
  'ablation (baseline, factors)': ({ ablation }) => ablation !== undefined,
  'zero-cost': ({ train }) => train?.zeroCost !== undefined,
  stopping: ({ train }) => train?.stopping !== undefined,
  initial: ({ train }) => train?.initial !== undefined,
  'throughput(resolve)': ({ profile }) => profile?.resolve !== undefined,
  'pytorch(ranks)': ({ runtime }) => (runtime.ranks ?? 1) > 1,
};

/** Parameters of recipes that the bundle's trainer lacks, as they are written. */
const refusedRecipe: Readonly<Record<string, (recipe: Recipe) => boolean>> = {
  'stages, or a fidelity of another resolution': ({ stages }) => stages !== undefined,
  'guidance (guide)': ({ guidance }) => guidance !== undefined,
  ticket: ({ ticket }) => ticket !== undefined,
  'data (a fraction of the training images)': ({ fraction }) => fraction !== undefined,
  'resized-crop': ({ resizedCrop = 0 }) => resizedCrop > 0,
  randaugment: ({ randaugment }) => randaugment !== undefined,
  jitter: ({ jitter = 0 }) => jitter > 0,
  erase: ({ erase = 0 }) => erase > 0,
};

/** @throws UserError naming every setting that cannot be bundled */
export function assertBundled(experiment: Experiment, recipes: readonly Recipe[]): void {
  const { name, runtime, architectures } = experiment;
  if (runtime.id !== 'pytorch')
    throw new UserError(`${name}: the runtime of a bundle must be pytorch, got ${runtime.id}`, {
      fix: '`runtime pytorch` in the experiment file, or --set "runtime pytorch"',
    });
  const named = (table: object, holds: (test: never) => boolean): string[] =>
    Object.entries(table).flatMap(([setting, test]) => (holds(test as never) ? [setting] : []));
  const found = [
    ...named(refusedSettings, (test: (experiment: Experiment) => boolean) => test(experiment)),
    ...named(refusedRecipe, (test: (recipe: Recipe) => boolean) => recipes.some(test)),
    ...[...new Set(architectures.map(taskOf))].filter(
      (task) => task !== 'classification' && experiment.train !== undefined,
    ),
  ];
  if (found.length > 0)
    throw new UserError(`${name}: a bundle runs without the lab, which these need: ${found.join('; ')}`, {
      fix: 'leave them out, or use `npx stagecraft run` on the machine itself',
    });
}

/** @throws UserError for data that is read from its files while training */
export function assertBundledData({ name, train }: Dataset): void {
  if (train.stream)
    throw new UserError(`data: a bundle holds its images, got ${name}, which reads them while it trains`, {
      fix: 'data folder, or `npx stagecraft run` on the machine itself',
    });
  if (train.masks) throw new UserError(`data: a bundle trains classification, got the masks of ${name}`);
}
