/**
 * Progress of a search: a line per answered trial with the hypervolume so far, and a bar below on a terminal.
 */
import { SingleBar } from 'cli-progress';
import { parseObjective } from '../../../analysis/objectives/objectives.js';
import { layoutOf } from '../../../architecture/layout.js';
import type { RunEvent } from '../../../lab/run/run-event.js';
import { inheritedName } from '../../../search/inherited-ranking.js';
import { median } from '../../../util/statistics/order-statistics.js';
import type { Io } from '../io.js';
import { duration } from '../text-format.js';
import { barOptions } from './bar-progress.js';
import { jobText, outcomeText, phaseNames } from './job-text.js';
import type { ProgressView } from './progress-view.js';

type Begin = Extract<RunEvent, { type: 'search' }>;
type Answered = Extract<RunEvent, { type: 'answer' }>;

/** `top-1 61.3 %, 1.2 ms p50 @1`: the objectives that a trial answered, or scores by inherited weights. */
function valuesText(values: Readonly<Record<string, number>>, objectives: readonly string[]): string {
  return objectives
    .flatMap((name) => {
      const objective = parseObjective(name);
      const inherited = values[name] === undefined ? 'inherited ' : '';
      const value = values[name] ?? values[inheritedName(name)];
      if (!objective || value === undefined) return [];
      return `${inherited}${objective.short} ${objective.text({ value, low: value, high: value })}`;
    })
    .join(', ');
}

/**
 * One line of an answered trial. @example 'trial 12/40  C-CT  top-1 61.3 %  hypervolume 0.812, 5 on the
 * front'
 */
export function answerLine(
  { trial, answered, hypervolume, front }: Answered,
  objectives: readonly string[],
  trials?: number,
): string {
  const { candidate, replicate, fidelity, values, reason } = trial;
  const of = trials === undefined ? '' : `/${trials}`;
  const what = [
    layoutOf(candidate.value),
    replicate > 1 ? `replicate ${replicate}` : '',
    fidelity < 1 ? `${Math.round(100 * fidelity)} % of the training` : '',
  ];
  return [
    `trial ${String(answered).padStart(String(trials ?? 0).length)}${of}`,
    what.filter(Boolean).join(', '),
    values ? valuesText(values, objectives) : `failed: ${reason}`,
    `hypervolume ${hypervolume.toFixed(3)}, ${front} on the front`,
  ].join('  ');
}

export class SearchProgressView implements ProgressView {
  private begin: Begin | undefined;
  private bar: SingleBar | undefined;
  private answered = 0;
  private readonly seconds: number[] = [];
  private what = '';

  constructor(
    private readonly io: Io,
    private readonly objectives: readonly string[],
  ) {}

  onEvent(event: RunEvent): void {
    switch (event.type) {
      case 'search':
        this.start(event);
        break;
      case 'job':
      case 'progress':
        this.what = `${phaseNames[event.job.kind]} ${jobText(event.job)}`;
        this.draw();
        break;
      case 'note':
        this.print(`${jobText(event.job)}: ${event.note}`);
        break;
      case 'done':
        if (!['ok', 'held', 'stopped'].includes(event.status))
          this.print(`${phaseNames[event.job.kind]} ${jobText(event.job)}: ${outcomeText(event)}`);
        break;
      case 'answer':
        this.answer(event);
        break;
      case 'trial':
      case 'phase':
      case 'launch':
      case 'started':
        break;
      default:
        event satisfies never;
    }
  }

  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }

  private start(event: Begin): void {
    this.begin = event;
    this.answered = event.answered;
    const stored = event.answered > 0 ? `; ${event.answered} trials are in the database already` : '';
    this.io.stderr.write(`search by ${event.strategy}; ${event.budget}${stored}\n`);
    this.draw();
  }

  private answer(event: Answered): void {
    this.answered = event.answered;
    this.seconds.push(event.trial.seconds);
    const left = this.secondsLeft();
    const line = answerLine(event, this.objectives, this.begin?.trials);
    this.print(left === undefined || this.io.isInteractive ? line : `${line}  (${duration(left)} left)`);
  }

  /** Undefined where the budget is not in trials. */
  private secondsLeft(): number | undefined {
    const { trials, workers } = this.begin!;
    if (trials === undefined || this.seconds.length === 0 || this.answered >= trials) return undefined;
    return ((trials - this.answered) * median(this.seconds)) / workers;
  }

  /** A line that stays, above the bar. */
  private print(text: string): void {
    this.stop();
    this.io.stderr.write(`${text}\n`);
    this.draw();
  }

  private draw(): void {
    const trials = this.begin?.trials;
    if (!this.io.isInteractive || trials === undefined || this.answered >= trials) return;
    const left = this.secondsLeft();
    const shown = {
      title: 'search',
      jobs: `${this.answered}/${trials}`,
      rate: '',
      left: left === undefined ? '' : `${duration(left)} left`,
      what: this.what,
    };
    if (!this.bar) {
      this.bar = new SingleBar({ stream: this.io.stderr as NodeJS.WriteStream, ...barOptions });
      this.bar.start(trials, this.answered, shown);
    }
    this.bar.update(this.answered, shown);
  }
}
