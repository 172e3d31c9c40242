/** Seeded subsets and splits of an image set. Pure. */

import { UserError } from '../../util/errors.js';
import type { Random } from '../../util/random.js';
import { seededRandom } from '../../util/random.js';
import type { ImageSet } from '../dataset.js';
import type { Splits } from '../dataset-definition.js';
import { pickImages } from './image-set.js';

/** Indices of each class in seeded random order, `[classes][images]`. */
function shuffledByClass(set: ImageSet, classes: number, random: Random): number[][] {
  const byClass = Array.from({ length: classes }, (): number[] => []);
  set.labels.forEach((label, index) => byClass[label]!.push(index));
  return byClass.map((indices) => random.shuffled(indices));
}

const ascending = (indices: readonly number[]): number[] => [...indices].sort((a, b) => a - b);

/**
 * `count` images, drawn so that class sizes differ by at most one as long as no class runs out; in their old
 * order.
 * @throws RangeError when the set is smaller
 */
export function balancedSubset(set: ImageSet, classes: number, count: number, random: Random): ImageSet {
  if (count > set.count)
    throw new RangeError(`balancedSubset: count must be at most ${set.count}, got ${count}`);
  if (count === set.count) return set;
  const byClass = shuffledByClass(set, classes, random);
  const order = random.shuffled(byClass.map((_, label) => label)); // which classes get the odd image
  const drawn: number[] = [];
  for (let round = 0; drawn.length < count; round++) {
    for (const label of order) {
      const index = byClass[label]![round];
      if (index !== undefined && drawn.length < count) drawn.push(index);
    }
  }
  return pickImages(set, ascending(drawn));
}

/**
 * Holds out `count` images, of each class its share (largest remainders), always leaving one of each class
 * behind. The two parts are disjoint and together are the set.
 */
export function holdOut(
  set: ImageSet,
  classes: number,
  count: number,
  random: Random,
): { rest: ImageSet; held: ImageSet } {
  const byClass = shuffledByClass(set, classes, random);
  const shares = byClass.map((indices) => (count * indices.length) / set.count);
  const taken = shares.map(Math.floor);
  const byRemainder = shares
    .map((share, label) => ({ label, remainder: share - Math.floor(share) }))
    .sort((a, b) => b.remainder - a.remainder || a.label - b.label);
  let missing = count - taken.reduce((sum, n) => sum + n, 0);
  for (const { label } of byRemainder) if (missing-- > 0) taken[label]!++;
  const held: number[] = [];
  const rest: number[] = [];
  byClass.forEach((indices, label) => {
    const n = Math.min(taken[label]!, Math.max(0, indices.length - 1));
    held.push(...indices.slice(0, n));
    rest.push(...indices.slice(n));
  });
  return { rest: pickImages(set, ascending(rest)), held: pickImages(set, ascending(held)) };
}

/**
 * Gives `train`, `validation`, `test` and `seed` of `limitParams` their effect. Where `validation` is absent
 * it is held out of `train` first (a tenth, or as many as asked).
 * @throws UserError when more images are asked for than there are
 */
export function limitSplits(
  where: string,
  parts: {
    readonly classes: readonly string[];
    readonly train: ImageSet;
    readonly validation?: ImageSet | undefined;
    readonly test?: (() => Promise<ImageSet>) | undefined;
  },
  limits: {
    readonly train: number;
    readonly validation: number;
    readonly test?: number;
    readonly seed: number;
  },
): Splits {
  const random = seededRandom(limits.seed);
  const { classes } = parts;
  let { train, validation, test } = parts;
  if (limits.test) {
    if (test !== undefined)
      throw new UserError(
        `${where}: test must be 0 where the set has a test part of its own, got ${limits.test}`,
      );
    if (limits.test >= train.count)
      throw new UserError(
        `${where}: test must be less than the ${train.count} images it is held out of, got ${limits.test}`,
      );
    const { rest, held } = holdOut(train, classes.length, limits.test, random.fork('test'));
    train = rest;
    test = async () => held;
  }
  if (validation === undefined) {
    const count = limits.validation || Math.max(1, Math.round(train.count / 10));
    if (count >= train.count)
      throw new UserError(
        `${where}: validation must be less than the ${train.count} images it is held out of, got ${count}`,
      );
    const parts = holdOut(train, classes.length, count, random.fork('hold-out'));
    [train, validation] = [parts.rest, parts.held];
  }
  return {
    classes,
    train: limited(where, 'train', train, classes.length, limits.train, random),
    validation: limited(
      where,
      'validation',
      validation,
      classes.length,
      Math.min(limits.validation, parts.validation ? Infinity : validation.count),
      random,
    ),
    ...(test && { test }),
  };
}

function limited(
  where: string,
  name: string,
  set: ImageSet,
  classes: number,
  count: number,
  random: Random,
): ImageSet {
  if (count === 0) return set;
  if (count > set.count)
    throw new UserError(`${where}: ${name} must be at most the ${set.count} images there are, got ${count}`);
  return balancedSubset(set, classes, count, random.fork(name));
}
