/** `profile throughput(…)`: measures throughput and latency per batch size. */
import type { Protocol } from '../../profile/protocol/protocol.js';
import { protocolFrom, protocolParams } from '../../profile/protocol/protocol.js';
import type { ParamTable } from '../../util/params.js';
import { type ReadCall, readCall, readWholeNumbers } from './read-terms.js';
import type { ReadContext, Setting } from './setting.js';

export interface ProfileSetting {
  /** Ascending. */
  readonly batches: readonly number[];
  readonly launches: number;
  /** 0: all cores. */
  readonly threads: number;
  /** Whether blocks alternate with the anchor network's. */
  readonly anchor: boolean;
  /** Whether each run begins with an A/A control. */
  readonly control: boolean;
  readonly protocol: Protocol;
  /** Aimed resolution, relative: further launches are added while it is not reached. Absent: none. */
  readonly resolve?: number;
  /** Most further launches; absent: as many as `launches`. */
  readonly extraLaunches?: number;
}

export const mostThreads = 1024;

const throughputParams = {
  launches: {
    kind: 'int',
    min: 1,
    max: 1000,
    default: 3,
    doc: 'process launches per network; engines pick algorithms anew in each',
  },
  threads: {
    kind: 'int',
    min: 0,
    max: mostThreads,
    default: 0,
    doc: 'threads of the engine; 0 for all cores',
  },
  anchor: {
    kind: 'bool',
    default: false,
    doc: 'alternate blocks with a fixed anchor network, and store the ratio to it; doubles the time',
  },
  control: {
    kind: 'bool',
    default: true,
    doc:
      'measure two copies of the anchor network in every launch: ' +
      'they say what the run resolves and whether it is biased',
  },
  resolve: {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0,
    doc:
      'aimed resolution as a fraction: launches are added while that of the run is larger, or launches are ' +
      'fewer than three; 0 for none',
  },
  'extra-launches': {
    kind: 'int',
    min: 0,
    max: 1000,
    default: 0,
    doc: 'most launches that `resolve` adds; 0 for as many again as `launches`',
  },
  ...protocolParams,
} as const satisfies ParamTable;

export const profileSetting: Setting<ProfileSetting> = {
  keyword: 'profile',
  summary: 'what is measured: throughput(batches: {1, 16, 64}, launches: 3)',
  example: 'profile  throughput(batches: {1, 16, 64})',
  reference:
    'Default: nothing is measured. `batches` is a set of batch sizes in images, {1, 16, 64} by default. ' +
    '`docs/measurement.md` describes how a time is measured.',
  calls: { throughput: throughputParams },
  read(source, context) {
    if (!source) return undefined;
    const { diagnostics } = context;
    const [first] = source.terms;
    const given = first?.kind === 'call' ? first.args.find((arg) => arg.name === 'batches') : undefined;
    const batches = given
      ? readWholeNumbers(given.value, 'batches', { min: 1, max: 65_536 }, diagnostics)
      : [1, 16, 64];
    const read = readCall(source, { throughput: throughputParams }, diagnostics, { others: ['batches'] });
    if (!read || !batches || !mayResolve(read, context)) return undefined;
    const { resolve, 'extra-launches': extra } = read.values as Readonly<Record<string, number>>;
    return {
      batches: [...batches].sort((a, b) => a - b),
      launches: Number(read.values.launches),
      threads: Number(read.values.threads),
      anchor: read.values.anchor === true,
      control: read.values.control !== false,
      protocol: protocolFrom(read.values),
      ...(resolve! > 0 && { resolve: resolve!, ...(extra! > 0 && { extraLaunches: extra! }) }),
    };
  },
  meaning: (profile) => ({ profile: profile ?? null }),
};

/** Reports where launches are to be added that nothing adds. */
function mayResolve({ call, values }: ReadCall, { has, diagnostics }: ReadContext): boolean {
  const [resolve, extra] = [Number(values['resolve']), Number(values['extra-launches'])];
  if (extra > 0 && resolve === 0) {
    diagnostics.error(call.span, `throughput: extra-launches needs resolve, got ${extra}`, 'resolve: 2%');
    return false;
  }
  if (resolve > 0 && has('strategy')) {
    diagnostics.error(call.span, `throughput: a search repeats networks itself, got resolve: ${resolve}`);
    return false;
  }
  return true;
}
