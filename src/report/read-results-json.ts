/** Reads `results.json` of a report back. The file comes from outside: its form is checked. */
import { z } from 'zod';
import { architectureForm } from '../architecture/canonical.js';
import { symmetryKinds } from '../architecture/layout.js';
import { ablationPlanForm } from '../store/ablation-plan.js';
import { deviceKeyForm } from '../store/damage/json-forms.js';
import type { ExperimentResult } from '../store/experiment-result.js';
import { UserError } from '../util/errors.js';
import { readTextFile } from '../util/read-text-file.js';

/** Infinite bounds and losses that diverged included. */
const number = z.custom<number>((value) => typeof value === 'number', 'must be a number');
const estimateForm = z.looseObject({ value: number, low: number, high: number });
const batchForm = z.looseObject({
  batch: number,
  status: z.string(),
  reason: z.string(),
  flags: z.array(z.string()),
  stepMs: estimateForm.optional(),
  imagesPerSecond: estimateForm.optional(),
  anchorRatio: estimateForm.optional(),
  latencyMs: z.looseObject({ p50: number, p90: number, p99: number }).optional(),
});
const curveForm = z.array(z.looseObject({ epoch: number, seconds: number }));
const candidateForm = z.looseObject({
  architectureId: z.string(),
  arm: z.string().optional(),
  layout: z.string(),
  architecture: architectureForm,
  symmetry: z.enum(symmetryKinds),
  params: number,
  macs: number,
  activationBytes: number,
  profiles: z.array(batchForm.extend({ launches: z.array(batchForm) })),
  scores: z.array(z.looseObject({ seed: number, seconds: number, curve: curveForm })),
  stopped: z.array(z.looseObject({ seed: number, curve: curveForm })).optional(),
  top1: estimateForm.optional(),
  miou: estimateForm.optional(),
  loss: estimateForm.optional(),
  failures: z.array(z.looseObject({ job: z.enum(['profile', 'train']), status: z.string() })),
});
const armForm = z.looseObject({
  name: z.string(),
  levels: z.array(number),
  architectureId: z.string(),
  settings: z.string(),
});
const resultForm = z.looseObject({
  experiment: z.looseObject({
    id: z.string(),
    name: z.string(),
    text: z.string(),
    spaceText: z.string(),
    createdAt: z.string(),
    objectives: z.array(z.string()),
  }),
  device: z.looseObject({ id: z.string(), key: deviceKeyForm }),
  datasetName: z.string(),
  datasetHash: z.string(),
  environment: z.record(z.string(), z.union([number, z.string()])),
  relevance: number,
  resolutions: z.array(
    z.looseObject({ batch: number, relative: number, residual: number, freedom: number, launches: number }),
  ),
  ablation: z.looseObject({ plan: ablationPlanForm, arms: z.array(armForm) }).optional(),
  candidates: z.array(candidateForm),
});

/** What JSON has no number for: it writes infinite bounds and losses that diverged as null. */
const missingNumbers: Readonly<Record<string, number>> = {
  low: Number.NEGATIVE_INFINITY,
  high: Number.POSITIVE_INFINITY,
  trainLoss: Number.NaN,
  validationLoss: Number.NaN,
  gradientNorm: Number.NaN,
};

/**
 * @throws UserError where the file is missing, is no result, or holds summaries of a large one
 * @example readResultsJson('reports/quickstart/results.json').experiment.name // 'quickstart'
 */
export function readResultsJson(file: string): ExperimentResult {
  const wrong = (what: string): UserError =>
    new UserError(`${file}: must be the results.json of a report, got ${what}`, {
      fix: 'name the folder of a report, its results.json or its database',
    });
  let value: unknown;
  try {
    value = JSON.parse(readTextFile(file), (name, each: unknown) =>
      each === null && Object.hasOwn(missingNumbers, name) ? missingNumbers[name] : each,
    );
  } catch (error) {
    throw error instanceof SyntaxError ? wrong('a text that is no JSON') : error;
  }
  if (typeof value === 'object' && value !== null && 'leftOut' in value)
    throw new UserError(`${file}: holds summaries, since the result has many networks`, {
      fix: 'name the database instead',
    });
  const parsed = resultForm.safeParse(value);
  if (parsed.success) return parsed.data as unknown as ExperimentResult;
  const { path, message } = parsed.error.issues[0]!;
  throw wrong(`at ${path.map(String).join('.') || 'the top'}: ${message.toLowerCase()}`);
}
