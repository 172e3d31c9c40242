/** The job that writes a network as a SavedModel; it needs the engine, so a child does it. */
import type { Architecture } from '../../architecture/architecture.js';
import { noResult } from '../../runtime/child/failure.js';
import { childJob, type JobOptions, runJob } from '../../runtime/child/job.js';
import { UserError } from '../../util/errors.js';

export interface SavedModelRequest {
  readonly architecture: Architecture;
  /** Weights file of the lab; absent: the initial weights of `seed`. */
  readonly weights?: string;
  readonly seed: number;
  /** Folder to write, absolute. */
  readonly folder: string;
  readonly threads: number;
}

export interface SavedModelMessage {
  readonly type: 'written';
  /** What keeps the graph from taking any batch size; it takes one image then. */
  readonly fixedBatch?: string;
}

export const savedModelJob = childJob<SavedModelRequest, SavedModelMessage>({
  name: 'saved-model',
  entry: 'train/train-child.js',
  silenceLimitMs: 600_000,
});

/** @throws UserError with the reason where it cannot be written */
export async function writeSavedModel(
  request: SavedModelRequest,
  options: JobOptions = {},
): Promise<SavedModelMessage> {
  let answer: SavedModelMessage | undefined;
  const failure = await runJob(
    savedModelJob,
    request,
    {
      written: (message) => {
        answer = message;
      },
    },
    options,
  );
  if (answer) return answer;
  throw new UserError(`export: ${(failure ?? noResult).reason}`);
}
