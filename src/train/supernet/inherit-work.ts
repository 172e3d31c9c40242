/** The work of a scoring child: slices members out of a supernet, calibrates their norms, evaluates them. */
import { loadDataset } from '../../data/dataset-table.js';
import type { JobWork } from '../../runtime/child/serve.js';
import { computeOf } from '../../runtime/compute.js';
import type { OpenRuntime } from '../../runtime/open-runtime.js';
import { UserError } from '../../util/errors.js';
import { evaluateSet } from '../evaluate/evaluate-set.js';
import type { InheritCommand, InheritMessage, InheritRequest } from './inherit-job.js';
import { openSupernet } from './open-supernet.js';
import { readSupernetFile } from './supernet-file.js';

const BATCH = 64;

export const inheritWork =
  (open: OpenRuntime): JobWork<InheritRequest, InheritMessage, InheritCommand> =>
  async ({ supernet: { file, sha256 }, dataset: call, runtime: id, threads, ...compute }, send, commands) => {
    const { weights, datasetHash, ...request } = readSupernetFile(file, sha256);
    const dataset = await loadDataset(call);
    if (dataset.hash !== datasetHash)
      throw new Error(
        `supernet: data must be what it was trained on (hash ${datasetHash.slice(0, 12)}), ` +
          `got ${dataset.hash.slice(0, 12)} in ${dataset.name}`,
      );
    const runtime = await open({ runtime: id, threads, ...computeOf(compute) });
    const supernet = await openSupernet(runtime, request, dataset, 0);
    supernet.writeWeights(weights);
    send({ type: 'opened', deviceKey: runtime.deviceKey('eager') });
    for await (const { architecture } of commands) {
      const start = performance.now();
      try {
        const member = await supernet.member(architecture);
        const pause = async (): Promise<void> => {};
        const { loss, top1, miou } = await evaluateSet(member, dataset.validation, dataset, BATCH, pause);
        member.dispose();
        const scores = { loss, ...(top1 !== undefined && { top1 }), ...(miou !== undefined && { miou }) };
        send({ type: 'scored', ...scores, seconds: (performance.now() - start) / 1000 });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        send({ type: 'refused', reason: error.message });
      }
    }
  };
