/**
 * Intervals of scores that hold the scatter between training seeds. A few seeds estimate a variance badly, so
 * it is pooled over networks. A proportion adds the sampling error of its images, which all seeds share.
 */
import { mean, sampleVariance } from 'simple-statistics';
import { type Estimate, unknownInterval } from './interval.js';
import { studentQuantile } from './student.js';
import { wilsonInterval } from './wilson.js';

/** Variance of one training's score between seeds, with its degrees of freedom. */
export interface SeedNoise {
  readonly variance: number;
  readonly freedom: number;
}

/** Fewest seeds of a network whose own variance is used instead of the pooled one. */
const fewestOwnSeeds = 6;

/**
 * Seed variance pooled over networks, each about its own mean; undefined where no network has two seeds.
 * @param networks scores of each network, one a seed
 */
export function poolSeedNoise(networks: readonly (readonly number[])[]): SeedNoise | undefined {
  let [squares, freedom] = [0, 0];
  for (const scores of networks) {
    if (scores.length < 2) continue;
    squares += sampleVariance([...scores]) * (scores.length - 1);
    freedom += scores.length - 1;
  }
  return freedom === 0 ? undefined : { variance: squares / freedom, freedom };
}

/**
 * Mean over seeds with its 95 % interval; marked unknown where no scatter is known.
 * @param scores one a seed, at least one
 * @param noise pooled over all networks of the experiment
 * @param images validation images of a proportion: Wilson's interval with the images' number divided by the
 * design effect 1 + seed variance of the mean / binomial variance, and Student's quantile with
 * Satterthwaite's degrees of freedom. Undefined: Student's interval of the mean.
 */
export function seedMean(scores: readonly number[], noise: SeedNoise | undefined, images?: number): Estimate {
  const samples = scores.length;
  const value = mean([...scores]);
  const known = samples >= fewestOwnSeeds ? poolSeedNoise([scores]) : noise;
  const unknown = { ...unknownInterval(value), samples };
  if (!known) return unknown;
  const ofSeeds = known.variance / samples;
  if (images === undefined) {
    if (ofSeeds === 0) return unknown;
    const half = studentQuantile(0.975, known.freedom) * Math.sqrt(ofSeeds);
    return { value, low: value - half, high: value + half, samples };
  }
  const trials = Math.max(1, images);
  const centred = (value * trials + 2) / (trials + 4); // Agresti and Coull: never 0 or 1
  const ofImages = (centred * (1 - centred)) / trials;
  const freedom = ofSeeds === 0 ? Infinity : known.freedom * ((ofSeeds + ofImages) / ofSeeds) ** 2;
  const factor = studentQuantile(0.975, Math.min(freedom, 1e6));
  return { ...wilsonInterval(value, trials / (1 + ofSeeds / ofImages), factor), samples };
}
