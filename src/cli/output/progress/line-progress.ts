/** Progress of a run as plain lines, one per finished job. */
import type { RunEvent } from '../../../lab/run/run-event.js';
import type { Io } from '../io.js';
import { duration } from '../text-format.js';
import { jobText, launchText, outcomeText, phaseNames } from './job-text.js';
import { PhaseState } from './phase-state.js';
import type { ProgressView } from './progress-view.js';

export class LineProgress implements ProgressView {
  private phase: PhaseState | undefined;
  constructor(
    private readonly io: Io,
    private readonly now: () => number,
  ) {}

  onEvent(event: RunEvent): void {
    switch (event.type) {
      case 'phase':
        this.phase = new PhaseState(event.jobs, event.workers, this.now());
        break;
      case 'launch':
        this.print(launchText(event));
        break;
      case 'job':
        this.phase?.start(event.job, this.now());
        break;
      case 'progress':
        this.phase?.progress(event.job, event.share);
        break;
      case 'note':
        this.print(`${phaseNames[event.job.kind]} ${jobText(event.job)}: ${event.note}`);
        break;
      case 'done':
        this.finish(event, this.phase!);
        break;
      case 'started':
      case 'search':
      case 'trial':
      case 'answer':
        break; // shown by SearchProgressView
      default:
        event satisfies never;
    }
  }

  stop(): void {}

  private print(text: string): void {
    this.io.stderr.write(`${text}\n`);
  }

  private finish(event: Extract<RunEvent, { type: 'done' }>, phase: PhaseState): void {
    phase.finish(event.job, this.now());
    const left = phase.done < phase.jobs ? phase.secondsLeft(this.now()) : undefined;
    const count = `${String(phase.done).padStart(String(phase.jobs).length)}/${phase.jobs}`;
    const outcome = `${phaseNames[event.job.kind]} ${count}  ${jobText(event.job)}  ${outcomeText(event)}`;
    this.print(left === undefined ? outcome : `${outcome}  (${duration(left)} left)`);
  }
}
