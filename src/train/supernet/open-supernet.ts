/** A supernet over a space, with its paths and the images that calibrate running statistics. */
import type { Architecture } from '../../architecture/architecture.js';
import { scoringBatches } from '../../data/batches/batch-maker.js';
import type { Dataset } from '../../data/dataset.js';
import { balancedSubset } from '../../data/images/limit-splits.js';
import { SupernetPlan } from '../../network/supernet/supernet-plan.js';
import type { Runtime, SupernetModel } from '../../runtime/runtime.js';
import type { CompiledSpace } from '../../space/compiled-space.js';
import { coveringMembers, extremeMember } from '../../space/inspect/covering-members.js';
import { spaceFromText } from '../../space/load.js';
import { UserError } from '../../util/errors.js';
import { seededRandom } from '../../util/random.js';
import { weightSeed } from '../loop/training-options.js';
import type { PathStrategy, SpaceSource, SupernetRequest } from './supernet-request.js';

/** @throws UserError where the text does not compile */
export function openSpaceSource({ text, file, conditions }: SpaceSource): CompiledSpace {
  const { space, diagnostics } = spaceFromText(text, file);
  if (!space)
    throw new UserError(
      `supernet: the space must compile: ${diagnostics.map((each) => each.message).join('; ')}`,
    );
  return conditions.length === 0 ? space : space.where(conditions.map((each) => `(${each})`).join(' and '));
}

/** The member of each micro-batch, a function of seed, step and position alone: resuming repeats it. */
export function pathSampler(
  space: CompiledSpace,
  strategy: PathStrategy,
  seed: number,
): (step: number, microBatch: number) => Architecture {
  const random = seededRandom(seed).fork('paths');
  const draw = (step: number, microBatch: number): Architecture =>
    space.sample(random.fork(`${step}/${microBatch}`));
  if (strategy === 'single-path') return draw;
  const ends = [extremeMember(space, 'most'), extremeMember(space, 'fewest')];
  return (step, microBatch) => ends[microBatch] ?? draw(step, microBatch);
}

/** Images that calibrate, and how many at a time: enough that the statistics of a batch are close to all. */
const CALIBRATION = { images: 256, batch: 64 };

/** Batches of a fixed, class-balanced part of the training images, without augmentation. */
export async function calibrationBatches(dataset: Dataset): Promise<Float32Array[]> {
  const { train, classes } = dataset;
  const count = Math.min(CALIBRATION.images, train.count);
  const set = balancedSubset(train, classes.length, count, seededRandom('calibration'));
  const batches: Float32Array[] = [];
  for await (const { pixels } of scoringBatches(set, dataset, Math.min(CALIBRATION.batch, count)))
    batches.push(pixels.slice());
  return batches;
}

/** @throws UserError naming a block that cannot be sliced */
export async function openSupernet(
  runtime: Runtime,
  { space: source, paths }: SupernetRequest,
  dataset: Dataset,
  seed: number,
): Promise<SupernetModel> {
  const space = openSpaceSource(source);
  return runtime.instantiateSupernet(new SupernetPlan(coveringMembers(space)), {
    seed: weightSeed(seed),
    shown: extremeMember(space, 'most'),
    calibration: await calibrationBatches(dataset),
    path: pathSampler(space, paths, seed),
  });
}
