/** `plan.json` of a bundle: what its Python reads, and what an import checks. */
import { z } from 'zod';
import { architectureId, parseArchitecture } from '../../architecture/canonical.js';
import { standardProtocol } from '../../profile/protocol/protocol.js';
import { canonicalJson, textHash } from '../../util/canonical-json.js';
import { UserError } from '../../util/errors.js';

export const bundleFormat = 'stagecraft-bundle';
export const bundleVersion = 1;
export const planName = 'plan.json';
export const resultsName = 'results.jsonl';

const text = z.string();
const id = z.string().regex(/^[0-9a-f]{12,64}$/);
const count = z.int().min(0);
const path = z.string().regex(/^[\w./-]+$/);

const experimentForm = z.strictObject({
  id,
  name: text,
  text,
  space_text: text,
  space_count: z.string().regex(/^\d+$/),
  dataset_name: text,
  created_at: z.iso.datetime(),
  objectives: text,
  protocol: text,
  recipe: text,
});

const architectureForm = z.strictObject({
  id,
  text,
  layout: text,
  symmetry: z.enum(['symmetric', 'asymmetric']),
  params: z.number(),
  macs: z.number(),
  activation_bytes: z.number(),
});

const jobForm = z.looseObject({
  id,
  kind: z.enum(['profile', 'train']),
  /** The network of the trial; `network` is what runs, which a fidelity may narrow. */
  architecture: id,
  network: id,
  layout: text,
  replicate: count,
  /** Canonical JSON that the id covers. */
  settings: text,
  anchorCopy: z.int().exactOptional(),
});

const networkForm = z.looseObject({
  source: path,
  /** Canonical text of the architecture. */
  text,
  input: z.tuple([count, count, count]),
  macs: z.number(),
  /** Least bytes in float32: of the weights, and of the maps of one image. */
  bytesPerPass: z.tuple([z.number(), z.number()]),
});

const splitForm = z.looseObject({ count, hash: text });
const dataForm = z.looseObject({
  name: text,
  hash: text,
  classes: z.array(text),
  mean: z.array(z.number()),
  std: z.array(z.number()),
  train: splitForm,
  validation: splitForm,
  /** SHA-256 of the test split, which is not in the bundle. */
  test: splitForm.nullable(),
});

const protocolForm = z.strictObject(
  Object.fromEntries(Object.keys(standardProtocol).map((name) => [name, z.number()])) as Record<
    keyof typeof standardProtocol,
    z.ZodNumber
  >,
);

const planForm = z.looseObject({
  format: z.literal(bundleFormat),
  version: z.literal(bundleVersion),
  stagecraft: text,
  experiment: experimentForm,
  architectures: z.array(architectureForm),
  networks: z.record(id, networkForm),
  runtime: z.looseObject({
    execution: z.enum(['eager', 'compiled']),
    channelsLast: z.boolean(),
    cudaGraphs: z.boolean(),
  }),
  profileThreads: count,
  profile: z
    .looseObject({ batches: z.array(z.int().min(1)).min(1), anchor: id.nullable(), protocol: protocolForm })
    .nullable(),
  training: z.looseObject({ threads: count }).nullable(),
  data: dataForm.nullable(),
  jobs: z.array(jobForm).min(1),
  /** SHA-256 by path, of every file but the plan and the README. */
  files: z.record(path, id),
});

export type BundlePlan = z.infer<typeof planForm>;
export type BundleJob = BundlePlan['jobs'][number];

/**
 * @param where names the file in errors
 * @throws UserError for what is no plan, one of a newer version, or one whose ids are not of its content
 */
export function parseBundlePlan(planText: string, where: string): BundlePlan {
  let value: unknown;
  try {
    value = JSON.parse(planText);
  } catch {
    throw new UserError(`${where}: must be JSON, got ${JSON.stringify(planText.slice(0, 40))}`);
  }
  const { format, version } = (value ?? {}) as { format?: unknown; version?: unknown };
  if (format !== bundleFormat)
    throw new UserError(`${where}: format must be "${bundleFormat}", got ${JSON.stringify(format ?? null)}`);
  if (version !== bundleVersion)
    throw new UserError(
      `${where}: version must be ${bundleVersion}, got ${JSON.stringify(version ?? null)}`,
      {
        fix: 'import with the version of stagecraft that wrote the bundle, or a newer one',
      },
    );
  const parsed = planForm.safeParse(value);
  if (!parsed.success) {
    const { path: at, message } = parsed.error.issues[0]!;
    throw new UserError(`${where}: ${at.map(String).join('.')}: ${message}`);
  }
  assertIds(parsed.data, where);
  return parsed.data;
}

/** Ids are hashes of what they name: results of a changed plan would stand beside those of the lab. */
function assertIds({ architectures, networks, jobs }: BundlePlan, where: string): void {
  for (const { id: own, text: canonical } of architectures) assertArchitecture(own, canonical, where);
  for (const [own, { text: canonical }] of Object.entries(networks))
    assertArchitecture(own, canonical, where);
  const known = new Set(architectures.map((each) => each.id));
  const seen = new Set<string>();
  for (const job of jobs) {
    const { kind, architecture, settings, replicate } = job;
    const expected = textHash(canonicalJson([kind, architecture, settings, replicate]), 16);
    if (job.id !== expected)
      throw new UserError(`${where}: the id of a job must be ${expected}, got ${job.id}`);
    if (!known.has(architecture) || networks[job.network] === undefined)
      throw new UserError(`${where}: job ${job.id} must be of a network of the plan, got ${architecture}`);
    if (seen.has(job.id)) throw new UserError(`${where}: a job must stand once, got ${job.id} again`);
    seen.add(job.id);
  }
}

function assertArchitecture(own: string, canonical: string, where: string): void {
  const found = architectureId(parseArchitecture(canonical, where));
  if (found !== own) throw new UserError(`${where}: the id of an architecture must be ${found}, got ${own}`);
}
