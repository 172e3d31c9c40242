/** Takes the results of a bundle into a store, each once, in one transaction. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArchitecture } from '../../architecture/canonical.js';
import { isCounter, weightsFromTorch } from '../../export/pytorch/weights-from-torch.js';
import { verifiedAt } from '../../setup/verified/verified-devices.js';
import {
  recordExperiment,
  recordProfile,
  recordSession,
  recordTraining,
  trialState,
} from '../../store/record-results.js';
import { type Store, transaction } from '../../store/store.js';
import { insertDataSplit } from '../../store/tables/data-split-table.js';
import { deviceId } from '../../store/tables/device-table.js';
import { importedSessions, insertImportedResult } from '../../store/tables/imported-result-table.js';
import { lastTrainings } from '../../store/tables/training-table.js';
import type { TrainResult } from '../../train/train-result.js';
import { decodeTensors } from '../../train/weights/safetensors.js';
import { writeWeightsFile } from '../../train/weights/weights-file.js';
import { UserError } from '../../util/errors.js';
import { architectureRow } from '../plan.js';
import { weightsFile } from '../run/work-folder.js';
import { type BundlePlan, resultsName } from './bundle-plan.js';
import { type BundleResults, isDone, readResultFile } from './result-file.js';
import { keyOf, profileResult, trainResult } from './stored-results.js';

type Result = BundleResults['results'][number];

export interface ImportedResults {
  readonly experimentId: string;
  readonly name: string;
  /** Results added now. */
  readonly added: number;
  /** Results that the database had, of an earlier import or of its own. */
  readonly known: number;
  /** Jobs of the plan without a result that is done. */
  readonly missing: number;
}

/** The result file of a bundle's folder, or the file itself. @throws UserError where there is none */
export function resultFileOf(path: string): string {
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, resultsName) : path;
  if (existsSync(file)) return file;
  throw new UserError(`${path}: must be a bundle with results, or its ${resultsName}, got none`, {
    fix: `\`python run.py\` in the bundle writes ${resultsName}`,
  });
}

/** Reads and checks a result file; nothing is stored. @throws UserError as `readResultFile` */
export const readResults = (file: string): BundleResults => readResultFile(readFileSync(file, 'utf8'), file);

/**
 * @param file where `results` come from; final weights are taken from `weights/` beside it
 * @param store open for writing, its lock held by the caller
 * @throws UserError where data or weights are not those of the results; nothing is stored then
 */
export function importResults(store: Store, results: BundleResults, file: string): ImportedResults {
  const written: string[] = [];
  try {
    return transaction(store, () => new Import(store, results, dirname(file), written).run());
  } catch (error) {
    for (const weights of written) rmSync(weights, { force: true });
    throw error;
  }
}

class Import {
  /** By checksum; those of earlier imports go on. */
  private readonly sessionIds = new Map<string, number>();

  constructor(
    private readonly store: Store,
    private readonly from: BundleResults,
    private readonly folder: string,
    /** Weights files so far, which an error removes. */
    private readonly written: string[],
  ) {}

  run(): ImportedResults {
    const { plan, results, bundleId } = this.from;
    this.recordPlan(plan);
    const imported = importedSessions(this.store, bundleId);
    for (const { id, record } of results) {
      const sessionId = imported.get(id);
      if (sessionId !== undefined) this.sessionIds.set(record.session, sessionId);
    }
    let added = 0;
    for (const result of results) {
      if (imported.has(result.id) || this.isStored(result)) continue;
      this.record(result);
      added++;
    }
    const done = new Set(results.filter(({ record }) => isDone(record)).map(({ job }) => job.id));
    return {
      experimentId: plan.experiment.id,
      name: plan.experiment.name,
      added,
      known: results.length - added,
      missing: plan.jobs.filter(({ id }) => !done.has(id)).length,
    };
  }

  private recordPlan({ experiment, architectures, jobs, data }: BundlePlan): void {
    const other =
      data && lastTrainings(this.store, experiment.id).find((row) => row.dataset_hash !== data.hash);
    if (other)
      throw new UserError(
        `${this.store.file}: trainings of ${experiment.name} there are on other data ` +
          `(hash ${other.dataset_hash.slice(0, 12)}), got ${data.hash.slice(0, 12)}`,
        { fix: '--db names another database; scores on different data are not comparable' },
      );
    recordExperiment(
      this.store,
      experiment,
      architectures.map(({ id, text }) => architectureRow(parseArchitecture(text, id))),
      jobs.map(({ id, kind, architecture, replicate, settings }) => ({
        id,
        job: kind,
        architecture_id: architecture,
        replicate,
        settings,
      })),
    );
    for (const split of ['train', 'validation', 'test'] as const) {
      const found = data?.[split];
      if (found) insertDataSplit(this.store, data!.hash, { split, count: found.count, hash: found.hash });
    }
  }

  /** Whether the store has a result of this job, on the device of a profile, that is done. */
  private isStored({ job, record }: Result): boolean {
    const device = record.facts ? deviceId(keyOf(record.facts, this.from.plan)) : '';
    return trialState(this.store, { id: job.id, job: job.kind }, device) === 'done';
  }

  private record({ id, job, record }: Result): void {
    const { plan, bundleId } = this.from;
    const sessionId = this.sessionOf(record.session);
    const trial = { trialId: job.id, sessionId, endedAt: record.endedAt };
    if (record.kind === 'profile') {
      const { environment, ...result } = profileResult(record, job, plan);
      // by this machine's notes of verify-device; those of the other machine are not known
      const verified = verifiedAt(result.deviceKey) ?? 'no';
      recordProfile(this.store, trial, { ...result, environment: { ...environment, verified } });
    } else
      recordTraining(this.store, trial, trainResult(record, plan, this.takeWeights({ id, job, record })));
    insertImportedResult(this.store, {
      id,
      bundle_id: bundleId,
      trial_id: job.id,
      session_id: sessionId,
      imported_at: new Date().toISOString(),
    });
  }

  private sessionOf(checksum: string): number {
    const known = this.sessionIds.get(checksum);
    if (known !== undefined) return known;
    const { plan, sessions } = this.from;
    const { facts, ceilings, environment, startedAt } = sessions.get(checksum)!;
    const { sessionId } = recordSession(
      this.store,
      plan.experiment.id,
      keyOf(facts, plan),
      {
        ...environment,
        stagecraft: plan.stagecraft,
        runtime: keyOf(facts, plan).runtimeVersion,
        ...(ceilings && {
          matmulGmacsPerSecond: Math.round(ceilings.macsPerSecond / 1e8) / 10,
          copyGbPerSecond: Math.round(ceilings.bytesPerSecond / 1e8) / 10,
        }),
      },
      startedAt,
    );
    this.sessionIds.set(checksum, sessionId);
    return sessionId;
  }

  /** The final weights as a weights file of the lab; undefined where they are not beside the results. */
  private takeWeights({ job, record }: Result): TrainResult['weights'] {
    const { plan } = this.from;
    const named = record.kind === 'train' ? record.result.weights : undefined;
    const file = named && join(this.folder, named.file);
    if (!file || !existsSync(file)) return undefined;
    const bytes = readFileSync(file);
    const found = createHash('sha256').update(bytes).digest('hex');
    if (found !== named.sha256)
      throw new UserError(
        `${file}: must be the weights that the training wrote (SHA-256 ${named.sha256.slice(0, 12)}), ` +
          `got ${found.slice(0, 12)}`,
      );
    const architecture = parseArchitecture(plan.networks[job.network]!.text, file);
    const { tensors } = decodeTensors(bytes, file, { skip: isCounter });
    const { mean, std, classes, hash: datasetHash } = plan.data!;
    const target = weightsFile(this.store.file, job.id);
    if (!existsSync(target)) this.written.push(target);
    const weights = weightsFromTorch(architecture, tensors, file);
    const sha256 = writeWeightsFile(target, { weights, architecture, mean, std, classes, datasetHash });
    return { file: target, sha256 };
  }
}
