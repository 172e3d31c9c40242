/**
 * One launch of an interleaved session. Every candidate runs in its own child, warm, beside an anchor network
 * in the same child. Each round takes the children in a new random order, so that drift affects all equally;
 * in its turn a child times pairs of blocks, network and anchor. Two further children run the anchor as a
 * candidate: the A/A control.
 */

import type { Architecture } from '../../architecture/architecture.js';
import type { Failure } from '../../runtime/child/failure.js';
import { type JobHandle, type JobOptions, startJob } from '../../runtime/child/job.js';
import { type ComputeOptions, computeOf } from '../../runtime/compute.js';
import type { DeviceKey, Execution, RuntimeId } from '../../runtime/runtime.js';
import type { InterruptedError } from '../../util/errors.js';
import type { Random } from '../../util/random.js';
import type { Protocol } from '../protocol/protocol.js';
import { type SessionCommand, type SessionMessage, type SessionRequest, sessionJob } from './session-job.js';

export interface SessionCandidate {
  readonly name: string;
  readonly architecture: Architecture;
}

export interface LaunchPlan extends ComputeOptions {
  readonly candidates: readonly SessionCandidate[];
  readonly anchor: Architecture;
  readonly batch: number;
  readonly runtime: RuntimeId;
  readonly execution: Execution;
  readonly threads: number;
  readonly protocol: Protocol;
  /** Turns of each network. */
  readonly rounds: number;
  /**
   * Upper limit of rounds while measuring has taken less time than loading and warming up; default `rounds`.
   */
  readonly mostRounds?: number;
  /** Pairs of blocks, network and anchor, in each turn; default 10. */
  readonly pairsPerTurn?: number;
}

/**
 * Times of one child, round by round: its network and the anchor beside it, `[rounds · pairs]`, ms per pass.
 */
export interface Rounds {
  readonly stepMs: readonly number[];
  readonly anchorMs: readonly number[];
}

/** The result of a launch: pair p of any two networks was measured in the same round. */
export interface LaunchRecord {
  readonly batch: number;
  readonly deviceKey: DeviceKey | undefined;
  /** By candidate name, without those that failed. */
  readonly networks: Readonly<Record<string, Rounds>>;
  /** The anchor as a candidate, in two processes. */
  readonly control: readonly [Rounds, Rounds];
  readonly failures: Readonly<Record<string, Failure>>;
}

export interface SessionHooks extends JobOptions {
  onProgress?(progress: {
    readonly phase: 'load' | 'warm-up' | 'measure';
    readonly name: string;
    readonly round: number;
    readonly rounds: number;
  }): void;
}

/**
 * Runs one launch. A network that fails is left out with its reason.
 * @param random draws the order of blocks in each round
 * @throws InterruptedError when `signal` aborts
 */
export async function runLaunch(
  plan: LaunchPlan,
  random: Random,
  hooks: SessionHooks = {},
): Promise<LaunchRecord> {
  // The start order is random: its effect on a process becomes scatter between launches, which is counted.
  const networks = random.shuffled([
    ...plan.candidates.map(({ name, architecture }) => ({ name, architecture })),
    ...controlNames.map((name) => ({ name, architecture: plan.anchor })),
  ]);
  const children: LaunchChild[] = [];
  const start = performance.now();
  try {
    const deviceKey = await startChildren(plan, networks, children, hooks);
    const rounds = await measureRounds(plan, children, performance.now() - start, random, hooks);
    return launchRecord(plan, children, rounds, deviceKey);
  } finally {
    await Promise.all(children.map((child) => child.leave()));
  }
}

/**
 * Starts and warms up one child per network, added to `children` as it starts. They start one after the
 * other, so that no first run is disturbed; then all warm up again, since the first have cooled.
 */
async function startChildren(
  plan: LaunchPlan,
  networks: readonly SessionCandidate[],
  children: LaunchChild[],
  hooks: SessionHooks,
): Promise<DeviceKey | undefined> {
  const { anchor, runtime, execution, threads, batch, protocol, rounds } = plan;
  const common = { anchor, runtime, execution, threads, batch, protocol, ...computeOf(plan) };
  let deviceKey: DeviceKey | undefined;
  for (const { name, architecture } of networks) {
    hooks.onProgress?.({ phase: 'load', name, round: 0, rounds });
    const child = new LaunchChild(name, { architecture, ...common }, hooks);
    children.push(child);
    deviceKey = (await child.built()) ?? deviceKey;
  }
  for (const child of children) {
    hooks.onProgress?.({ phase: 'warm-up', name: child.name, round: 0, rounds });
    await child.ask({ type: 'warm' });
  }
  return deviceKey;
}

interface MutableRounds {
  readonly stepMs: number[];
  readonly anchorMs: number[];
}

/** Rounds in shuffled order, by network name. @param loadMs time that loading and warming up took */
async function measureRounds(
  plan: LaunchPlan,
  children: readonly LaunchChild[],
  loadMs: number,
  random: Random,
  hooks: SessionHooks,
): Promise<Map<string, Rounds>> {
  const rounds = new Map<string, MutableRounds>(
    children.map(({ name }) => [name, { stepMs: [], anchorMs: [] }]),
  );
  const start = performance.now();
  const hasNext = (round: number): boolean =>
    round <= plan.rounds || (round <= (plan.mostRounds ?? 0) && performance.now() - start < loadMs);
  for (let round = 1; hasNext(round); round++) {
    for (const child of random.shuffled(children.filter(({ failure }) => failure === undefined))) {
      const { name } = child;
      hooks.onProgress?.({ phase: 'measure', name, round, rounds: Math.max(round, plan.rounds) });
      const seed = random.integer(2 ** 31);
      const reply = await child.ask({ type: 'turn', pairs: plan.pairsPerTurn ?? 10, seed });
      if (reply?.type !== 'turn') continue;
      rounds.get(name)!.stepMs.push(...reply.stepMs);
      rounds.get(name)!.anchorMs.push(...reply.anchorMs);
    }
  }
  return rounds;
}

/** A network that failed midway has an incomplete set of rounds: it is left out, with its reason. */
function launchRecord(
  plan: LaunchPlan,
  children: readonly LaunchChild[],
  rounds: ReadonlyMap<string, Rounds>,
  deviceKey: DeviceKey | undefined,
): LaunchRecord {
  const failures: Record<string, Failure> = {};
  for (const { name, failure } of children) if (failure !== undefined) failures[name] = failure;
  const roundsOf = (name: string): Rounds =>
    name in failures ? { stepMs: [], anchorMs: [] } : rounds.get(name)!;
  return {
    batch: plan.batch,
    deviceKey,
    failures,
    networks: Object.fromEntries(
      plan.candidates.filter(({ name }) => !(name in failures)).map(({ name }) => [name, roundsOf(name)]),
    ),
    control: [roundsOf(controlNames[0]), roundsOf(controlNames[1])],
  };
}

/** Names of the two controls in progress and failures. */
export const controlNames = ['control', 'control again'] as const;

/** One child of the launch; one command at a time. */
class LaunchChild {
  failure: Failure | undefined;
  readonly #child: JobHandle<SessionCommand>;
  readonly #end: Promise<void>;
  #interrupted: InterruptedError | undefined;
  #wake: (() => void) | undefined;
  #messages: SessionMessage[] = [];
  #ended = false;

  constructor(
    readonly name: string,
    request: SessionRequest,
    hooks: SessionHooks,
  ) {
    const receive = (message: SessionMessage): void => {
      this.#messages.push(message);
      this.#wake?.();
    };
    const handlers = { opened: receive, built: receive, warm: receive, turn: receive };
    this.#child = startJob(sessionJob, request, handlers, hooks);
    this.#end = this.#child.ended
      .then(
        (failure) => {
          this.failure ??= failure;
        },
        (error: unknown) => {
          this.#interrupted = error as InterruptedError;
        },
      )
      .finally(() => {
        this.#ended = true;
        this.#wake?.();
      });
  }

  /** Waits until the network has run once. */
  async built(): Promise<DeviceKey | undefined> {
    const opened = await this.#next();
    const built = opened === undefined ? undefined : await this.#next();
    if (built !== undefined) this.#child.rest();
    return opened?.type === 'opened' ? opened.deviceKey : undefined;
  }

  async ask(command: SessionCommand): Promise<SessionMessage | undefined> {
    if (this.failure !== undefined) return undefined;
    this.#child.send(command);
    const message = await this.#next();
    this.#child.rest();
    return message;
  }

  async leave(): Promise<void> {
    this.#child.finish();
    await this.#end;
  }

  /** The next message; undefined where the child failed or ended instead. */
  async #next(): Promise<SessionMessage | undefined> {
    while (this.#messages.length === 0 && !this.#ended)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    const message = this.#messages.shift();
    if (this.#interrupted !== undefined) throw this.#interrupted;
    if (message === undefined)
      this.failure ??= { status: 'failed', reason: 'child: ended without an answer' };
    return this.failure === undefined ? message : undefined;
  }
}
