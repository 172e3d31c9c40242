/** `hold equal(macs: 0.02)`: the costs at which an ablation compares. */
import type { ParamTable } from '../../util/params.js';
import type { Hold } from './ablation/equal-cost.js';
import { profileSetting } from './profile-setting.js';
import { assertAblation } from './question-setting.js';
import { readCall } from './read-terms.js';
import type { Setting } from './setting.js';

const tolerance = { kind: 'number', min: -1, max: 1, default: -1 } as const;

const equalParams = {
  params: { ...tolerance, doc: 'largest relative difference of parameters to the baseline; -1: free' },
  macs: { ...tolerance, doc: 'of MACs; -1: free' },
  latency: {
    ...tolerance,
    doc: 'of the measured time of a step; -1: free; reached by rounds of profiles before the first training',
  },
  batch: { kind: 'int', min: 1, max: 65_536, default: 1, doc: 'batch size at which latency is compared' },
  by: {
    kind: 'choice',
    oneOf: ['width', 'depth', 'nothing'],
    default: 'width',
    doc: 'what is scaled to reach the baseline: widths of stages, or their numbers of blocks',
  },
} as const satisfies ParamTable;

export const holdSetting: Setting<Hold> = {
  keyword: 'hold',
  summary: 'costs that an ablation holds equal: equal(macs: 0.02, params: 0.05, by: width)',
  example: 'hold  equal(macs: 0.02)',
  reference:
    'Default: nothing is held. Networks outside a tolerance are scaled; where none is within it, the ' +
    'experiment is refused. For latency, scaled networks are measured, at most 6 an arm; an arm that stays ' +
    'outside is not trained, and never compared.',
  calls: { equal: equalParams },
  read(source, context) {
    if (!source) return { by: 'nothing' };
    assertAblation(source, context);
    const { diagnostics } = context;
    const read = readCall(source, { equal: equalParams }, diagnostics);
    if (!read) return undefined;
    const { params, macs, latency, batch, by } = read.values as Record<string, number> & { by: Hold['by'] };
    const profile = context.get(profileSetting);
    if (latency! >= 0 && !profile?.batches.includes(batch!))
      return diagnostics.error(
        read.call.span,
        `hold: latency needs a profile at batch ${batch}, got ${profile?.batches.join(', ') ?? 'none'}`,
        profileSetting.example,
      );
    return {
      ...(params! >= 0 && { params: params! }),
      ...(macs! >= 0 && { macs: macs! }),
      ...(latency! >= 0 && { latency: latency!, batch: batch! }),
      by,
    };
  },
  meaning: (hold) => (hold && Object.keys(hold).length > 1 ? { hold } : {}),
};
