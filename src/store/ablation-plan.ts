/**
 * The plan of an ablation as it is stored before the first trial, and its arms. The hash of a plan covers the
 * question, the baseline, the factors, what is held equal, the design, the decision rule, data and recipe.
 */
import { z } from 'zod';

const fractionForm = z.number().min(0);

/** Settings of the plan that results are read by. */
export const ablationPlanForm = z.object({
  question: z.string(),
  /** Layout of the baseline. */
  baseline: z.string(),
  /** Levels by their texts, the baseline's first. */
  factors: z.array(z.object({ name: z.string(), levels: z.array(z.string()).min(2) })),
  design: z.object({
    kind: z.enum(['one-at-a-time', 'leave-one-out', 'full-factorial', 'fractional-factorial', 'path']),
    halvings: z.number().optional(),
    keep: z.enum(['supported', 'higher', 'all']).optional(),
  }),
  /** Largest relative difference to the baseline of what is held equal; absent: free. */
  hold: z.object({
    params: fractionForm.optional(),
    macs: fractionForm.optional(),
    latency: fractionForm.optional(),
    batch: z.number().optional(),
    by: z.enum(['width', 'depth', 'nothing']),
  }),
  rule: z.object({
    claim: z.enum(['better', 'worse', 'equal']),
    by: z.number(),
    of: z.enum(['all', 'any']),
    level: z.number(),
    looks: z.enum(['once', 'any-time']),
    effectVariance: z.number(),
  }),
  /** Objective that the rule judges, e.g. `top-1`. */
  response: z.string(),
  /** A paper's numbers by the names of arms; without a value: unknown. Not part of the hash. */
  published: z
    .array(
      z.object({
        arm: z.string(),
        metric: z.string(),
        source: z.string(),
        value: z.number().optional(),
      }),
    )
    .optional(),
  /** Hashes of data, recipe, seeds and networks, by name: what differs is named by them. */
  hashes: z.record(z.string(), z.string()),
});
export type AblationPlan = z.infer<typeof ablationPlanForm>;

export interface AblationArm {
  readonly name: string;
  /** Level of every factor, by index. */
  readonly levels: readonly number[];
  readonly architectureId: string;
  /** Canonical settings of its trainings; '' where nothing is trained. */
  readonly settings: string;
}
