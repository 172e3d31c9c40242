/** `sample all | random(…) | balanced(…)`: the members of the space that the experiment takes. */
import type { Architecture } from '../../architecture/architecture.js';
import { canonicalJson } from '../../util/canonical-json.js';
import { UserError } from '../../util/errors.js';
import type { ParamValues } from '../../util/params.js';
import { type Arms, distinctNetworks } from './ablation/ablation.js';
import { readArms } from './ablation-arms.js';
import { readCall } from './read-terms.js';
import { sampleTable } from './sample-table.js';
import { callDocs, callTables, type ReadContext, type Setting } from './setting.js';
import { spaceSetting } from './space-setting.js';
import { strategySetting } from './strategy-setting.js';

export interface Sample {
  /** Distinct, in the order in which they are measured. */
  readonly architectures: readonly Architecture[];
  /** The call that drew them; undefined where a command passed the architectures. */
  readonly call: { readonly name: string; readonly values: ParamValues } | undefined;
  /** Of an ablation, whose networks are its arms. */
  readonly arms?: Arms;
}

export const sampleSetting: Setting<Sample> = {
  keyword: 'sample',
  summary: `members of the space: ${Object.keys(sampleTable).join(', ')}`,
  example: 'sample  balanced(symmetric: 4, asymmetric: 4, seed: 1)',
  reference: 'Required without `strategy`. The same seed draws the same members.',
  calls: callTables(sampleTable),
  callDocs: callDocs(sampleTable),
  read(source, context) {
    const { file, diagnostics, architectures: passed } = context;
    if (passed) return { architectures: passed, call: undefined };
    if (context.get(strategySetting)) return { architectures: [], call: undefined };
    if (!source && context.has(strategySetting.keyword)) return undefined; // its error is reported
    if (context.has('factors')) return armSample(context);
    if (!source)
      return diagnostics.error(
        file.nameSpan,
        'an experiment needs a sample, got none',
        sampleSetting.example,
      );
    const read = readCall(source, callTables(sampleTable), diagnostics);
    const space = context.get(spaceSetting);
    if (!read || !space) return undefined;
    try {
      const architectures = sampleTable[read.call.name]!.draw(space, read.values);
      if (architectures.length === 0)
        return diagnostics.error(read.call.span, 'sample must draw at least one member, got none');
      return { architectures, call: { name: read.call.name, values: read.values } };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return diagnostics.error(read.call.span, error.message, error.fix);
    }
  },
  meaning: (sample) => ({
    sample: sample?.call ?? sample?.architectures.map((architecture) => canonicalJson(architecture)),
  }),
};

/** The distinct networks of an ablation. */
function armSample(context: ReadContext): Sample | undefined {
  const arms = readArms(context);
  return arms && { architectures: distinctNetworks(arms.arms), call: { name: 'arms', values: {} }, arms };
}
