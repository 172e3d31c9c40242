/** Shows a run as it goes: a bar with rate and time left on a terminal, plain lines elsewhere. */
import { SingleBar } from 'cli-progress';
import { significantText } from '../../analysis/number-text.js';
import type { Job } from '../../lab/job.js';
import type { RunEvent } from '../../lab/run/run-event.js';
import { machineText } from '../../profile/candidate/environment.js';
import type { ProfileProgress } from '../../profile/candidate/run-profile.js';
import { fidelityText } from '../../train/recipe/training-fidelity.js';
import { median } from '../../util/statistics/order-statistics.js';
import type { Io } from './io.js';
import { duration } from './text-format.js';

const names = { profile: 'measure', score: 'score', train: 'train' } as const;
const each = { profile: 'launch', score: 'seed', train: 'seed' } as const;

export const jobText = (job: Job): string =>
  `${job.layout} ${each[job.kind]} ${job.replicate}${job.fidelity ? `, ${fidelityText(job.fidelity)}` : ''}`;

/** What came out of a job, in one line. */
export function outcomeText(event: Extract<RunEvent, { type: 'done' }>): string {
  if (event.status !== 'ok' && event.status !== 'partial') return `${event.status}: ${event.reason}`;
  if (event.job.kind === 'score') return event.reason;
  if (event.train) {
    const { validationTop1, validationMiou, validationLoss, seconds } = event.train;
    const percent = (fraction: number): string => `${(fraction * 100).toFixed(1)} %`;
    const score =
      validationMiou !== undefined
        ? `mIoU ${percent(validationMiou)}`
        : validationTop1 !== undefined
          ? `top-1 ${percent(validationTop1)}`
          : `loss ${(validationLoss ?? Number.NaN).toFixed(3)}`;
    return `${score} in ${duration(seconds)}`;
  }
  const batches = event.profile!.batches.map(
    ({ batch, stepMs, status }) => `${batch}: ${stepMs ? `${significantText(stepMs.value)} ms` : status}`,
  );
  return `batch ${batches.join(', ')}`;
}

/** @example 'batch 16 measure, 12 samples ±0.8 % (aim 0.5 %), 2100 MHz, 61 °C' */
export function profileText({ batch, phase, samples, halfWidth, aim, machine }: ProfileProgress): string {
  const width =
    halfWidth === undefined ? '' : ` ±${(100 * halfWidth).toFixed(1)} % (aim ${(100 * aim).toFixed(1)} %)`;
  return [
    `batch ${batch} ${phase}`,
    samples > 0 ? `${samples} samples${width}` : '',
    machine === undefined ? '' : machineText(machine),
  ]
    .filter(Boolean)
    .join(', ');
}

const controlLine = (text: string | undefined): string =>
  text === undefined ? 'control: the anchor network against itself' : `control: ${text}`;

/** How far a phase is, in jobs, and how long it will take. Pure: times are handed in. */
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
  /** Jobs done, running ones by their share. */
  get position(): number {
    return this.done + [...this.running.values()].reduce((sum, share) => sum + share, 0);
  }
  /** Undefined until something can be said. */
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

export interface ProgressView {
  onEvent(event: RunEvent): void;
  /** Leaves the terminal as it was. */
  stop(): void;
}

/** @param now milliseconds, monotonic */
export function progressView(io: Io, now: () => number = () => performance.now()): ProgressView {
  return io.isInteractive ? barView(io, now) : lineView(io, now);
}

function lineView(io: Io, now: () => number): ProgressView {
  let phase: PhaseState | undefined;
  const say = (text: string): void => void io.stderr.write(`${text}\n`);
  return {
    onEvent(event) {
      switch (event.type) {
        case 'phase':
          phase = new PhaseState(event.jobs, event.workers, now());
          break;
        case 'job':
          phase?.start(event.job, now());
          break;
        case 'progress':
          phase?.progress(event.job, event.share);
          break;
        case 'note':
          say(`${names[event.job.kind]} ${jobText(event.job)}: ${event.note}`);
          break;
        case 'done': {
          phase!.finish(event.job, now());
          const left = phase!.done < phase!.jobs ? phase!.secondsLeft(now()) : undefined;
          say(
            `${names[event.job.kind]} ${String(phase!.done).padStart(String(phase!.jobs).length)}/${phase!.jobs}  ${jobText(event.job)}  ${outcomeText(event)}${left === undefined ? '' : `  (${duration(left)} left)`}`,
          );
          break;
        }
        case 'control':
          say(controlLine(event.text));
          break;
        case 'started':
          break;
        default:
          event satisfies never;
      }
    },
    stop() {},
  };
}

function barView(io: Io, now: () => number): ProgressView {
  let bar: SingleBar | undefined;
  let phase: PhaseState | undefined;
  let last = '';
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  const draw = (): void => {
    if (!phase) return;
    const [rate, left] = [phase.perMinute(now()), phase.secondsLeft(now())];
    bar?.update(phase.position, {
      jobs: `${phase.done}/${phase.jobs}`,
      what: last,
      rate: rate === undefined ? '' : rate >= 100 ? `${Math.round(rate)}/min` : `${rate.toFixed(1)}/min`,
      left: left === undefined ? '' : `${duration(left)} left`,
    });
  };
  /** A line that stays, above the bar. */
  const keep = (text: string): void => {
    stop();
    io.stderr.write(`${text}\n`);
  };
  let title = '';
  const open = (): void => {
    bar = new SingleBar({
      stream: io.stderr as NodeJS.WriteStream,
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
    });
    bar.start(phase!.jobs, phase!.position, {
      title,
      jobs: `${phase!.done}/${phase!.jobs}`,
      rate: '',
      left: '',
      what: last,
    });
    draw();
  };
  return {
    onEvent(event) {
      switch (event.type) {
        case 'control':
          keep(controlLine(event.text));
          break;
        case 'phase':
          stop();
          phase = new PhaseState(event.jobs, event.workers, now());
          title = names[event.kind].padEnd(7);
          last = '';
          open();
          break;
        case 'job':
          phase?.start(event.job, now());
          last = jobText(event.job);
          draw();
          break;
        case 'progress': {
          phase?.progress(event.job, event.share);
          const detail = event.profile
            ? profileText(event.profile)
            : event.train
              ? `epoch ${event.train.epoch}/${event.train.epochs}`
              : '';
          last = `${jobText(event.job)}  ${detail}`;
          draw();
          break;
        }
        case 'note':
          keep(`${jobText(event.job)}: ${event.note}`);
          open();
          break;
        case 'done':
          phase!.finish(event.job, now());
          if (event.status !== 'ok') {
            keep(`${jobText(event.job)}: ${outcomeText(event)}`);
            open();
          }
          if (phase!.done === phase!.jobs) {
            draw();
            keep(`${title} ${phase!.jobs} in ${duration((now() - phase!.startMs) / 1000)}`);
            phase = undefined;
          } else draw();
          break;
        case 'started':
          break;
        default:
          event satisfies never;
      }
    },
    stop,
  };
}
