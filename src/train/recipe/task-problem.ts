/** Whether data and recipe fit the task of a network. Pure. */
import type { Architecture } from '../../architecture/architecture.js';
import type { Dataset } from '../../data/dataset.js';
import { conditionClasses, taskOf } from '../../network/task.js';
import type { Recipe } from './recipe.js';

/**
 * Why this recipe cannot train the network on this data, as `rule, got value`; undefined where it can.
 */
export function taskProblem(
  architecture: Architecture,
  { name, classes, train }: Pick<Dataset, 'name' | 'classes' | 'train'>,
  recipe: Recipe,
): string | undefined {
  const task = taskOf(architecture);
  if ((task === 'dense') !== (train.masks !== undefined)) {
    const rule =
      task === 'dense'
        ? 'a segmentation network needs data with masks'
        : 'data with masks needs a segmentation network (head upernet)';
    return `${rule}, got ${name} and head ${architecture.head.type}`;
  }
  const conditioned = conditionClasses(architecture);
  if (conditioned > 0 && conditioned !== classes.length)
    return (
      `a class-conditional network must be conditioned on the data's ${classes.length} classes, ` +
      `got labels: ${conditioned}`
    );
  if (task === 'denoising' && architecture.head.params['channels'] !== architecture.input.channels)
    return (
      `a denoising network must give images of its input's ${architecture.input.channels} channels, ` +
      `got channels: ${architecture.head.params['channels']}`
    );
  if (recipe.guidance && task === 'denoising') return 'guidance must be off for a denoising network, got it';
  if (task === 'classification') return undefined;
  const unsupported = (['mixup', 'cutmix', 'randaugment', 'erase'] as const).find(
    (key) => recipe[key] !== undefined,
  );
  return unsupported === undefined
    ? undefined
    : `${unsupported} must be off unless the task is classification, got it for a ${task} task`;
}
