/** The data of the page's script, embedded as JSON. Names are raw here; the page inserts them as text. */

import type { Score } from '../analysis/objectives/result-score.js';
import { mainScore } from '../analysis/objectives/result-score.js';
import { testOf } from '../analysis/objectives/test-split.js';
import type { Stage } from '../architecture/architecture.js';
import type { CandidateResult, ExperimentResult } from '../store/experiment-result.js';
import type { Estimate } from '../util/statistics/interval.js';
import { type FigureInfos, figureInfos, scriptFigures } from './figures/figure-table.js';
import type { StripStage } from './layout-strip.js';

export interface PageCandidate {
  readonly id: string;
  readonly layout: string;
  /** Of an ablation. */
  readonly arm?: string;
  readonly symmetry: CandidateResult['symmetry'];
  readonly stages: readonly StripStage[];
  readonly params: number;
  readonly macs: number;
  readonly activationBytes: number;
  readonly seeds: readonly {
    readonly seed: number;
    readonly score: number | null;
    readonly seconds: number;
    /** The score on the test split. */
    readonly test?: number;
  }[];
  readonly profiles: readonly {
    readonly batch: number;
    readonly status: string;
    readonly reason: string;
    readonly flags: readonly string[];
    readonly launches: number;
    readonly imagesPerSecond?: Estimate;
    readonly latencyMs?: { readonly p50: number; readonly p90: number; readonly p99: number };
    readonly peakBytes?: number;
    readonly baseBytes?: number;
    readonly buildMs?: number;
    readonly firstRunMs?: number;
  }[];
  readonly failures: CandidateResult['failures'];
}

export interface PageData {
  readonly candidates: readonly PageCandidate[];
  readonly figures: Partial<FigureInfos>;
}

/** @param infos data of the figures; the page's script gets those that it draws */
export function pageData(
  result: ExperimentResult,
  infos: Partial<FigureInfos> = figureInfos(result),
): PageData {
  const score = mainScore(result);
  return {
    candidates: result.candidates.map((candidate) => pageCandidate(candidate, score)),
    figures: Object.fromEntries(scriptFigures.flatMap((name) => (infos[name] ? [[name, infos[name]]] : []))),
  };
}

function pageCandidate(candidate: CandidateResult, score: Score): PageCandidate {
  const { architectureId: id, arm, layout, symmetry, params, macs, activationBytes, failures } = candidate;
  return {
    id,
    ...(arm !== undefined && { arm }),
    layout,
    symmetry,
    params,
    macs,
    activationBytes,
    failures,
    stages: candidate.architecture.stages.map(stripStage),
    seeds: candidate.scores.map((each) => {
      const test = testOf(score, each.test);
      return {
        seed: each.seed,
        score: score.ofSeed(each) ?? null,
        seconds: each.seconds,
        ...(test === undefined ? {} : { test }),
      };
    }),
    profiles: candidate.profiles.map(
      ({
        batch,
        status,
        reason,
        flags,
        launches,
        imagesPerSecond,
        latencyMs,
        peakBytes,
        baseBytes,
        buildMs,
        firstRunMs,
      }) => ({
        batch,
        status,
        reason,
        flags,
        launches: launches.length,
        ...(imagesPerSecond ? { imagesPerSecond: rounded(imagesPerSecond) } : {}),
        ...(latencyMs
          ? {
              latencyMs: {
                p50: sparse(latencyMs.p50),
                p90: sparse(latencyMs.p90),
                p99: sparse(latencyMs.p99),
              },
            }
          : {}),
        ...(peakBytes === undefined ? {} : { peakBytes }),
        ...(baseBytes === undefined ? {} : { baseBytes }),
        ...(buildMs === undefined ? {} : { buildMs: Math.round(buildMs) }),
        ...(firstRunMs === undefined ? {} : { firstRunMs: Math.round(firstRunMs) }),
      }),
    ),
  };
}

/** Of stages that networks share, made once. */
const strips = new WeakMap<Stage, StripStage>();

function stripStage(stage: Stage): StripStage {
  const found = strips.get(stage) ?? {
    width: stage.width,
    letters: stage.blocks.map((block) => block.letter),
  };
  strips.set(stage, found);
  return found;
}

const sparse = (value: number): number => Number(value.toPrecision(6));
const rounded = ({ value, low, high, samples }: Estimate): Estimate => ({
  value: sparse(value),
  low: sparse(low),
  high: sparse(high),
  samples,
});
