/** Progress of one phase of a run: profiles, scores or trainings. */
import type { Job } from '../../../lab/job.js';
import { median } from '../../../util/statistics/order-statistics.js';

/** Progress of a phase in jobs, its rate and the time left. Pure: the caller passes times. */
export class PhaseState {
  private readonly running = new Map<string, number>();
  private readonly jobSeconds: number[] = [];
  private readonly startedAt = new Map<string, number>();
  done = 0;
  constructor(
    readonly jobs: number,
    readonly workers: number,
    readonly startMs: number,
  ) {}

  start(job: Job, nowMs: number): void {
    this.running.set(job.id, 0);
    this.startedAt.set(job.id, nowMs);
  }
  progress(job: Job, share: number): void {
    if (this.running.has(job.id))
      this.running.set(job.id, Math.min(1, Math.max(this.running.get(job.id)!, share)));
  }
  finish(job: Job, nowMs: number): void {
    this.running.delete(job.id);
    this.jobSeconds.push((nowMs - (this.startedAt.get(job.id) ?? nowMs)) / 1000);
    this.done += 1;
  }
  /** Jobs done, with running ones by the fraction that is done. */
  get position(): number {
    return this.done + [...this.running.values()].reduce((sum, share) => sum + share, 0);
  }
  /** Undefined until a job has ended or 5 % of one is done. */
  secondsLeft(nowMs: number): number | undefined {
    if (this.jobSeconds.length > 0)
      return ((this.jobs - this.position) * median(this.jobSeconds)) / this.workers;
    const { position } = this;
    return position > 0.05 ? ((this.jobs - position) * (nowMs - this.startMs)) / 1000 / position : undefined;
  }
  perMinute(nowMs: number): number | undefined {
    const minutes = (nowMs - this.startMs) / 60_000;
    return this.position > 0 && minutes > 0 ? this.position / minutes : undefined;
  }
}
