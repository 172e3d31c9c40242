/** Scores members by inherited weights in a child process that stays open between them. */
import type { Architecture } from '../../architecture/architecture.js';
import { type Failure, noResult } from '../../runtime/child/failure.js';
import { type JobHandle, type JobOptions, startJob } from '../../runtime/child/job.js';
import type { DeviceKey } from '../../runtime/runtime.js';
import { type InheritCommand, type InheritedScore, type InheritRequest, inheritJob } from './inherit-job.js';

type Answer = InheritedScore | { readonly reason: string };

export class InheritedScorer {
  deviceKey: DeviceKey | undefined;
  private readonly child: JobHandle<InheritCommand>;
  private readonly waiting: ((answer: Answer) => void)[] = [];
  private failure: Failure | undefined;
  private readonly end: Promise<void>;

  constructor(request: InheritRequest, options: JobOptions = {}) {
    const answered = (answer: Answer): void => {
      this.waiting.shift()?.(answer);
      if (this.waiting.length === 0) this.child.rest();
    };
    this.child = startJob(
      inheritJob,
      request,
      {
        opened: ({ deviceKey }) => {
          this.deviceKey = deviceKey;
        },
        scored: ({ type: _, ...score }) => answered(score),
        refused: ({ reason }) => answered({ reason }),
      },
      options,
    );
    this.end = this.child.ended
      .then((failure) => {
        this.failure = failure ?? noResult;
      })
      .catch(() => {
        this.failure = { status: 'failed', reason: 'interrupted' };
      })
      .finally(() => {
        for (const answer of this.waiting.splice(0)) answer({ reason: this.failure!.reason });
      });
  }

  /** Whether the child has ended; another one must be started then. */
  get ended(): boolean {
    return this.failure !== undefined;
  }

  /** Answers come in the order of the questions. A failed child answers with its reason. */
  score(architecture: Architecture): Promise<Answer> {
    if (this.failure) return Promise.resolve({ reason: this.failure.reason });
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.child.send({ type: 'score', architecture });
    });
  }

  /** Ends the child once it has answered. */
  async close(): Promise<void> {
    this.child.finish();
    await this.end;
  }
}
