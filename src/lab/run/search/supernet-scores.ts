/**
 * Scores of a search's candidates by inherited weights. The supernet is trained once, when the first score is
 * asked for, and stored with its curve; another run, or another experiment with the same settings, uses it
 * again. A killed training resumes from its checkpoint.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { scoreNames } from '../../../analysis/objectives/objectives.js';
import type { Architecture } from '../../../architecture/architecture.js';
import type { SupernetParams } from '../../../search/strategies/supernet.js';
import { extremeMember } from '../../../space/inspect/covering-members.js';
import {
  insertSupernetScore,
  recordSupernet,
  storedSupernet,
  supernetScore,
} from '../../../store/tables/supernet-table.js';
import { epochLine } from '../../../train/loop/epoch-line.js';
import type { Recipe } from '../../../train/recipe/recipe.js';
import { trainInChild } from '../../../train/run-train.js';
import { InheritedScorer } from '../../../train/supernet/inherited-scorer.js';
import type { TrainRequest } from '../../../train/train-request.js';
import { canonicalJson, textHash } from '../../../util/canonical-json.js';
import { UserError } from '../../../util/errors.js';
import type { Experiment } from '../../experiment.js';
import type { RunContext } from '../run-context.js';
import { weightsFile } from '../work-folder.js';

interface Trained {
  readonly id: string;
  readonly file: string;
  readonly sha256: string;
}
type Outcome<V> = { readonly value: V } | { readonly reason: string };

/** The recipe of the experiment's trainings, for a supernet. @throws UserError where they do not fit */
export function supernetRecipe(
  recipe: Recipe,
  { architectures, epochs, paths }: Pick<SupernetParams, 'architectures' | 'epochs' | 'paths'>,
): Recipe {
  const { stages, accumulate: _, ...rest } = recipe;
  if (stages)
    throw new UserError('strategy supernet: train must have one stage, got a multi-stage recipe', {
      fix: 'train the networks in one stage, or search with another strategy',
    });
  if (paths === 'sandwich' && architectures < 3)
    throw new UserError(
      `strategy supernet: a sandwich needs at least 3 architectures in a step, got ${architectures}`,
      { fix: 'architectures: 4, or paths: single-path' },
    );
  if (recipe.batch % architectures !== 0)
    throw new UserError(
      `strategy supernet: architectures must divide the batch of ${recipe.batch}, got ${architectures}`,
    );
  return { ...rest, epochs, ...(architectures > 1 && { accumulate: architectures }) };
}

/** @throws UserError where the strategy cannot work with the experiment's objectives and recipe */
export function assertSupernet({ search, train, objectives }: Experiment): void {
  if (search?.name !== 'supernet') return;
  if (!train || !objectives.some((name) => scoreNames.includes(name)))
    throw new UserError(
      'strategy supernet: a score must be among the objectives, with data and train, ' +
        `got ${objectives.join(', ')}`,
    );
  const params = search.params as unknown as SupernetParams;
  supernetRecipe(train.recipe, params);
  const { trials } = search.budget;
  const needed = params.scores + params.check;
  if (trials !== undefined && trials < needed)
    throw new UserError(
      `strategy supernet: the budget must hold ${params.scores} scores and ${params.check} trainings ` +
        `that check them, got ${trials} trials`,
      { fix: `budget ${needed + params.check} trials, or fewer scores` },
    );
}

export class SupernetScores {
  private trained: Promise<Outcome<Trained>> | undefined;
  private scorer: InheritedScorer | undefined;

  constructor(private readonly context: RunContext) {}

  /** @param name of the score, such as `top-1` @throws InterruptedError when `signal` aborts */
  async score(
    architecture: Architecture,
    architectureId: string,
    name: string,
    signal: AbortSignal,
  ): Promise<Outcome<number>> {
    this.trained ??= this.train(signal);
    const supernet = await this.trained;
    if ('reason' in supernet) return supernet;
    const { store } = this.context;
    const { id } = supernet.value;
    if (!supernetScore(store, id, architectureId)) {
      const score = await this.opened(supernet.value, signal).score(architecture);
      signal.throwIfAborted();
      if ('reason' in score) return { reason: `supernet: ${score.reason}` };
      insertSupernetScore(store, {
        supernet_id: id,
        architecture_id: architectureId,
        loss: score.loss,
        top1: score.top1 ?? null,
        miou: score.miou ?? null,
        seconds: score.seconds,
        scored_at: new Date().toISOString(),
      });
    }
    const row = supernetScore(store, id, architectureId);
    const value = { 'top-1': row?.top1, miou: row?.miou, loss: row?.loss }[name];
    return value === undefined || value === null
      ? { reason: `supernet: score must be one of ${scoreNames.join(', ')} that its task has, got ${name}` }
      : { value };
  }

  async close(): Promise<void> {
    if (this.scorer && !this.scorer.ended) await this.scorer.close();
  }

  private opened({ file, sha256 }: Trained, signal: AbortSignal): InheritedScorer {
    if (this.scorer && !this.scorer.ended) return this.scorer;
    const { experiment, probe } = this.context;
    this.scorer = new InheritedScorer(
      {
        supernet: { file, sha256 },
        dataset: { ...experiment.train!.dataset, baseFolder: experiment.baseFolder },
        runtime: probe.runtime,
        ...probe.compute,
        threads: experiment.workers.threads,
      },
      { signal },
    );
    return this.scorer;
  }

  private async train(signal: AbortSignal): Promise<Outcome<Trained>> {
    const { experiment, store, folder, log } = this.context;
    const { id, settings, request } = this.request(experiment);
    const stored = storedSupernet(store, id);
    if (stored && existsSync(stored.file))
      return { value: { id, file: stored.file, sha256: stored.weights_sha256 } };
    if (stored)
      throw new UserError(`${stored.file}: the weights of a stored supernet must be there, got no file`, {
        fix: 'restore the file, or change the seed of the strategy to train another supernet',
      });
    const result = await trainInChild(request, {
      signal,
      expectedKey: { ...this.context.probe.deviceKey, execution: 'eager', threads: request.threads },
      onEpoch: (row) => log.write(`supernet: ${epochLine(row, request.recipe.epochs)}`),
      onNote: (note) => log.write(`supernet: ${note}`),
    });
    if (result.status !== 'ok') return { reason: `supernet: ${result.status}: ${result.reason}` };
    recordSupernet(store, { id, settings }, result);
    folder.finish(`supernet-${id}`);
    const seconds = result.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0).toFixed(1);
    log.write(`supernet: ok after ${result.steps} steps, ${seconds} s; weights in ${result.weights!.file}`);
    return { value: { id, ...result.weights! } };
  }

  /** The id covers what decides the weights: two experiments that agree in it share the supernet. */
  private request({ search, train, workers, baseFolder }: Experiment): {
    readonly id: string;
    readonly settings: string;
    readonly request: TrainRequest;
  } {
    const { probe, store, folder, datasetHash } = this.context;
    const { space, params, seed } = search!;
    const recipe = supernetRecipe(train!.recipe, params as unknown as SupernetParams);
    const conditions = space.conditions.map(({ text }) => text);
    const paths = (params as unknown as SupernetParams).paths as 'sandwich' | 'single-path';
    const settings = canonicalJson({
      space: { text: space.text, conditions },
      paths,
      recipe,
      seed,
      dataset: { name: train!.dataset.name, args: train!.dataset.args, hash: datasetHash ?? '' },
      runtime: probe.runtime,
    });
    const id = textHash(settings);
    return {
      id,
      settings,
      request: {
        architecture: extremeMember(space, 'most'),
        supernet: {
          space: { text: space.text, file: join(baseFolder, `${space.name}.space`), conditions },
          paths,
        },
        dataset: { ...train!.dataset, baseFolder },
        recipe,
        runtime: probe.runtime,
        execution: 'eager',
        ...probe.compute,
        threads: workers.threads,
        seed,
        checkpointFile: folder.checkpointFile(`supernet-${id}`),
        weightsFile: weightsFile(store.file, `supernet-${id}`),
        loaders: workers.loaders,
        ...(datasetHash === undefined ? {} : { expectedHash: datasetHash }),
      },
    };
  }
}
