/** Writes an experiment as a folder that a Python with torch runs without the lab. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Architecture } from '../../architecture/architecture.js';
import { architectureId, canonicalText } from '../../architecture/canonical.js';
import type { Dataset, ImageSet } from '../../data/dataset.js';
import { splitRecord } from '../../data/images/image-set.js';
import { pytorchModule } from '../../export/pytorch/network-module.js';
import { toTorch, type WeightForm, weightForms } from '../../export/pytorch/weight-names.js';
import { networkCost } from '../../network/network-cost.js';
import { leastBytes } from '../../profile/candidate/least-bytes.js';
import { anchorNetwork } from '../../profile/session/anchor-network.js';
import { initialWeights } from '../../runtime/initial-weights.js';
import { taskOptions } from '../../runtime/pytorch/pytorch-training.js';
import { isDecayed } from '../../runtime/weight-decay.js';
import { packageVersion } from '../../setup/host/package-version.js';
import { startSeed } from '../../train/earlier-training.js';
import { batchOptions, trainingOptions } from '../../train/loop/training-options.js';
import type { Recipe } from '../../train/recipe/recipe.js';
import { atFidelity } from '../../train/recipe/training-fidelity.js';
import { encodeTensors } from '../../train/weights/safetensors.js';
import { UserError } from '../../util/errors.js';
import type { Experiment } from '../experiment.js';
import { type Plan, type PlannedJob, planExperiment } from '../plan.js';
import { openData } from '../run/check-data.js';
import { type BundleJob, type BundlePlan, bundleFormat, bundleVersion, planName } from './bundle-plan.js';
import { assertBundled, assertBundledData } from './bundle-problem.js';
import { bundleReadme } from './bundle-readme.js';

/** Seed of the weights of networks that are timed, as in the lab's own profiles. */
const profileSeed = 1;
const workerSources = join(import.meta.dirname, '../../runtime/python-worker/python');
const ownSources = join(import.meta.dirname, 'python');

/** What a bundle would hold. */
export interface BundleContent {
  readonly plan: Plan;
  readonly jobs: readonly { readonly job: PlannedJob; readonly training?: TrainedJob }[];
}

interface TrainedJob {
  readonly architecture: Architecture;
  readonly recipe: Recipe;
}

/** @throws UserError naming the settings that cannot be bundled */
export function planBundle(experiment: Experiment, createdAt: string): BundleContent {
  const plan = planExperiment(experiment, createdAt);
  const jobs = plan.jobs.map((job) => {
    if (job.kind !== 'train') return { job };
    const recipe = experiment.train!.recipe;
    const training = job.fidelity
      ? atFidelity(job.architecture, recipe, job.fidelity)
      : { architecture: job.architecture, recipe };
    return { job, training };
  });
  assertBundled(
    experiment,
    jobs.flatMap(({ training }) => (training ? [training.recipe] : [])),
  );
  return { plan, jobs };
}

/**
 * Writes the folder; it appears whole or not at all.
 * @throws UserError where it exists, a setting cannot be bundled, or the data does not fit
 */
export async function writeBundle(
  experiment: Experiment,
  folder: string,
  createdAt: string,
): Promise<{ readonly plan: BundlePlan; readonly bytes: number }> {
  if (existsSync(folder))
    throw new UserError(`${folder}: a bundle is written to a new folder, got one that exists`, {
      fix: '--out names another',
    });
  const content = planBundle(experiment, createdAt);
  const dataset = await openData(experiment);
  if (dataset) assertBundledData(dataset);
  const writer = new BundleWriter(`${folder}.new`);
  try {
    const plan = await writer.write(experiment, content, dataset);
    renameSync(writer.folder, folder);
    return { plan, bytes: writer.bytes };
  } catch (error) {
    rmSync(writer.folder, { recursive: true, force: true });
    throw error;
  }
}

class BundleWriter {
  bytes = 0;
  private readonly files: Record<string, string> = {};
  private readonly networks: BundlePlan['networks'] = {};

  constructor(readonly folder: string) {
    rmSync(folder, { recursive: true, force: true });
  }

  async write(
    experiment: Experiment,
    { plan, jobs }: BundleContent,
    dataset: Dataset | undefined,
  ): Promise<BundlePlan> {
    const { profile, workers, runtime } = experiment;
    const anchor = profile?.anchor ? architectureId(anchorNetwork) : null;
    if (anchor !== null) this.profiled(anchorNetwork);
    const bundled = jobs.map(({ job, training }) =>
      training ? this.trainJob(job, training) : this.profileJob(job),
    );
    for (const [from, to] of [
      [workerSources, 'python'],
      [ownSources, 'python'],
    ] as const)
      this.sources(from, to);
    const value: BundlePlan = {
      format: bundleFormat,
      version: bundleVersion,
      stagecraft: packageVersion(),
      experiment: plan.experiment,
      architectures: [...new Map(plan.architectures.map((row) => [row.id, row])).values()],
      networks: this.networks,
      runtime: {
        execution: runtime.execution === 'auto' ? 'eager' : runtime.execution,
        precision: runtime.precision ?? null,
        device: runtime.device ?? 'auto',
        channelsLast: runtime.channelsLast === true,
        cudaGraphs: runtime.cudaGraphs === true,
      },
      profileThreads: profile ? profile.threads : workers.threads,
      profile: profile ? { batches: [...profile.batches], anchor, protocol: profile.protocol } : null,
      training: dataset ? { threads: workers.threads } : null,
      data: dataset ? await this.data(dataset) : null,
      jobs: bundled,
      files: { ...this.files },
    };
    this.add(planName, Buffer.from(JSON.stringify(value)));
    this.add('README.md', Buffer.from(bundleReadme(value)));
    return value;
  }

  private profileJob(job: PlannedJob): BundleJob {
    return jobOf(job, 'profile', this.profiled(job.architecture));
  }

  private trainJob(job: PlannedJob, { architecture, recipe }: TrainedJob): BundleJob {
    const { replicate: seed } = job;
    const network = this.network(architecture);
    const { precision: _, execution: _unused, ...options } = trainingOptions(recipe, 'eager', seed);
    return {
      ...jobOf(job, 'train', network),
      weights: this.weights(architecture, startSeed({ recipe, seed, execution: 'eager' }, recipe)),
      recipe,
      batches: batchOptions(recipe, seed),
      options: { ...options, task: taskOptions(architecture) },
    };
  }

  /** The network with weights to be timed. @returns its id */
  private profiled(architecture: Architecture): string {
    const id = this.network(architecture);
    this.networks[id]!['profileWeights'] ??= this.weights(architecture, profileSeed);
    return id;
  }

  /** @returns its id */
  private network(architecture: Architecture): string {
    const id = architectureId(architecture);
    if (this.networks[id]) return id;
    const { height, width, channels } = architecture.input;
    const source = `networks/${id}.py`;
    this.add(source, Buffer.from(pytorchModule(architecture)));
    const weightBytes = leastBytes(architecture, 0, 4);
    this.networks[id] = {
      source,
      text: canonicalText(architecture),
      input: [height, width, channels],
      macs: networkCost(architecture).total.macs,
      bytesPerPass: [weightBytes, leastBytes(architecture, 1, 4) - weightBytes],
      weights: weightForms(architecture).map(({ name, path, shape, trainable }) => ({
        name,
        trainable,
        decays: isDecayed(path, shape),
      })),
    };
    return id;
  }

  /** Initial weights of a seed. @returns their file */
  private weights(architecture: Architecture, seed: number): string {
    const file = `networks/${architectureId(architecture)}-${seed}.safetensors`;
    if (this.files[file] !== undefined) return file;
    const forms: readonly WeightForm[] = weightForms(architecture);
    const values = initialWeights(forms, seed);
    const tensors = new Map(
      forms.map((form) => [
        form.name,
        { shape: form.torchShape, values: toTorch(form, values.get(form.path)!), trainable: form.trainable },
      ]),
    );
    this.add(file, encodeTensors({ tensors, metadata: { format: 'pt' } }));
    return file;
  }

  private async data(dataset: Dataset): Promise<NonNullable<BundlePlan['data']>> {
    const { name, hash, classes, mean, std, train, validation } = dataset;
    const { height, width, channels } = train;
    return {
      name,
      hash,
      classes: [...classes],
      mean: [...mean],
      std: [...std],
      ...{ height, width, channels },
      train: this.split('train', train),
      validation: this.split('validation', validation),
      test: dataset.test ? { ...splitRecord('test', await dataset.test()) } : null,
    };
  }

  private split(split: 'train' | 'validation', set: ImageSet): { count: number; hash: string } {
    const [pixels, labels] = [`data/${split}-pixels.bin`, `data/${split}-labels.bin`];
    this.add(pixels, set.pixels);
    const numbers = Int32Array.from(set.labels);
    this.add(labels, new Uint8Array(numbers.buffer));
    const { count, hash } = splitRecord(split, set);
    return { count, hash, ...{ pixels, labels } };
  }

  /** Copies Python sources; `run.py` goes to the top. */
  private sources(from: string, to: string): void {
    for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.py')) continue;
      const file = join(entry.parentPath, entry.name);
      const own = relative(from, file).split(sep).join('/');
      this.add(own === 'run.py' ? own : `${to}/${own}`, readFileSync(file));
    }
  }

  private add(path: string, bytes: Uint8Array): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    this.bytes += bytes.length;
    this.files[path] = createHash('sha256').update(bytes).digest('hex');
  }
}

const jobOf = (
  { id, architectureId: architecture, layout, replicate, settings, anchorCopy }: PlannedJob,
  kind: BundleJob['kind'],
  network: string,
): BundleJob => ({
  ...{ id, kind, architecture, network, layout, replicate, settings },
  ...(anchorCopy !== undefined && { anchorCopy }),
});
