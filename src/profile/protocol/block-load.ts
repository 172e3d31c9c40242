/**
 * What the machine did to each timed block: processor time of the process that computes, time that a
 * hypervisor took away, time that its threads waited for a processor, time that any process did. From /proc,
 * on Linux; elsewhere processor time alone. Reads only.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { WorkerProcess } from '../../runtime/runtime.js';

/** Running totals in milliseconds; the difference of two belongs to the block between them. */
export interface LoadPoint {
  /** Processor time of all threads of this process. */
  readonly cpuMs: number;
  /** Time in which a hypervisor ran something else, over all processors (/proc/stat, in steps of 10 ms). */
  readonly stealMs: number | undefined;
  /** Run-queue wait of all threads of this process (/proc/self/task/N/schedstat). */
  readonly waitMs: number | undefined;
  /** Time in which some process of the machine waited for a processor (/proc/pressure/cpu). */
  readonly pressureMs: number | undefined;
}

/** Milliseconds per pass beside each timed block, `[blocks]`; absent where the system does not report it. */
export interface BlockLoad {
  readonly cpuMs: readonly number[];
  readonly stealMs?: readonly number[];
  readonly waitMs?: readonly number[];
  readonly pressureMs?: readonly number[];
}

export const loadKinds = ['cpuMs', 'stealMs', 'waitMs', 'pressureMs'] as const;

/** @param worker the process that computes; default: this one */
export function loadPoint(worker?: WorkerProcess): LoadPoint {
  const { cpuMs, waitMs } = worker?.usage() ?? { cpuMs: ownCpuMs(), waitMs: ownWaitMs() };
  return {
    cpuMs,
    stealMs: stealMs(read('/proc/stat')),
    waitMs: waitMs ?? undefined,
    pressureMs: pressureMs(read('/proc/pressure/cpu')),
  };
}

/** Collects the differences block by block. */
export class LoadSeries {
  readonly #series: Record<(typeof loadKinds)[number], (number | undefined)[]> = {
    cpuMs: [],
    stealMs: [],
    waitMs: [],
    pressureMs: [],
  };

  add(from: LoadPoint, to: LoadPoint, passes: number): void {
    for (const kind of loadKinds) {
      const [before, after] = [from[kind], to[kind]];
      const known = before !== undefined && after !== undefined;
      this.#series[kind].push(known ? Math.max(0, after - before) / passes : undefined);
    }
  }

  /** Undefined without blocks. */
  result(): BlockLoad | undefined {
    if (this.#series.cpuMs.length === 0) return undefined;
    return Object.fromEntries(
      loadKinds.flatMap((kind) =>
        this.#series[kind].every((each) => each !== undefined) ? [[kind, this.#series[kind]]] : [],
      ),
    ) as unknown as BlockLoad;
  }
}

/** @param stat text of /proc/stat @returns ms of all processors since boot */
export function stealMs(stat: string | undefined): number | undefined {
  const fields = /^cpu +(.*)$/m.exec(stat ?? '')?.[1]?.split(' ');
  return fields?.[7] === undefined ? undefined : Number(fields[7]) * 10; // ticks of 1/100 s
}

/** @param pressure text of /proc/pressure/cpu */
export function pressureMs(pressure: string | undefined): number | undefined {
  const total = /^some .*total=(\d+)/m.exec(pressure ?? '')?.[1];
  return total === undefined ? undefined : Number(total) / 1000;
}

/**
 * @param schedstat text of /proc/self/task/N/schedstat: time on a processor, time waiting, in ns, and slices
 */
export function waitNs(schedstat: string | undefined): number | undefined {
  const wait = schedstat?.trim().split(/\s+/)[1];
  return wait === undefined || !/^\d+$/.test(wait) ? undefined : Number(wait);
}

/** Processor time of all threads of this process. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function ownWaitMs(): number | undefined {
  let threads: string[];
  try {
    threads = readdirSync('/proc/self/task');
  } catch {
    return undefined;
  }
  let [sum, known] = [0, false];
  for (const thread of threads) {
    const wait = waitNs(read(`/proc/self/task/${thread}/schedstat`)); // a thread may have ended
    if (wait === undefined) continue;
    known = true;
    sum += wait;
  }
  return known ? sum / 1e6 : undefined;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
