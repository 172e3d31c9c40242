/**
 * What a plan can tell before it is run: the smallest differences between kinds of layouts, between two
 * networks and between times that it finds, from the scatter of layouts, seeds and launches. Cohen,
 * Statistical Power Analysis for the Behavioral Sciences, 1988, chapter 2; the critical values are Student's.
 */
import { mean, sampleVariance } from 'simple-statistics';
import type { ExperimentResult } from '../../store/experiment-result.js';
import { studentQuantile } from '../../util/statistics/student.js';
import type { Score } from '../objectives/result-score.js';
import { seedNoiseOf } from './comparable.js';
import { fewestOfAKind } from './symmetry-comparison.js';

/** Share of repeated runs that find a difference of the stated size, at a level of 5 %. */
export const statedPower = 0.8;

export interface PowerPlan {
  readonly symmetric: number;
  readonly asymmetric: number;
  readonly unmixed: number;
  /** Of each network; 0 where nothing is trained. */
  readonly seeds: number;
  /** Of each network; 0 where nothing is measured. */
  readonly launches: number;
}

/** Standard deviations; of scores as stored. */
export interface Scatter {
  /** Between networks of one kind, seeds apart. */
  readonly layouts: number;
  /** Between seeds of one network. */
  readonly seeds: number;
  /** Of the log time of one network in one launch, network and launch apart. */
  readonly launches: number;
}

/**
 * Defaults for top-1 and times: ten layouts of `search-spaces/ascan-cpu.space` with two seeds, trained for
 * four epochs on 4,000 images of motif, and launches on a machine without other work
 * (`docs/benchmarks.md`, "Scatter of a small sweep").
 */
export const defaultScatter: Scatter = { layouts: 0.09, seeds: 0.055, launches: 0.011 };

/** Differences that the plan finds in 80 % of runs; a part is absent where the plan does not compare it. */
export interface PowerCheck {
  /** Of the means of both kinds; `tooFew` where a kind has fewer layouts than a comparison takes. */
  readonly kinds?: { readonly difference: number } | { readonly tooFew: true };
  /** Of two networks' scores; undefined with one seed, whose scatter the run itself cannot know. */
  readonly networks?: number;
  /** Relative, of two networks' times: the resolution to expect. */
  readonly times?: number;
}

export function powerCheck(plan: PowerPlan, scatter: Scatter): PowerCheck {
  const { symmetric, asymmetric, unmixed, seeds, launches } = plan;
  const networks = symmetric + asymmetric + unmixed;
  const factor = (freedom: number): number =>
    studentQuantile(0.975, Math.min(freedom, 1e6)) + studentQuantile(statedPower, Math.min(freedom, 1e6));
  const variance = scatter.layouts ** 2 + scatter.seeds ** 2 / Math.max(1, seeds);
  const compared = Math.min(symmetric, asymmetric) >= fewestOfAKind;
  const difference =
    factor(Math.min(symmetric, asymmetric) - 1) * Math.sqrt(variance * (1 / symmetric + 1 / asymmetric));
  const seedFreedom = networks * (seeds - 1);
  const launchFreedom = (networks + 1) * (launches - 1); // with the two copies of the anchor network
  return {
    ...(seeds === 0 ? {} : { kinds: compared ? { difference } : { tooFew: true } }),
    ...(seedFreedom > 0 ? { networks: factor(seedFreedom) * scatter.seeds * Math.sqrt(2 / seeds) } : {}),
    ...(launchFreedom > 0
      ? {
          times: Math.expm1(
            studentQuantile(0.975, launchFreedom) * scatter.launches * Math.sqrt(2 / launches),
          ),
        }
      : {}),
  };
}

/** The scatter that a stored result measured; parts that it cannot tell are absent. */
export function measuredScatter(
  result: Pick<ExperimentResult, 'candidates' | 'resolutions'>,
  score: Score,
): Partial<Scatter> {
  const noise = seedNoiseOf(result, score);
  const layouts = layoutDeviation(result, score, noise?.variance ?? 0);
  const launches = Math.max(0, ...result.resolutions.map(({ residual }) => residual));
  return {
    ...(noise && noise.variance > 0 ? { seeds: Math.sqrt(noise.variance) } : {}),
    ...(layouts === undefined ? {} : { layouts }),
    ...(launches > 0 ? { launches } : {}),
  };
}

/** Pooled within the two kinds, less what seeds explain; undefined with fewer than two networks of each. */
function layoutDeviation(
  { candidates }: Pick<ExperimentResult, 'candidates'>,
  score: Score,
  seedVariance: number,
): number | undefined {
  let [squares, freedom] = [0, 0];
  const seeds: number[] = [];
  for (const kind of ['symmetric', 'asymmetric'] as const) {
    const scored = candidates.filter((each) => each.symmetry === kind && score.read(each));
    if (scored.length < 2) return undefined;
    squares += sampleVariance(scored.map((each) => score.read(each)!.value)) * (scored.length - 1);
    freedom += scored.length - 1;
    seeds.push(...scored.map((each) => Math.max(1, each.scores.length)));
  }
  return Math.sqrt(Math.max(0, squares / freedom - seedVariance / mean(seeds)));
}
