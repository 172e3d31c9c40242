/**
 * Records the state of the machine during a measurement: load, other processes, frequency, temperature; on a
 * GPU clock, throttling, power and other users. Reads only. Values that a system does not report are absent.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import type { WorkerProcess } from '../../runtime/runtime.js';
import { ownCpuMs } from '../protocol/block-load.js';

export type EnvironmentRecord = Record<string, number | string>;

/** A sample of processor accounting; the difference of two gives the use by other processes in between. */
export interface CpuPoint {
  readonly busyMs: number | undefined;
  readonly ownMs: number;
  readonly atMs: number;
}

/** @param worker a process whose work is this measurement's, too */
export function cpuPoint(worker?: WorkerProcess): CpuPoint {
  const ownMs = ownCpuMs() + (worker?.usage().cpuMs ?? 0);
  return { busyMs: systemBusyMs(), ownMs, atMs: performance.now() };
}

/**
 * Processors that other processes kept busy between two samples; undefined where the system does not report
 * it.
 */
export function othersBusy(from: CpuPoint, to: CpuPoint): number | undefined {
  if (from.busyMs === undefined || to.busyMs === undefined) return undefined;
  const others = (to.busyMs - from.busyMs - (to.ownMs - from.ownMs)) / (to.atMs - from.atMs);
  return Math.max(0, others);
}

/** Whether other processes and the threads of this measurement need more processors than there are. */
export function isBusy(
  othersBusyCpus: number | undefined,
  threads: number,
  cpus = availableParallelism(),
): boolean {
  if (othersBusyCpus === undefined) return false;
  return othersBusyCpus + (threads > 0 ? threads : cpus) > cpus + 0.25;
}

/** Load, frequency and temperature now. */
export function sampleCpu(): EnvironmentRecord {
  const record: EnvironmentRecord = { cpus: availableParallelism(), load1: round(loadavg()[0]!) };
  const frequencies = [...(read('/proc/cpuinfo') ?? '').matchAll(/^cpu MHz\s*:\s*([\d.]+)/gm)].map((match) =>
    Number(match[1]),
  );
  if (frequencies.length > 0)
    record['cpuMHz'] = Math.round(frequencies.reduce((a, b) => a + b, 0) / frequencies.length);
  const celsius = thermalZones()
    .map((zone) => Number(read(zone)) / 1000)
    .filter((value) => value > 0 && value < 150);
  if (celsius.length > 0) record['cpuCelsius'] = round(Math.max(...celsius));
  return record;
}

export interface GpuSample {
  readonly clockShare: number | undefined;
  readonly throttled: boolean;
  readonly record: EnvironmentRecord;
}

const gpuFields = [
  'clocks.sm',
  'clocks.default_applications.graphics',
  'clocks.max.sm',
  'temperature.gpu',
  'power.draw',
  'clocks_throttle_reasons.hw_slowdown',
  'clocks_throttle_reasons.sw_thermal_slowdown',
  'memory.used',
  'utilization.gpu',
] as const;

/** One line of `nvidia-smi --query-gpu=… --format=csv,noheader,nounits`; undefined where it is not one. */
export function parseGpuLine(line: string): GpuSample | undefined {
  const cells = line.split(',').map((cell) => cell.trim());
  if (cells.length !== gpuFields.length) return undefined;
  const [sm, byDefault, highest, celsius, watts, hardware, thermal, memory, utilization] = cells;
  const clock = Number(sm);
  const reference = Number(byDefault) > 0 ? Number(byDefault) : Number(highest);
  const throttled = hardware === 'Active' || thermal === 'Active';
  const record: EnvironmentRecord = {};
  for (const [name, cell] of [
    ['gpuMHz', sm],
    ['gpuDefaultMHz', String(reference)],
    ['gpuCelsius', celsius],
    ['gpuWatts', watts],
    ['gpuMiB', memory],
    ['gpuUtilization', utilization],
  ] as const) {
    if (Number.isFinite(Number(cell)) && cell !== '') record[name] = Number(cell);
  }
  record['gpuThrottled'] = throttled ? 'yes' : 'no';
  return { clockShare: clock > 0 && reference > 0 ? clock / reference : undefined, throttled, record };
}

/** Samples one GPU beside the measurement; reading the latest sample does not wait. */
export interface GpuWatch {
  newest(): GpuSample | undefined;
  wasThrottled(): boolean;
  stop(): void;
}

/**
 * @param device UUID or index
 * @returns a watch without samples where nvidia-smi is missing
 */
export function watchGpu(device: string): GpuWatch {
  let newest: GpuSample | undefined;
  let throttled = false;
  const child = spawn(
    'nvidia-smi',
    [
      `--id=${device}`,
      `--query-gpu=${gpuFields.join(',')}`,
      '--format=csv,noheader,nounits',
      '--loop-ms=250',
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  child.on('error', () => {}); // not installed: there are no samples
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) {
      newest = parseGpuLine(line) ?? newest;
      throttled ||= newest?.throttled ?? false;
    }
  });
  return {
    newest: () => newest,
    wasThrottled: () => throttled,
    stop: () => {
      child.kill();
    },
  };
}

/**
 * Clock and temperature of a record, GPU before CPU; '' where neither is known.
 * @example '1350 MHz, 61 °C'
 */
export function machineText(record: EnvironmentRecord): string {
  const [mhz, celsius] = [record['gpuMHz'] ?? record['cpuMHz'], record['gpuCelsius'] ?? record['cpuCelsius']];
  return [
    mhz === undefined ? '' : `${mhz} MHz`,
    celsius === undefined ? '' : `${celsius} °C`,
    record['gpuThrottled'] === 'yes' ? 'throttled' : '',
  ]
    .filter(Boolean)
    .join(', ');
}

/** Resets the peak memory of this process where the system supports it (Linux). @returns whether it did */
export function resetPeakBytes(): boolean {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
    return true;
  } catch {
    return false;
  }
}

/** Highest resident memory of this process since start or the last reset, in bytes. */
export function peakProcessBytes(): number {
  const mark = /^VmHWM:\s+(\d+) kB/m.exec(read('/proc/self/status') ?? '');
  return 1024 * (mark ? Number(mark[1]) : process.resourceUsage().maxRSS);
}

/** Resident memory of this process now, in bytes. */
export const processBytes = (): number => process.memoryUsage.rss();

/** Milliseconds that all processors together were not idle since boot; undefined where unknown. */
function systemBusyMs(): number | undefined {
  const fields = /^cpu +(.*)$/m
    .exec(read('/proc/stat') ?? '')?.[1]
    ?.split(' ')
    .map(Number);
  if (fields === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields;
  return (user + nice + system + irq + softirq + steal) * 10; // ticks of 1/100 s
}

function thermalZones(): string[] {
  try {
    return readdirSync('/sys/class/thermal')
      .filter((name) => name.startsWith('thermal_zone'))
      .map((name) => `/sys/class/thermal/${name}/temp`);
  } catch {
    return [];
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

const round = (value: number): number => Math.round(value * 100) / 100;
