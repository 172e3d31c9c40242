/**
 * Several runs side by side: a run is one experiment under one device key, of any database. Networks are
 * matched by their canonical architecture. Fronts share a panel only where both axes may be compared: times
 * of one device key, scores of one data set and recipe. Nothing is ranked across device keys.
 */
import type { Symmetry } from '../../architecture/layout.js';
import type { CandidateResult, ExperimentResult } from '../../store/experiment-result.js';
import { canonicalJson } from '../../util/canonical-json.js';
import type { Estimate } from '../../util/statistics/interval.js';
import { tauInterval } from '../../util/statistics/kendall.js';
import { batchesOf, type Objective, objective } from '../objectives/objectives.js';
import { mainScore, type Score } from '../objectives/result-score.js';
import { type Front, frontOf } from '../pareto/pareto-front.js';
import { fewestRanked } from '../ranking/fidelity-ranks.js';

export interface ComparedRun {
  /** `A`, `B` …: names the run where there is no room for its label. */
  readonly key: string;
  /** Unique: the experiment's name, with device and file where these differ. */
  readonly label: string;
  readonly file: string;
  readonly result: ExperimentResult;
  readonly score: Score;
}

export interface ComparedNetwork {
  readonly id: string;
  readonly layout: string;
  readonly symmetry: Symmetry;
  /** By run: its result there, of an ablation that of the first arm with this network. */
  readonly results: readonly (CandidateResult | undefined)[];
}

/** Fronts of the runs whose values on both axes may be compared. */
export interface FrontPanel {
  readonly cost: Objective;
  readonly score: Score;
  /** Absent where the cost is counted, and the same on every device. */
  readonly device?: ExperimentResult['device'];
  readonly fronts: readonly { readonly run: number; readonly front: Front }[];
}

/** Rank correlation of one quantity over the networks that two runs share. */
export interface Agreement {
  readonly runs: readonly [number, number];
  readonly quantity: Objective;
  readonly tau: Estimate;
}

export interface RunComparison {
  readonly runs: readonly ComparedRun[];
  readonly networks: readonly ComparedNetwork[];
  readonly panels: readonly FrontPanel[];
  readonly agreements: readonly Agreement[];
}

export interface RunSource {
  readonly file: string;
  readonly result: ExperimentResult;
}

export function compareRuns(sources: readonly RunSource[]): RunComparison {
  const labels = labelsOf(sources);
  const runs = sources.map(({ file, result }, index) => ({
    key: keyOf(index),
    file,
    result,
    label: labels[index]!,
    score: mainScore(result),
  }));
  const networks = matchedNetworks(runs);
  return { runs, networks, panels: panelsOf(runs), agreements: agreementsOf(runs, networks) };
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const keyOf = (run: number): string => letters[run] ?? `R${run + 1}`;

/** The shortest names that differ: experiment, then device, then file, then a number. */
function labelsOf(sources: readonly RunSource[]): string[] {
  const parts = sources.map(({ file, result: { experiment, device } }) => [
    experiment.name,
    `${device.key.device} (${device.id.slice(0, 6)})`,
    file,
  ]);
  const used = [0, 1, 2].filter((part) => part === 0 || new Set(parts.map((each) => each[part])).size > 1);
  const texts = parts.map((each) => used.map((part) => each[part]).join(', '));
  return texts.map((text, index) => {
    const before = texts.slice(0, index).filter((each) => each === text).length;
    return before === 0 ? text : `${text} (${before + 1})`;
  });
}

/** Networks of any run, in the order of the first run that has each. */
function matchedNetworks(runs: readonly ComparedRun[]): ComparedNetwork[] {
  const found = new Map<string, { first: CandidateResult; results: (CandidateResult | undefined)[] }>();
  runs.forEach(({ result }, run) => {
    for (const candidate of result.candidates) {
      const known = found.get(candidate.architectureId);
      const entry = known ?? { first: candidate, results: runs.map(() => undefined) };
      if (!known) found.set(candidate.architectureId, entry);
      entry.results[run] ??= candidate;
    }
  });
  return [...found].map(([id, { first, results }]) => ({
    id,
    layout: first.layout,
    symmetry: first.symmetry,
    results,
  }));
}

/** Scores may be compared where quantity, data and recipe are the same. */
const scoreBasis = ({ result, score }: ComparedRun): string =>
  [score.id, result.datasetHash, canonicalJson(result.recipe)].join('\n');

/** Throughput at every batch size by device key, then MACs; costs in the order of the first run. */
function panelsOf(runs: readonly ComparedRun[]): FrontPanel[] {
  const panels = new Map<
    string,
    { panel: Omit<FrontPanel, 'fronts'>; fronts: FrontPanel['fronts'][number][] }
  >();
  const add = (run: number, cost: Objective, isMeasured: boolean): void => {
    const { result, score } = runs[run]!;
    const front = frontOf(result.candidates, cost, score);
    if (front.points.length === 0) return;
    const key = [cost.id, isMeasured ? result.device.id : '', scoreBasis(runs[run]!)].join('\n');
    const panel = { cost, score, ...(isMeasured && { device: result.device }) };
    const entry = panels.get(key) ?? { panel, fronts: [] };
    panels.set(key, entry);
    entry.fronts.push({ run, front });
  };
  const batches = [...new Set(runs.flatMap(({ result }) => batchesOf(result)))].sort((a, b) => a - b);
  for (const batch of batches)
    for (const run of runs.keys()) add(run, objective('images-per-second', batch), true);
  for (const run of runs.keys()) add(run, objective('macs'), false);
  return [...panels.values()].map(({ panel, fronts }) => ({ ...panel, fronts }));
}

/** Of the score and of every throughput that two runs have of at least five networks. */
function agreementsOf(runs: readonly ComparedRun[], networks: readonly ComparedNetwork[]): Agreement[] {
  return runs.flatMap((first, a) =>
    runs.slice(a + 1).flatMap((second, offset) => {
      const b = a + 1 + offset;
      const batches = batchesOf(first.result).filter((batch) => batchesOf(second.result).includes(batch));
      const quantities = [
        ...(first.score.id === second.score.id ? [first.score] : []),
        ...batches.map((batch) => objective('images-per-second', batch)),
      ];
      return quantities.flatMap((quantity): Agreement[] => {
        const pairs = networks.flatMap(({ results }) => {
          const [x, y] = [results[a], results[b]].map((each) => each && quantity.read(each)?.value);
          return x !== undefined && y !== undefined && Number.isFinite(x + y) ? [[x, y] as const] : [];
        });
        if (pairs.length < fewestRanked) return [];
        const tau = tauInterval(
          pairs.map(([x]) => x),
          pairs.map(([, y]) => y),
        );
        return [{ runs: [a, b], quantity, tau }];
      });
    }),
  );
}
