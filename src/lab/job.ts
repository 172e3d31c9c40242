/** The jobs of a run: profiles, zero-cost scores and trainings. */
import type { Architecture } from '../architecture/architecture.js';
import { architectureId } from '../architecture/canonical.js';
import { layoutOf } from '../architecture/layout.js';
import type { Recipe } from '../train/recipe/recipe.js';
import type { Fidelity } from '../train/recipe/training-fidelity.js';
import { canonicalJson } from '../util/canonical-json.js';
import type { Experiment } from './experiment.js';

export const anchorCopies = [1, 2] as const;
export type AnchorCopy = (typeof anchorCopies)[number];

export interface Job {
  /** Hash of everything that decides the result: the same job in two experiments is one trial. */
  readonly id: string;
  readonly kind: 'profile' | 'score' | 'train';
  readonly architecture: Architecture;
  readonly architectureId: string;
  readonly layout: string;
  /** Launch from 1 of a profile, seed of a training. */
  readonly replicate: number;
  /** Name of the arm of an ablation: arms may share a layout. */
  readonly arm?: string;
  /** Of an arm of an ablation, in place of the experiment's. */
  readonly recipe?: Recipe;
  /** Id of the training whose final weights this one grows; absent: it starts as the experiment says. */
  readonly parentId?: string;
  /** Of a cheaper training beside the full one. */
  readonly fidelity?: Fidelity;
  /** First or second copy of the anchor network, whose times say what the run resolves. */
  readonly anchorCopy?: AnchorCopy;
}

/** Settings of zero-cost scores: scores of equal settings are shared between experiments. */
export const zeroCostSettings = ({ train, runtime }: Experiment): string | undefined =>
  train?.zeroCost &&
  canonicalJson({
    dataset: train.datasetName,
    batch: train.zeroCost.batch,
    seed: train.zeroCost.seed,
    runtime: runtime.id,
  });

/** Zero-cost jobs, one per network. They are not trials, and have a table of their own. */
export function scoreJobs({ train, architectures }: Experiment): Job[] {
  const { zeroCost } = train ?? {};
  if (!zeroCost) return [];
  return architectures.map((architecture) => {
    const id = architectureId(architecture);
    return {
      id: `score-${id}`,
      kind: 'score',
      architecture,
      architectureId: id,
      layout: layoutOf(architecture),
      replicate: zeroCost.seed,
    };
  });
}
