/** Throughput, latency and memory of profiled networks as a table. */
import { addedText, bytesText, plusMinusText, significantText } from '../../analysis/number-text.js';
import { biasText, resolutionText } from '../../analysis/summary/resolution-text.js';
import { measuredOn } from '../../lab/device-text.js';
import type { ExperimentResult } from '../../store/experiment-result.js';
import { median } from '../../util/statistics/order-statistics.js';
import type { Io } from './io.js';
import { type Column, table } from './text-format.js';

type BatchRow = ExperimentResult['candidates'][number]['profiles'][number];

const right = (title: string): Column => ({ title, align: 'right' });
const columns: readonly Column[] = [
  { title: 'layout' },
  { title: 'id' },
  right('batch'),
  right('images/s'),
  right('ms a pass'),
  right('latency p50'),
  right('p90'),
  right('p99 ms'),
  right('peak memory'),
  right('passes add'),
  right('compile ms'),
  right('first run ms'),
  right('of MAC'),
  right('copy ceiling'),
  { title: '' },
];

/** A dash where the value was not measured. */
const orDash = <V>(value: V | undefined, text: (value: V) => string): string =>
  value === undefined ? '–' : text(value);
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

function remark({ stepMs, status, reason, flags }: BatchRow): string {
  if (!stepMs) return `${status}: ${reason}`;
  return [status === 'ok' ? '' : status, ...flags].filter(Boolean).join(', ');
}

const cells = (row: BatchRow): string[] => [
  String(row.batch),
  orDash(row.imagesPerSecond, plusMinusText),
  orDash(row.stepMs, plusMinusText),
  ...(['p50', 'p90', 'p99'] as const).map((name) => orDash(row.latencyMs?.[name], significantText)),
  orDash(row.peakBytes, bytesText),
  addedText(row),
  orDash(row.buildMs, significantText),
  orDash(row.firstRunMs, significantText),
  orDash(row.ceilingShare, percent),
  orDash(row.copyShare, percent),
  remark(row),
];

export function profileTable(result: ExperimentResult, io: Io): string {
  const rows = result.candidates.flatMap(({ architectureId, layout, profiles }) =>
    profiles.map((row, index) => [...(index === 0 ? [layout, architectureId] : ['', '']), ...cells(row)]),
  );
  return [table(columns, rows, io.colours.dim), '', ...notes(result).map(io.colours.dim)].join('\n');
}

function notes(result: ExperimentResult): string[] {
  const { environment, protocol, device } = result;
  const copy = String(environment['copyGbPerSecond'] ?? 'not measured');
  const launches = protocol.launches === 1 ? 'one launch' : `${String(protocol.launches)} launches`;
  return [
    `cold start of the engine: ${coldStarts(result)}; throughput excludes compile time and first run`,
    `ceilings: the device's best matrix product, ${ceilingText(result)}, and best copy, ${copy} GB/s`,
    biasText(result) ?? resolutionText(result) ?? `control: ${environment['control'] ?? 'none'}`,
    `± is half the 95 % interval over ${launches}; ${measuredOn(device.key, environment)}`,
  ];
}

function coldStarts({ candidates }: ExperimentResult): string {
  const starts = candidates.flatMap(({ profiles }) =>
    profiles.slice(0, 1).map(({ coldStartMs }) => coldStartMs),
  );
  return starts.length === 0 ? 'not measured' : `${significantText(median(starts))} ms (median)`;
}

const ceilingText = ({ environment }: ExperimentResult): string =>
  environment['matmulGmacsPerSecond'] === undefined
    ? 'not measured'
    : `${environment['matmulGmacsPerSecond']} GMAC/s`;
