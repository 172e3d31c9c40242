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
    return `${task === 'dense' ? 'a network that tells classes of pixels needs data with masks' : 'data with masks needs a network that tells classes of pixels (head upernet)'}, got ${name} and head ${architecture.head.type}`;
  }
  const told = conditionClasses(architecture);
  if (told > 0 && told !== classes.length)
    return `a network that is told classes must be told the data's ${classes.length}, got labels: ${told}`;
  if (task === 'denoising' && architecture.head.params['channels'] !== architecture.input.channels)
    return `a denoising network must give images of its input's ${architecture.input.channels} channels, got channels: ${architecture.head.params['channels']}`;
  if (task === 'classification') return undefined;
  const alien = (['mixup', 'cutmix', 'randaugment', 'erase'] as const).find(
    (key) => recipe[key] !== undefined,
  );
  return alien === undefined ? undefined : `${alien} is of classification, got it for a ${task} task`;
}
