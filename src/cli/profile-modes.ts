/** The other ways to profile: `--compare`, verdicts of interleaved sessions, and `--parts`, where a network's time goes. */
import { availableParallelism } from 'node:os';
import { significantText } from '../analysis/digits.js';
import type { Architecture } from '../architecture/architecture.js';
import { architectureId } from '../architecture/canonical.js';
import { layoutOf } from '../architecture/layout.js';
import { probeDevice, type Probe } from '../lab/probe.js';
import { anchorNetwork } from '../profile/anchor.js';
import { comparisonText } from '../profile/compare-text.js';
import { stageShares, type PartTime } from '../profile/prefixes.js';
import { standardProtocol } from '../profile/protocols.js';
import { partsInChild } from '../profile/run-parts.js';
import { runSession } from '../profile/run-session.js';
import { UserError } from '../util/errors.js';
import { seededRandom } from '../util/random.js';
import { deviceText } from './device-text.js';
import { table } from './format.js';
import { interruptible } from './interrupt.js';
import { jsonLine, print, type Io } from './io.js';

export interface ModeOptions {
  readonly batches: readonly number[];
  readonly launches: number;
  readonly threads: number;
  readonly runtime: string;
  readonly execution: string;
  readonly minutes: number;
  readonly noiseFloor: number;
  readonly json?: boolean;
}

/** Blocks of a session are short and its launches many: processes differ more than blocks do. */
const sessionProtocol = { ...standardProtocol, warmupCapMs: 1500, minBlockMs: 30 };
const rounds = 8;
/** Networks side by side; each is a process with its own copy of the engine. */
const together = 6;

async function probe({ runtime, execution, threads }: ModeOptions, signal: AbortSignal): Promise<Probe> {
  if (!['auto', 'tensorflow', 'wasm'].includes(runtime)) throw new UserError(`--runtime: must be auto, tensorflow or wasm, got ${JSON.stringify(runtime)}`);
  if (!['auto', 'compiled', 'eager'].includes(execution)) throw new UserError(`--execution: must be auto, compiled or eager, got ${JSON.stringify(execution)}`);
  return probeDevice({ runtime: runtime as Probe['runtime'] | 'auto', execution: execution as Probe['execution'] | 'auto', threads: threads || availableParallelism() }, signal);
}

/** A name per network: its layout, and where several share one, its id behind it. */
export function sessionNames(architectures: readonly Architecture[]): string[] {
  const layouts = architectures.map(layoutOf);
  const named = architectures.map((architecture, index) => layouts.filter((layout) => layout === layouts[index]).length > 1 ? `${layouts[index]} ${architectureId(architecture)}` : layouts[index]!);
  return named.map((name, index) => named.indexOf(name) === index ? name : `${name} again`); // the same network twice: the user's own A/A
}

export async function compare(architectures: readonly Architecture[], options: ModeOptions, io: Io): Promise<void> {
  if (architectures.length < 2) throw new UserError(`profile --compare: at least 2 networks are needed, got ${architectures.length}`, { fix: 'name a second one' });
  const names = sessionNames(architectures);
  if (new Set(names).size !== names.length) throw new UserError('profile --compare: a network may be named twice at most');
  await interruptible(async (signal) => {
    const { runtime, execution, deviceKey } = await probe(options, signal);
    io.stderr.write(`on ${deviceText(deviceKey)}\n`);
    for (const batch of options.batches) {
      const { verdict } = await runSession({
        candidates: architectures.map((architecture, index) => ({ name: names[index]!, architecture })), anchor: anchorNetwork, batch, runtime, execution,
        threads: deviceKey.threads, protocol: sessionProtocol, rounds, launches: options.launches, together,
        budgetMs: options.minutes * 60_000 / options.batches.length, comparison: { noiseFloor: options.noiseFloor },
      }, seededRandom(`compare/${batch}`), {
        signal,
        onVerdict: ({ pairs, control }, launches) => io.stderr.write(`batch ${batch}: ${launches} launches, ${pairs.filter((pair) => pair.comparison.verdict !== 'AMBIGUOUS').length} of ${pairs.length} pairs decided, control ${control.verdict}\n`),
      });
      if (!options.json) print(io, `${comparisonText(verdict)}\n`);
      else for (const { first, second, comparison, adjustedP, direct } of verdict.pairs) print(io, jsonLine({ batch, first, second, ...comparison, adjustedP, direct, void: verdict.void, control: verdict.control, launches: verdict.launches, deviceKey }));
    }
  });
}

export async function parts(architectures: readonly Architecture[], options: ModeOptions, io: Io): Promise<void> {
  await interruptible(async (signal) => {
    const { runtime, execution, deviceKey } = await probe(options, signal);
    io.stderr.write(`on ${deviceText(deviceKey)}\n`);
    for (const architecture of architectures) {
      for (const batch of options.batches) {
        const layout = layoutOf(architecture);
        const result = await partsInChild({ architecture, batch, runtime, execution, threads: deviceKey.threads, protocol: sessionProtocol, rounds: 20 }, {
          signal, onProgress: ({ phase, done, of }) => { if (done === 0) io.stderr.write(`${layout} batch ${batch}: ${phase === 'build' ? `building ${of} prefixes` : `timing them ${of} times`}\n`); },
        });
        if (result.parts === undefined) {
          if (options.json) print(io, jsonLine({ id: architectureId(architecture), layout, batch, ...result }));
          else print(io, `${layout} at batch ${batch}: ${result.status}: ${result.reason}\n`);
        } else if (options.json) print(io, jsonLine({ id: architectureId(architecture), layout, batch, parts: result.parts, stages: stageShares(result.parts), deviceKey }));
        else print(io, `${partsTable(layout, batch, result.parts, io)}\n`);
      }
    }
  });
}

export function partsTable(layout: string, batch: number, times: readonly PartTime[], io: Pick<Io, 'colours'>): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const bar = (share: number): string => '█'.repeat(Math.max(0, Math.round(40 * share)));
  return [
    `${layout} at batch ${batch}: time of each part in its place`,
    table([{ title: 'part' }, { title: '' }, { title: 'ms', align: 'right' }, { title: '±', align: 'right' }, { title: 'share', align: 'right' }, { title: '' }],
      times.map(({ name, letter, stepMs, share }) => [name, letter ?? '', significantText(stepMs.value), significantText((stepMs.high - stepMs.low) / 2), percent(share), bar(share)]), io.colours.dim),
    `by stage: ${stageShares(times).map(({ name, share }) => `${name} ${percent(share)}`).join(', ')}`,
  ].join('\n');
}
