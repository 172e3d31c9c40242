/**
 * Verifies a device: runs every block of the table on the runtime and on a reference, float32 on the CPU,
 * each in children, and compares. A child that dies costs the block that it ran; a new one does the rest.
 */
import { arch, availableParallelism, hostname, platform, totalmem } from 'node:os';
import { blocks } from '../../blocks/block-table.js';
import { type JobOptions, runJob } from '../../runtime/child/job.js';
import type { DeviceKey, Precision, RuntimeId } from '../../runtime/runtime.js';
import { locateEngine } from '../../setup/engine/locate-engine.js';
import { UserError } from '../../util/errors.js';
import { type ProbeRequest, probeDevice } from '../probe.js';
import type { BlockResults } from './block-results.js';
import { compareResults } from './compare-results.js';
import { type Check, hasPassed, type Verification, verificationVersion } from './verification.js';
import { decodeResults, type VerifyRequest, verifyJob } from './verify-job.js';
import { withoutPersonal } from './without-personal.js';

export interface VerifyHooks {
  readonly signal?: AbortSignal | undefined;
  /** What runs now, such as `compiled bfloat16 swin`. */
  onProgress?(what: string): void;
  /** Version of stagecraft, for the file. */
  readonly stagecraft: string;
  now(): Date;
  /** Blocks to run; default: the whole table. */
  readonly blocks?: readonly string[];
  /** Entry script of the device's child, for tests. */
  readonly entry?: string;
  /** Added to the environment of that child. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** More crashes than this, and the rest is not run. */
const mostRestarts = 8;

/** The reference is never the runtime under test: wasm beside TensorFlow, TensorFlow beside the others. */
function referenceFor(runtime: RuntimeId): RuntimeId {
  const hasEngine = locateEngine() !== undefined;
  if (runtime !== 'wasm' && (runtime === 'tensorflow' || !hasEngine)) return 'wasm';
  if (hasEngine) return 'tensorflow';
  throw new UserError('verify-device: the wasm runtime needs TensorFlow as its reference, got no engine', {
    fix: 'run `npx stagecraft setup`',
  });
}

/** On the CPU, with TensorFlow's own ops. */
const onProcessor = { CUDA_VISIBLE_DEVICES: '-1', STAGECRAFT_DEVICE: 'cpu' };

interface Run {
  readonly deviceKey: DeviceKey | undefined;
  readonly modes: readonly string[];
  readonly checks: readonly Check[];
}

/**
 * @throws UserError where the runtime cannot be opened; InterruptedError when `signal` aborts
 */
export async function verifyDevice(asked: ProbeRequest, hooks: VerifyHooks): Promise<Verification> {
  const started = hooks.now();
  const wanted = hooks.blocks ?? Object.keys(blocks);
  hooks.onProgress?.('opening the runtime');
  const probe = await probeDevice(asked, { signal: hooks.signal });
  const request = { ...asked, ...probe.compute };
  const reference = await referenceResults(referenceFor(probe.runtime), request.threads, wanted, hooks);
  const first = await runDevice({ ...request, runtime: probe.runtime }, wanted, reference.results, hooks, []);
  const runs = [first];
  // TF32 is a setting of the process: float32 of a GPU needs another one
  if (probe.deviceKey.kind === 'gpu' && !first.modes.some((mode) => mode.endsWith('float32')))
    runs.push(
      await runDevice(
        { ...request, runtime: probe.runtime, precision: 'float32', execution: 'compiled' },
        wanted,
        reference.results,
        hooks,
        ['memory', 'timing'],
      ),
    );
  const checks = runs.flatMap((run) => run.checks);
  return withoutPersonal(
    {
      format: 'stagecraft-verification',
      version: verificationVersion,
      createdAt: started.toISOString(),
      stagecraft: hooks.stagecraft,
      deviceKey: first.deviceKey ?? probe.deviceKey,
      modes: [...new Set(runs.flatMap(({ modes }) => modes))],
      reference: reference.text,
      host: {
        platform: platform(),
        arch: arch(),
        node: process.versions.node,
        cpus: availableParallelism(),
        memoryGiB: Math.round(totalmem() / 2 ** 30),
      },
      seconds: Math.round((hooks.now().getTime() - started.getTime()) / 1000),
      passed: hasPassed(checks),
      checks,
    },
    hostname(),
  );
}

type References = ReadonlyMap<string, BlockResults>;

async function referenceResults(
  runtime: RuntimeId,
  threads: number,
  wanted: readonly string[],
  { signal, onProgress }: VerifyHooks,
): Promise<{ readonly text: string; readonly results: References }> {
  const results = new Map<string, BlockResults>();
  let text: string = runtime;
  let problem: string | undefined;
  const failure = await runJob(
    verifyJob,
    { runtime, execution: 'eager', threads, kernels: 'off', role: 'reference', blocks: wanted, skip: [] },
    {
      opened: ({ deviceKey }) => {
        text = `${deviceKey.runtimeVersion}, ${deviceKey.kind} ${deviceKey.precision}`;
      },
      start: ({ what }) => onProgress?.(`reference ${runtime}: ${what}`),
      check() {},
      results: (message) => void results.set(message.block, decodeResults(message.results)),
      'failed-block': ({ block, reason }) => {
        problem ??= `${block}: ${reason}`;
      },
    },
    { signal, environment: onProcessor },
  );
  const cause = problem ?? failure?.reason;
  if (cause !== undefined)
    throw new Error(`verify-device: the reference (${runtime}) must run every block, got ${cause}`);
  return { text, results };
}

async function runDevice(
  request: ProbeRequest,
  wanted: readonly string[],
  references: References,
  { signal, entry, environment, onProgress }: VerifyHooks,
  left: readonly string[],
): Promise<Run> {
  const skip = [...left];
  const checks: Check[] = [];
  let [deviceKey, modes]: [DeviceKey | undefined, readonly string[]] = [undefined, []];
  const options: JobOptions = { signal, entry, environment };
  for (let restarts = 0; ; restarts++) {
    let current: string | undefined;
    const job: VerifyRequest = { ...request, role: 'device', blocks: wanted, skip };
    const failure = await runJob(
      verifyJob,
      job,
      {
        opened: (message) => ({ deviceKey, modes } = message),
        start: ({ what }) => {
          current = what;
          skip.push(what);
          onProgress?.(what);
        },
        check: ({ check }) => void checks.push(check),
        results: ({ block, mode, precision, results }) =>
          void checks.push(...compared(block, mode, precision, decodeResults(results), references)),
        'failed-block': ({ block, mode, reason }) => void checks.push(failed(block, mode, reason)),
      },
      options,
    );
    if (failure === undefined) return { deviceKey, modes, checks };
    checks.push(lost(current, failure.reason));
    if (current === undefined || restarts === mostRestarts) return { deviceKey, modes, checks };
  }
}

function compared(
  block: string,
  mode: string,
  precision: Precision,
  results: BlockResults,
  references: References,
): Check[] {
  return compareResults(block, mode, precision, results, references.get(block)!);
}

const failed = (name: string, mode: string, text: string): Check => ({
  group: 'forward',
  name,
  mode,
  outcome: 'failed',
  text,
});

/** The check of what a child died of; `what` is `MODE PRECISION BLOCK`, `timing` or `memory`. */
function lost(what: string | undefined, reason: string): Check {
  const words = (what ?? 'opening the runtime').split(' ');
  if (words[0] === 'timing' || words[0] === 'memory')
    return { group: words[0], name: words[0], outcome: 'failed', text: reason };
  return failed(words.slice(2).join(' ') || 'opening the runtime', words.slice(0, 2).join(' '), reason);
}
