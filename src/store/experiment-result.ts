/**
 * The result of an experiment as analysis, report and explore read it: one candidate per architecture, with
 * its measurements under one device key. Readers never see SQL rows.
 */

import type { Architecture } from '../architecture/architecture.js';
import type { Symmetry } from '../architecture/layout.js';
import type { SplitRecord } from '../data/dataset.js';
import type { BatchProfile } from '../profile/profile-result.js';
import type { DeviceKey } from '../runtime/runtime.js';
import type { Fidelity } from '../train/recipe/training-fidelity.js';
import type { ClassReport, EpochRow } from '../train/train-result.js';
import type { Estimate } from '../util/statistics/interval.js';
import type { AnchorBias, Resolution } from '../util/statistics/resolution.js';
import type { AblationArm, AblationPlan } from './ablation-plan.js';
import type { DamagedRow } from './damage/damaged-row.js';

/** Class reports with more classes stay in the database. */
export const maxReportedClasses = 100;

export interface CandidateResult {
  readonly architectureId: string;
  /** Name of the arm of an ablation, e.g. `C = mbconv`. */
  readonly arm?: string;
  /** e.g. `CC-CCCT-CCTT-CTTT`. */
  readonly layout: string;
  readonly architecture: Architecture;
  readonly symmetry: Symmetry;
  readonly params: number;
  /** Multiply-accumulates of one image. */
  readonly macs: number;
  /** Peak live activation bytes of one image in float32, inferred. */
  readonly activationBytes: number;
  /** One entry per batch size, pooled over launches; `launches` are the single ones. */
  readonly profiles: readonly (BatchProfile & {
    readonly launches: readonly BatchProfile[];
    readonly coldStartMs: number;
  })[];
  /**
   * Finished trainings, one per seed. Scores are fractions, absent where the task has none; top-1 of a
   * segmentation counts pixels.
   */
  readonly scores: readonly {
    readonly seed: number;
    readonly top1?: number;
    readonly loss?: number;
    readonly curve: readonly EpochRow[];
    readonly seconds: number;
    readonly top5?: number;
    readonly miou?: number;
    /** Of at most `maxReportedClasses` classes. */
    readonly classReport?: ClassReport;
    /** The final weights, relative to the database's folder. */
    readonly weightsFile?: string;
    /** The score on the test split. */
    readonly test?: {
      readonly loss?: number;
      readonly top1?: number;
      readonly top5?: number;
      readonly miou?: number;
      readonly count: number;
      readonly at: string;
    };
  }[];
  /** Trainings that early stopping ended; they have no score. */
  readonly stopped?: readonly {
    readonly seed: number;
    readonly reason: string;
    readonly curve: readonly EpochRow[];
    readonly seconds: number;
  }[];
  /** Zero-cost scores, the latest of each measure; `value` is absent where `reason` explains why. */
  readonly zeroCost?: readonly {
    readonly measure: string;
    readonly value?: number;
    readonly reason: string;
    readonly seconds: number;
  }[];
  /** Finished trainings at reduced fidelities; scores as in `scores`. */
  readonly cheap?: readonly {
    readonly fidelity: Fidelity;
    readonly seed: number;
    readonly top1?: number;
    readonly loss?: number;
    readonly miou?: number;
    readonly seconds: number;
  }[];
  /**
   * Means over seeds; the intervals hold the seed variance pooled over the experiment's networks, that of
   * top-1 the images' too. Unknown where no network has two seeds; absent where early stopping ended a seed.
   */
  readonly top1?: Estimate;
  readonly miou?: Estimate;
  readonly loss?: Estimate;
  readonly failures: readonly {
    readonly job: 'profile' | 'train';
    readonly status: string;
    readonly reason: string;
    readonly batch?: number;
    readonly seed?: number;
  }[];
}

/** What the launches of a run resolve at one batch size. */
export interface BatchResolution extends Resolution {
  readonly batch: number;
  readonly networks: number;
  /** Comparison of the two copies of the anchor network; absent where they were not measured. */
  readonly anchors?: AnchorBias;
}

/** The time of a network at a batch size. */
export interface NetworkTime {
  readonly architectureId: string;
  readonly batch: number;
  readonly stepMs: Estimate;
}

/** A device that does not run the search, and the times that its networks have there. */
export interface ElsewhereDevice {
  readonly id: string;
  readonly key: DeviceKey;
  readonly times: readonly {
    readonly architectureId: string;
    /** Objective, such as `latency@1`. */
    readonly quantity: string;
    /** In the unit of the objective. */
    readonly value: number;
    readonly source: 'measured' | 'predicted';
  }[];
}

export interface SearchResult {
  readonly answered: number;
  /** Devices of its setting `devices`; absent: none. */
  readonly elsewhere?: readonly ElsewhereDevice[];
}

export interface ExperimentResult {
  /** `objectives` as written in the experiment, e.g. `['miou', 'images-per-second@16']`. */
  readonly experiment: {
    readonly id: string;
    readonly name: string;
    readonly text: string;
    readonly spaceText: string;
    readonly createdAt: string;
    readonly objectives: readonly string[];
  };
  /** Answers of its search; absent where networks are not searched for. */
  readonly search?: SearchResult;
  readonly device: { readonly id: string; readonly key: DeviceKey };
  /** Other device keys of this experiment's sessions, and the times that its networks have under them. */
  readonly otherDevices: readonly {
    readonly id: string;
    readonly key: DeviceKey;
    readonly times?: readonly NetworkTime[];
  }[];
  readonly spaceCount: string;
  readonly datasetName: string;
  readonly datasetHash: string;
  readonly splits?: readonly SplitRecord[];
  readonly protocol: Readonly<Record<string, unknown>>;
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, number | string>>;
  /** What the run resolves, per batch size; empty where its launches are too few to say. */
  readonly resolutions: readonly BatchResolution[];
  /** Declared relative difference of two times below which networks count as the same; default 0.01. */
  readonly relevance: number;
  /** The frozen plan of an ablation; its arms are the candidates, in order. */
  readonly ablation?: {
    readonly plan: AblationPlan;
    readonly planHash: string;
    readonly frozenAt: string;
    readonly arms: readonly AblationArm[];
  };
  readonly jobs: { readonly planned: number; readonly done: number; readonly failed: number };
  readonly candidates: readonly CandidateResult[];
  /** Rows of the database that are damaged, and left out of all others. Absent: none. */
  readonly damaged?: readonly DamagedRow[];
}
