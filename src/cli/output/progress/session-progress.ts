/**
 * Shows an interleaved session as it runs: who is timed, what is decided, interval width against its aim,
 * clock, time left.
 */
import {
  type EnvironmentRecord,
  machineText,
  sampleCpu,
  watchGpu,
} from '../../../profile/candidate/environment.js';
import type { RunSessionHooks, SessionResult } from '../../../profile/session/run-session.js';
import type { DeviceKey } from '../../../runtime/runtime.js';
import type { Estimate } from '../../../util/statistics/interval.js';
import type { Io } from '../io.js';
import { duration } from '../text-format.js';

type Verdict = SessionResult['verdict'];

export interface SessionState {
  readonly batch: number;
  readonly phase: string;
  readonly name: string;
  readonly round: number;
  readonly rounds: number;
  /** Launches that have ended. */
  readonly launches: number;
  readonly verdict: Verdict | undefined;
  /** Difference below which networks are the same, which intervals aim to get under. */
  readonly aim: number;
  readonly machine: EnvironmentRecord;
  /**
   * At most: of the budget, or of the launches that everybody gets; undefined during the first launch where
   * no budget is left.
   */
  readonly secondsLeft: number | undefined;
}

/**
 * One line. Pure. @example 'batch 16, launch 4: CC-CT measure 3/8, ±0.7 % (aim 1.0 %), 12 of 15 pairs
 * decided, 2100 MHz, at most 1 min 20 s left'
 */
export function sessionLine({
  batch,
  phase,
  name,
  round,
  rounds,
  launches,
  verdict,
  aim,
  machine,
  secondsLeft,
}: SessionState): string {
  const ratio = verdict?.ratios.find((each) => each.name === name)?.ratio;
  return [
    `batch ${batch}, launch ${launches + 1}: ${name} ${phase}${round > 0 ? ` ${round}/${rounds}` : ''}`,
    ratio === undefined ? '' : `${ratio.samples} samples${widthText(ratio)} (aim ${percent(aim)})`,
    verdict === undefined ? '' : decidedText(verdict),
    machineText(machine),
    secondsLeft === undefined ? '' : `at most ${duration(secondsLeft)} left`,
  ]
    .filter(Boolean)
    .join(', ');
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const widthText = ({ unknown, value, low, high }: Estimate): string =>
  unknown ? '' : ` ±${percent((high - low) / 2 / value)}`;

export const decidedText = ({ pairs }: Verdict): string =>
  `${pairs.filter(({ comparison }) => comparison.verdict !== 'NOT TOLD APART').length} ` +
  `of ${pairs.length} pairs decided`;

const resolutionText = ({ resolution }: Verdict): string =>
  resolution ? `differences from ${percent(resolution.relative)} are told, ` : '';

export interface SessionView {
  readonly hooks: Pick<RunSessionHooks, 'onProgress' | 'onVerdict'>;
  stop(): void;
}

const everyMs = 250;
const machineEveryMs = 1000;

/** A line that is rewritten on a terminal; elsewhere a line a launch. @param budgetMs of this batch size */
export function sessionView(
  io: Io,
  plan: {
    readonly batch: number;
    readonly budgetMs: number /** That everybody gets, all groups together. */;
    readonly launches: number;
    readonly aim: number;
    readonly deviceKey: DeviceKey;
  },
  now: () => number = () => performance.now(),
): SessionView {
  const start = now();
  const gpu =
    io.isInteractive && plan.deviceKey.kind === 'gpu'
      ? watchGpu(plan.deviceKey.device.split(' ')[0]!)
      : undefined;
  let [launches, lastMs, machineMs]: [number, number, number] = [0, -Infinity, -Infinity];
  let machine: EnvironmentRecord = {};
  let verdict: Verdict | undefined;
  const secondsLeft = (at: number): number | undefined => {
    const owed = launches === 0 ? 0 : ((at - start) / launches) * Math.max(0, plan.launches - launches);
    const left = Math.max(owed, plan.budgetMs - (at - start)) / 1000;
    return launches === 0 && left <= 0 ? undefined : Math.max(0, left);
  };
  const clear = (): void => {
    if (io.isInteractive) io.stderr.write('\r\u001b[K');
  };
  return {
    hooks: {
      onProgress({ phase, name, round, rounds }) {
        const at = now();
        if (!io.isInteractive || at - lastMs < everyMs) return;
        lastMs = at;
        if (at - machineMs >= machineEveryMs)
          [machine, machineMs] = [gpu?.newest()?.record ?? sampleCpu(), at];
        const line = sessionLine({
          batch: plan.batch,
          phase,
          name,
          round,
          rounds,
          launches,
          verdict,
          aim: plan.aim,
          machine,
          secondsLeft: secondsLeft(at),
        });
        clear();
        io.stderr.write(line.length < io.width ? line : `${line.slice(0, io.width - 2)}…`);
      },
      onVerdict(found, count) {
        [verdict, launches] = [found, count];
        if (!io.isInteractive)
          io.stderr.write(
            `batch ${plan.batch}: ${count} launches, ${decidedText(found)}, ` +
              `${resolutionText(found)}at most ${duration(secondsLeft(now()) ?? 0)} left\n`,
          );
      },
    },
    stop() {
      clear();
      gpu?.stop();
    },
  };
}
