/** Labels of data by the class numbers of the network that is evaluated on it. Pure. */
import type { Dataset, ImageSet } from '../../data/dataset.js';

/**
 * The set with labels that number the network's classes. Where the data's class names are all among the
 * network's, names decide, so that data may hold a part of the classes or another order. Where the network's
 * are plain numbers, or the data's, positions decide, and the counts must be equal.
 * @param names of the network's classes
 * @throws Error naming the first class that the network does not have
 */
export function withClassesOf({
  names,
  dataset,
  set,
}: {
  readonly names: readonly string[];
  readonly dataset: Pick<Dataset, 'name' | 'classes'>;
  readonly set: ImageSet;
}): ImageSet {
  const { classes, name } = dataset;
  if (classes.length === names.length && classes.every((each, index) => each === names[index])) return set;
  const numbers = new Map(names.map((each, index) => [each, index]));
  const unknown = classes.find((each) => !numbers.has(each));
  if (unknown === undefined && !set.masks)
    return { ...set, labels: set.labels.map((label) => numbers.get(classes[label]!)!) };
  const isByPosition = areNumbers(names) || areNumbers(classes);
  if (isByPosition && classes.length === names.length) return set;
  throw new Error(
    isByPosition || unknown === undefined
      ? `test: data must have the ${names.length} classes of the weights, got ${classes.length} in ${name}`
      : `test: data must have classes of the weights, got ${JSON.stringify(unknown)} in ${name}`,
  );
}

const areNumbers = (names: readonly string[]): boolean =>
  names.every((name, index) => name === String(index));
