/**
 * Compares forward pass and training step with PyTorch: the same network and weights, equal outputs; eager,
 * channels-last and torch.compile. Each side runs at its best thread count per cell, interleaved in one
 * session. Expect gains of 1.1 to 1.6. Makes its own Python environment on the first run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceKey, Precision } from '../../src/runtime/runtime.js';
import { seededRandom } from '../../src/util/random.js';
import { quantile } from '../../src/util/statistics/order-statistics.js';
import type { Bench } from '../benchmark.js';
import { ms } from '../runtime/compiled-graph.js';
import { engineWorker, pythonWithTorch, settle, torchWorker, type Worker } from './workers.js';

const modes = ['eager', 'channels-last', 'compile'] as const;

interface Candidate {
  readonly side: 'stagecraft' | 'pytorch';
  readonly label: string;
  readonly threads: number;
  readonly name: string;
  readonly worker: Worker;
  passes: number;
  readonly samples: number[];
}
type Answer<T> = T & { readonly error?: string };

export const pytorchBench = {
  summary:
    'forward and training step against PyTorch (eager, channels-last, torch.compile), same weights, equal outputs',
  needsEngine: true,
  onlyByName: true,
  async run({ threads, quick, note }) {
    const folder = mkdtempSync(join(tmpdir(), 'stagecraft-bench-'));
    const counts = [...new Set([1, threads])];
    const torch = torchWorker(pythonWithTorch(note));
    const engines = new Map<number, Worker>();
    try {
      for (const count of counts) engines.set(count, await engineWorker(count));
      const file = join(folder, 'weights');
      const ours = await engines
        .get(threads)!
        .ask<{ parameters: number; key: DeviceKey }>({ do: 'weights', file });
      for (const engine of engines.values())
        if (engine !== engines.get(threads)) await engine.ask({ do: 'weights', file: join(folder, 'same') });
      const theirs = await torch.ask<Answer<{ torch: string; parameters: number }>>({ do: 'load', file });
      if (theirs.error || theirs.parameters !== ours.parameters)
        throw new Error(
          `bench: the networks differ: ${theirs.error ?? `${ours.parameters} and ${theirs.parameters} parameters`}`,
        );
      const agreement = await compareLogits(engines.get(threads)!, torch, threads);
      const tables = [];
      for (const precision of quick ? (['float32'] as const) : (['float32', 'bfloat16'] as const)) {
        const rows: string[][] = [];
        for (const step of ['forward', 'training'] as const) {
          for (const batch of quick ? [1, 16] : [1, 16, 64]) {
            note(`${precision} ${step}, batch ${batch}`);
            rows.push(await cell(torch, engines, step, batch, precision, quick, note));
          }
        }
        tables.push({
          title: `Against PyTorch, ${precision}${precision === 'bfloat16' ? ' compute' : ''}`,
          columns: [
            'step',
            'batch',
            'stagecraft ms',
            'threads',
            ...modes.map((mode) => `${mode} ms`),
            'fastest (threads)',
            'gain',
            '10–90 % of rounds',
          ],
          rows,
          notes: [
            `${ours.key.device}, up to ${threads} threads, ${ours.key.runtimeVersion}; PyTorch ${theirs.torch}`,
            `logits of both sides agree to ${agreement.toExponential(1)} of their largest (float32)`,
            "gain: time of PyTorch's fastest mode over ours, median of interleaved rounds; above 1 we are ahead",
          ],
        });
      }
      return tables;
    } finally {
      torch.end();
      for (const engine of engines.values()) engine.end();
      rmSync(folder, { recursive: true, force: true });
    }
  },
} as const satisfies Bench;

/**
 * Largest difference of logits relative to the largest logit. @throws where the outputs are not equal to
 * float tolerance
 */
async function compareLogits(engine: Worker, torch: Worker, threads: number): Promise<number> {
  const random = seededRandom('images');
  const images = Array.from({ length: 4 * 32 * 32 * 3 }, () => random.normal());
  await engine.ask({ do: 'prepare', name: 'check', batch: 4, step: 'forward', precision: 'float32' });
  await torch.ask({
    do: 'prepare',
    name: 'check',
    mode: 'eager',
    batch: 4,
    step: 'forward',
    threads,
    precision: 'float32',
  });
  const [a, b] = await Promise.all(
    [engine, torch].map((worker) =>
      worker.ask<Answer<{ logits: number[] }>>({ do: 'logits', name: 'check', images }),
    ),
  );
  const largest = Math.max(...b!.logits.map(Math.abs));
  const difference =
    Math.max(...a!.logits.map((value, index) => Math.abs(value - b!.logits[index]!))) / largest;
  if (!(difference < 1e-4))
    throw new Error(`bench: equal outputs are needed, got a difference of ${difference}`);
  await engine.ask({ do: 'drop', name: 'check' });
  await torch.ask({ do: 'drop', name: 'check' });
  return difference;
}

async function cell(
  torch: Worker,
  engines: ReadonlyMap<number, Worker>,
  step: 'forward' | 'training',
  batch: number,
  precision: Precision,
  quick: boolean,
  note: (line: string) => void,
): Promise<string[]> {
  const screened = new Map<string, Candidate & { screen: number }>();
  const failures = new Map<string, string>();
  for (const [threads, engine] of engines) {
    for (const [side, label, worker] of [
      ['stagecraft', 'stagecraft', engine] as const,
      ...modes.map((mode) => ['pytorch', mode, torch] as const),
    ]) {
      const name = `${label} ${threads}`;
      note(`${precision} ${step}, batch ${batch}: ${name} threads`);
      const prepared = await worker.ask<Answer<{ firstMs: number }>>({
        do: 'prepare',
        name,
        batch,
        step,
        precision,
        ...(side === 'pytorch' ? { mode: label, threads } : {}),
      });
      if (prepared.error) {
        failures.set(label, prepared.error);
        continue;
      }
      await worker.ask({ do: 'time', name, passes: 3 });
      const { ms: screen } = await worker.ask<{ ms: number }>({ do: 'time', name, passes: 5 });
      const known = screened.get(label);
      const slower = known && known.screen <= screen ? { worker, name } : known;
      if (slower) await slower.worker.ask({ do: 'drop', name: slower.name });
      if (!known || known.screen > screen)
        screened.set(label, {
          side,
          label,
          threads,
          name,
          worker,
          screen,
          passes: Math.max(1, Math.ceil((quick ? 100 : 300) / screen)),
          samples: [],
        });
    }
  }
  const candidates = [...screened.values()];
  for (let round = 0; round < (quick ? 5 : 11); round++) {
    for (const candidate of seededRandom(`${step} ${batch} ${round}`).shuffled(candidates)) {
      await settle();
      await candidate.worker.ask({ do: 'time', name: candidate.name, passes: 1 }); // wakes caches and threads
      candidate.samples.push(
        (
          await candidate.worker.ask<{ ms: number }>({
            do: 'time',
            name: candidate.name,
            passes: candidate.passes,
          })
        ).ms,
      );
    }
  }
  for (const { worker, name } of candidates) await worker.ask({ do: 'drop', name });
  const us = screened.get('stagecraft');
  const best = candidates
    .filter(({ side }) => side === 'pytorch')
    .sort((a, b) => quantile(a.samples, 0.5) - quantile(b.samples, 0.5))[0];
  const shown = modes.map((mode) =>
    screened.has(mode) ? ms(screened.get(mode)!.samples) : `failed: ${failures.get(mode)}`,
  );
  if (!us || !best)
    return [
      step,
      String(batch),
      us ? ms(us.samples) : `failed: ${failures.get('stagecraft')}`,
      String(us?.threads ?? ''),
      ...shown,
      best?.label ?? '',
      '',
      '',
    ];
  const ratios = us.samples.map((value, round) => best.samples[round]! / value);
  return [
    step,
    String(batch),
    ms(us.samples),
    String(us.threads),
    ...shown,
    `${best.label} (${best.threads})`,
    `${quantile(ratios, 0.5).toFixed(2)}×`,
    `${quantile(ratios, 0.1).toFixed(2)}–${quantile(ratios, 0.9).toFixed(2)}`,
  ];
}
