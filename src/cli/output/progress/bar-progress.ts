/** Progress of a run as a bar on a terminal, with lines above it for what stays. */
import { SingleBar } from 'cli-progress';
import type { RunEvent } from '../../../lab/run/run-event.js';
import type { Io } from '../io.js';
import { duration } from '../text-format.js';
import { jobText, launchText, outcomeText, phaseNames, profileText } from './job-text.js';
import { PhaseState } from './phase-state.js';
import type { ProgressView } from './progress-view.js';

export const barOptions = {
  hideCursor: true,
  clearOnComplete: true,
  barsize: 24,
  fps: 8,
  etaBuffer: 1,
  noTTYOutput: false,
  linewrap: false,
  barCompleteChar: '━',
  barIncompleteChar: '─',
  format: '{title} {bar} {jobs}  {rate}  {left}  {what}',
  forceRedraw: false,
  stopOnComplete: false,
  gracefulExit: false,
} as const;

function rateText(perMinute: number | undefined): string {
  if (perMinute === undefined) return '';
  return `${perMinute >= 100 ? Math.round(perMinute) : perMinute.toFixed(1)}/min`;
}

function detailText({ profile, train }: Extract<RunEvent, { type: 'progress' }>): string {
  if (profile) return profileText(profile);
  return train ? `epoch ${train.epoch}/${train.epochs}` : '';
}

export class BarProgress implements ProgressView {
  private bar: SingleBar | undefined;
  private phase: PhaseState | undefined;
  private title = '';
  /** The latest job, behind the bar. */
  private what = '';
  constructor(
    private readonly io: Io,
    private readonly now: () => number,
  ) {}

  onEvent(event: RunEvent): void {
    switch (event.type) {
      case 'phase':
        this.begin(event);
        break;
      case 'launch':
        this.printAbove(launchText(event));
        break;
      case 'job':
        this.phase?.start(event.job, this.now());
        this.what = jobText(event.job);
        this.draw();
        break;
      case 'progress':
        this.phase?.progress(event.job, event.share);
        this.what = `${jobText(event.job)}  ${detailText(event)}`;
        this.draw();
        break;
      case 'note':
        this.printAbove(`${jobText(event.job)}: ${event.note}`);
        this.open();
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

  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }

  private begin({ kind, jobs, workers }: Extract<RunEvent, { type: 'phase' }>): void {
    this.stop();
    this.phase = new PhaseState(jobs, workers, this.now());
    this.title = phaseNames[kind].padEnd(7);
    this.what = '';
    this.open();
  }

  private finish(event: Extract<RunEvent, { type: 'done' }>, phase: PhaseState): void {
    phase.finish(event.job, this.now());
    if (event.status !== 'ok') {
      this.printAbove(`${jobText(event.job)}: ${outcomeText(event)}`);
      this.open();
    }
    this.draw();
    if (phase.done < phase.jobs) return;
    this.printAbove(`${this.title} ${phase.jobs} in ${duration((this.now() - phase.startMs) / 1000)}`);
    this.phase = undefined;
  }

  private open(): void {
    if (!this.phase) return;
    this.bar = new SingleBar({ stream: this.io.stderr as NodeJS.WriteStream, ...barOptions });
    this.bar.start(this.phase.jobs, this.phase.position, {
      title: this.title,
      jobs: `${this.phase.done}/${this.phase.jobs}`,
      rate: '',
      left: '',
      what: this.what,
    });
    this.draw();
  }

  private draw(): void {
    if (!this.phase) return;
    const left = this.phase.secondsLeft(this.now());
    this.bar?.update(this.phase.position, {
      jobs: `${this.phase.done}/${this.phase.jobs}`,
      what: this.what,
      rate: rateText(this.phase.perMinute(this.now())),
      left: left === undefined ? '' : `${duration(left)} left`,
    });
  }

  /** A line that stays, above the bar. */
  private printAbove(text: string): void {
    this.stop();
    this.io.stderr.write(`${text}\n`);
  }
}
