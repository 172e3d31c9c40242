/** Results as CSV: one line per architecture, units in the column names, empty cells for missing values. */
import { stringify } from 'csv-stringify/sync';
import { mean } from 'simple-statistics';
import { batchesOf } from '../analysis/objectives/objectives.js';
import type { CandidateResult, ExperimentResult } from '../store/experiment-result.js';

/** A score over seeds; its bounds are empty where the scatter is unknown. */
function overSeeds(
  name: 'top1' | 'miou' | 'loss',
  candidate: CandidateResult,
): Record<string, number | undefined> {
  const at = candidate[name];
  const bounds = at?.unknown ? undefined : at;
  return { [name]: at?.value, [`${name}_low`]: bounds?.low, [`${name}_high`]: bounds?.high };
}

/** Mean over the seeds with a test score. */
function overTests(name: 'top1' | 'miou' | 'loss', { scores }: CandidateResult): number | undefined {
  const values = scores.flatMap(({ test }) => test?.[name] ?? []);
  return values.length === 0 ? undefined : mean(values);
}

/** Text that a spreadsheet would read as a formula gets a leading apostrophe. */
export function resultsCsv(result: ExperimentResult): string {
  const batches = batchesOf(result);
  const rows = result.candidates.map((candidate) => ({
    architecture_id: candidate.architectureId,
    ...(candidate.arm !== undefined && { arm: candidate.arm }),
    layout: candidate.layout,
    symmetry: candidate.symmetry,
    params: candidate.params,
    macs: candidate.macs,
    activation_bytes: candidate.activationBytes,
    ...overSeeds('top1', candidate),
    ...overSeeds('miou', candidate),
    ...overSeeds('loss', candidate),
    seeds: candidate.scores.length,
    ...Object.fromEntries(
      batches.flatMap((batch) => {
        const profile = candidate.profiles.find((each) => each.batch === batch);
        return Object.entries({
          status: profile?.status,
          images_per_second: profile?.imagesPerSecond?.value,
          images_per_second_low: profile?.imagesPerSecond?.low,
          images_per_second_high: profile?.imagesPerSecond?.high,
          latency_ms_p50: profile?.latencyMs?.p50,
          latency_ms_p90: profile?.latencyMs?.p90,
          latency_ms_p99: profile?.latencyMs?.p99,
          peak_bytes: profile?.peakBytes,
          launches: profile?.launches.length,
          flags: profile?.flags.join(' '),
        }).map(([name, value]) => [`batch${batch}_${name}`, value]);
      }),
    ),
    test_images: candidate.scores.flatMap(({ test }) => test?.count ?? [])[0],
    ...Object.fromEntries(
      (['top1', 'miou', 'loss'] as const).map((name) => [`test_${name}`, overTests(name, candidate)]),
    ),
    failures: candidate.failures
      .map((failure) => `${failure.job}: ${failure.status} ${failure.reason}`.trim())
      .join('; '),
    device_id: result.device.id,
  }));
  return stringify(rows, { header: true, escape_formulas: true, record_delimiter: 'unix' });
}
