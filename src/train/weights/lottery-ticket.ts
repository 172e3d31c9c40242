/**
 * Lottery tickets by iterated magnitude pruning: train, prune the smallest living weights, set the rest back
 * to where they were early in training, again. https://arxiv.org/abs/1803.03635; rewinding to an early step
 * instead of the start: https://arxiv.org/abs/1912.05671
 */
import type { Architecture } from '../../architecture/architecture.js';
import {
  type PruneOptions,
  pruneByMagnitude,
  rewindWeights,
  type SparsityMasks,
  sparsityOf,
} from '../../network/sparsity-masks.js';
import type { Model, Runtime, WeightSet } from '../../runtime/runtime.js';

export interface LotteryOptions {
  readonly runtime: Runtime;
  readonly architecture: Architecture;
  /** Of the initial weights. */
  readonly seed: number;
  /** Rounds of training and pruning; the last network is not pruned. */
  readonly rounds: number;
  /** Share of the living weights that dies after each round, 0..1. */
  readonly fraction: number;
  readonly within?: PruneOptions['within'];
  /** Trains a model to its end. @returns a score that the round's row keeps */
  train(model: Model, round: number): Promise<number>;
  /**
   * Trains a fresh model to the step that later rounds start from; absent: they start from the initial
   * weights.
   */
  warmUp?(model: Model): Promise<void>;
}

export interface LotteryRound {
  readonly round: number;
  readonly sparsity: number;
  readonly score: number;
}
export interface Lottery {
  readonly rounds: readonly LotteryRound[];
  readonly masks: SparsityMasks /** Of the last round, trained; pruned entries are 0. */;
  readonly weights: WeightSet;
}

/** Runs the rounds one after the other; the networks of all rounds start from the same weights. */
export async function lotteryTicket({
  runtime,
  architecture,
  seed,
  rounds,
  fraction,
  within,
  train,
  warmUp,
}: LotteryOptions): Promise<Lottery> {
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new RangeError(`lotteryTicket: rounds must be an integer from 1, got ${rounds}`);
  const first = runtime.instantiate(architecture, { seed });
  await warmUp?.(first);
  const start = await first.readWeights();
  first.dispose();
  let masks: SparsityMasks = new Map();
  const history: LotteryRound[] = [];
  for (let round = 1; ; round++) {
    const model = runtime.instantiate(architecture, { seed, ...(masks.size > 0 && { masks }) });
    model.writeWeights(rewindWeights(start, masks));
    const score = await train(model, round);
    const weights = rewindWeights(await model.readWeights(), masks);
    model.dispose();
    history.push({ round, sparsity: sparsityOf(masks), score });
    if (round === rounds) return { rounds: history, masks, weights };
    masks = pruneByMagnitude(weights, { fraction, masks, ...(within && { within }) });
  }
}
