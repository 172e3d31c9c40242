/**
 * Kendall's tau of scores by inherited weights against stand-alone trainings, over members of ascan-cpu that
 * are drawn evenly: one supernet, and two seeds of each member for itself, whose own agreement
 * bounds what any ranking can reach. Some ten minutes on two cores.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Architecture } from '../../src/architecture/architecture.js';
import { layoutOf } from '../../src/architecture/layout.js';
import { extremeMember } from '../../src/space/inspect/covering-members.js';
import { loadSpace } from '../../src/space/load.js';
import { completeRecipe } from '../../src/train/recipe/recipe-table.js';
import { trainInChild } from '../../src/train/run-train.js';
import { InheritedScorer } from '../../src/train/supernet/inherited-scorer.js';
import type { TrainResult } from '../../src/train/train-result.js';
import { seededRandom } from '../../src/util/random.js';
import { tauInterval } from '../../src/util/statistics/kendall.js';
import type { Bench, BenchOptions } from '../benchmark.js';

interface Size {
  readonly members: number;
  readonly images: number;
  readonly epochs: number;
  readonly supernetEpochs: number;
}
const whole: Size = { members: 10, images: 2000, epochs: 3, supernetEpochs: 20 };
const small: Size = { members: 5, images: 320, epochs: 1, supernetEpochs: 1 };

const space = loadSpace(resolve(import.meta.dirname, '../../search-spaces/ascan-cpu.space'));
/** The default of `strategy supernet`. */
const paths = 'sandwich';
const runtime = { runtime: 'tensorflow', threads: 1 } as const;
const dataset = ({ images }: Size) => ({
  name: 'motif',
  args: { train: images, validation: Math.min(images, 1000), seed: 1 },
  baseFolder: '/',
});

/** Runs the jobs, as many at a time as there are cores. */
async function sideBySide(jobs: readonly (() => Promise<void>)[]): Promise<void> {
  const queue = jobs.values();
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      for (const job of queue) await job();
    }),
  );
}

function finished(result: TrainResult): TrainResult {
  if (result.status !== 'ok') throw new Error(`supernet bench: ${result.status}: ${result.reason}`);
  return result;
}

const imagesPerSecond = ({ epochs }: TrainResult): string => epochs.at(-1)!.imagesPerSecond.toFixed(0);

const trainSupernet = (folder: string, size: Size): Promise<TrainResult> =>
  trainInChild({
    ...runtime,
    architecture: extremeMember(space, 'most'),
    supernet: { space: { text: space.text, file: 'ascan-cpu.space', conditions: [] }, paths },
    dataset: dataset(size),
    recipe: completeRecipe('adamw', {
      epochs: size.supernetEpochs,
      batch: 64,
      accumulate: 4,
      'learning-rate': 1e-3,
    }),
    execution: 'eager',
    seed: 1,
    checkpointFile: join(folder, 'supernet.checkpoint'),
    weightsFile: join(folder, 'supernet.safetensors'),
  }).then(finished);

const trainAlone = (
  architecture: Architecture,
  seed: number,
  file: string,
  size: Size,
): Promise<TrainResult> =>
  trainInChild({
    ...runtime,
    architecture,
    dataset: dataset(size),
    recipe: completeRecipe('adamw', { epochs: size.epochs, batch: 32, 'learning-rate': 1e-3 }),
    execution: 'compiled',
    seed,
    checkpointFile: file,
  }).then(finished);

async function inheritedScores(
  members: readonly Architecture[],
  { weights }: TrainResult,
  size: Size,
): Promise<{ readonly top1: readonly number[]; readonly seconds: number }> {
  const scorer = new InheritedScorer({ ...runtime, supernet: weights!, dataset: dataset(size) });
  const scores = await Promise.all(members.map((member) => scorer.score(member)));
  await scorer.close();
  const ok = scores.flatMap((score) => ('reason' in score ? [] : [score]));
  if (ok.length < members.length) throw new Error(`supernet bench: ${JSON.stringify(scores)}`);
  return {
    top1: ok.map(({ top1 }) => top1!),
    seconds: ok.reduce((sum, { seconds }) => sum + seconds, 0) / ok.length,
  };
}

async function measure({ quick, note }: Pick<BenchOptions, 'quick' | 'note'>, folder: string) {
  const size = quick ? small : whole;
  const members = space.sampleDistinct(size.members, seededRandom('supernet bench'));
  const seeds = [1, 2];
  const alone = seeds.map(() => new Array<number>(members.length).fill(NaN));
  let supernet: TrainResult | undefined;
  let example: TrainResult | undefined;
  await sideBySide([
    async () => {
      supernet = await trainSupernet(folder, size);
      note(`supernet: ${imagesPerSecond(supernet)} images/s`);
    },
    ...members.flatMap((member, at) =>
      seeds.map((seed, index) => async () => {
        const result = await trainAlone(member, seed, join(folder, `${at}-${seed}`), size);
        alone[index]![at] = result.validationTop1!;
        example = result;
        note(`${layoutOf(member)} seed ${seed}: ${(100 * result.validationTop1!).toFixed(1)} %`);
      }),
    ),
  ]);
  return { size, members, alone, supernet: supernet!, example: example! };
}

const percent = (value: number): string => (100 * value).toFixed(1);

export const supernetBench = {
  summary:
    "Kendall's tau of scores by inherited weights against stand-alone trainings on ascan-cpu; ten minutes",
  needsEngine: true,
  onlyByName: true,
  async run({ quick, note }) {
    const folder = mkdtempSync(join(tmpdir(), 'stagecraft-supernet-'));
    try {
      const { size, members, alone, supernet, example } = await measure({ quick, note }, folder);
      const trained = members.map((_, at) => (alone[0]![at]! + alone[1]![at]!) / 2);
      const tauText = (a: readonly number[], b: readonly number[]): string => {
        const { value, low, high } = tauInterval(a, b);
        return `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
      };
      const { top1, seconds } = await inheritedScores(members, supernet, size);
      return [
        {
          title: 'inherited against stand-alone top-1',
          columns: ['scores', 'tau against stand-alone', 'top-1 %, lowest to highest', 'training, images/s'],
          rows: [
            [
              `supernet, ${paths}`,
              tauText(top1, trained),
              `${percent(Math.min(...top1))} to ${percent(Math.max(...top1))}`,
              `${imagesPerSecond(supernet)}, ${seconds.toFixed(1)} s a score`,
            ],
            [
              'stand-alone, seed 1 against seed 2',
              tauText(alone[0]!, alone[1]!),
              `${percent(Math.min(...trained))} to ${percent(Math.max(...trained))}`,
              `${imagesPerSecond(example)}, first step ${(example.firstStepMs / 1000).toFixed(1)} s`,
            ],
          ],
          notes: [
            `${members.length} members drawn evenly; ${size.images} images of motif, one core a training`,
            `stand-alone: ${size.epochs} epochs, batch 32, compiled, mean of two seeds`,
            `supernet: ${size.supernetEpochs} epochs, batch 64 in 4 members, eager`,
          ],
        },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
} as const satisfies Bench;
