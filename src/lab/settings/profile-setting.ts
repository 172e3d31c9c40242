/** `profile throughput(…)`: measures throughput and latency per batch size. */
import type { Protocol } from '../../profile/protocol/protocol.js';
import { protocolFrom, protocolParams } from '../../profile/protocol/protocol.js';
import type { ParamTable } from '../../util/params.js';
import { readCall, readWholeNumbers } from './read-terms.js';
import type { Setting } from './setting.js';

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
  read(source, { diagnostics }) {
    if (!source) return undefined;
    const [first] = source.terms;
    const given = first?.kind === 'call' ? first.args.find((arg) => arg.name === 'batches') : undefined;
    const batches = given
      ? readWholeNumbers(given.value, 'batches', { min: 1, max: 65_536 }, diagnostics)
      : [1, 16, 64];
    const read = readCall(source, { throughput: throughputParams }, diagnostics, { others: ['batches'] });
    if (!read || !batches) return undefined;
    return {
      batches: [...batches].sort((a, b) => a - b),
      launches: Number(read.values.launches),
      threads: Number(read.values.threads),
      anchor: read.values.anchor === true,
      control: read.values.control !== false,
      protocol: protocolFrom(read.values),
    };
  },
  meaning: (profile) => ({ profile: profile ?? null }),
};
