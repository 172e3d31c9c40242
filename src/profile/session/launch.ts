/**
 * One launch of an interleaved session: every candidate in a child of its own, held warm beside an anchor
 * network in the same child. Turns come in a freshly shuffled order round after round, so that drift falls on
 * all alike; in its turn a child times a few pairs of blocks, network and anchor. Two further children hold
 * the anchor as if it were a candidate: they are the A/A control.
 */

import type { Architecture } from '../../architecture/architecture.js';
import type { Failure } from '../../runtime/child/failure.js';
import { type JobHandle, type JobOptions, startJob } from '../../runtime/child/job.js';
import { type ComputeOptions, computeOf } from '../../runtime/compute.js';
import type { DeviceKey, Execution, RuntimeId } from '../../runtime/runtime.js';
import type { InterruptedError } from '../../util/errors.js';
import type { Random } from '../../util/random.js';
import type { Protocol } from '../protocol/protocol.js';
import { type SessionCommand, type SessionMessage, type SessionRequest, sessionJob } from './session-work.js';

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
  /** Up to so many while measuring has taken less time than loading and warming up did; default `rounds`. */
  readonly mostRounds?: number;
  /** Pairs of blocks, network and anchor, in each turn; default 10. */
  readonly pairsPerTurn?: number;
}

/**
 * What one child timed, round after round: its network and the anchor beside it, `[rounds · pairs]`,
 * milliseconds per pass.
 */
export interface Rounds {
  readonly stepMs: readonly number[];
  readonly anchorMs: readonly number[];
}

/** What a launch leaves: pair p of any two networks was taken in the same round. */
export interface LaunchRecord {
  readonly batch: number;
  readonly deviceKey: DeviceKey | undefined;
  /** By candidate name; who failed is not among them. */
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
 * Runs one launch. A network that fails leaves with its reason and the others go on.
 * @param random draws the order of blocks in each round
 * @throws InterruptedError when `signal` aborts
 */
export async function runLaunch(
  plan: LaunchPlan,
  random: Random,
  hooks: SessionHooks = {},
): Promise<LaunchRecord> {
  // The order of starting is drawn too: what a process owes to its turn becomes scatter between launches,
  // which is counted.
  const seats = random.shuffled([
    ...plan.candidates.map(({ name, architecture }) => ({ name, architecture })),
    ...controlNames.map((name) => ({ name, architecture: plan.anchor })),
  ]);
  const failures: Record<string, Failure> = {};
  let deviceKey: DeviceKey | undefined;
  const players: LaunchChild[] = [];
  const start = performance.now();
  try {
    // One after the other, so that nobody's first run is disturbed; then all warm up again in turn, since the
    // first have cooled.
    for (const { name, architecture } of seats) {
      hooks.onProgress?.({ phase: 'load', name, round: 0, rounds: plan.rounds });
      const player = new LaunchChild(
        name,
        {
          architecture,
          anchor: plan.anchor,
          runtime: plan.runtime,
          execution: plan.execution,
          threads: plan.threads,
          batch: plan.batch,
          protocol: plan.protocol,
          ...computeOf(plan),
        },
        hooks,
      );
      players.push(player);
      deviceKey = (await player.built()) ?? deviceKey;
    }
    for (const player of players) {
      hooks.onProgress?.({ phase: 'warm-up', name: player.name, round: 0, rounds: plan.rounds });
      await player.ask({ type: 'warm' });
    }
    const rounds = new Map(
      players.map(({ name }) => [name, { stepMs: [] as number[], anchorMs: [] as number[] }]),
    );
    const loadedMs = performance.now();
    const another = (round: number): boolean =>
      round <= plan.rounds ||
      (round <= (plan.mostRounds ?? 0) && performance.now() - loadedMs < loadedMs - start);
    for (let round = 1; another(round); round++) {
      for (const player of random.shuffled(players.filter(({ failure }) => failure === undefined))) {
        hooks.onProgress?.({
          phase: 'measure',
          name: player.name,
          round,
          rounds: Math.max(round, plan.rounds),
        });
        const said = await player.ask({
          type: 'turn',
          pairs: plan.pairsPerTurn ?? 10,
          seed: random.integer(2 ** 31),
        });
        if (said?.type !== 'turn') continue;
        rounds.get(player.name)!.stepMs.push(...said.stepMs);
        rounds.get(player.name)!.anchorMs.push(...said.anchorMs);
      }
    }
    for (const player of players) if (player.failure !== undefined) failures[player.name] = player.failure;
    // A network that failed midway has no whole row of rounds: it is out, with its reason.
    const of = (name: string): Rounds =>
      name in failures ? { stepMs: [], anchorMs: [] } : rounds.get(name)!;
    return {
      batch: plan.batch,
      deviceKey,
      failures,
      networks: Object.fromEntries(
        plan.candidates.filter(({ name }) => !(name in failures)).map(({ name }) => [name, of(name)]),
      ),
      control: [of(controlNames[0]), of(controlNames[1])],
    };
  } finally {
    await Promise.all(players.map((player) => player.leave()));
  }
}

/** Names of the two controls in progress and failures. */
export const controlNames = ['control', 'control again'] as const;

/** One child of the launch, asked one thing at a time. */
class LaunchChild {
  failure: Failure | undefined;
  readonly #child: JobHandle<SessionCommand>;
  readonly #end: Promise<void>;
  #interrupted: InterruptedError | undefined;
  #wake: (() => void) | undefined;
  #said: SessionMessage[] = [];
  #over = false;

  constructor(
    readonly name: string,
    request: SessionRequest,
    hooks: SessionHooks,
  ) {
    const receive = (message: SessionMessage): void => {
      this.#said.push(message);
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
        this.#over = true;
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
    const said = await this.#next();
    this.#child.rest();
    return said;
  }

  async leave(): Promise<void> {
    this.#child.finish();
    await this.#end;
  }

  /** The next message; undefined where the child failed or ended instead. */
  async #next(): Promise<SessionMessage | undefined> {
    while (this.#said.length === 0 && !this.#over)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    const said = this.#said.shift();
    if (this.#interrupted !== undefined) throw this.#interrupted;
    if (said === undefined) this.failure ??= { status: 'failed', reason: 'child: ended without an answer' };
    return this.failure === undefined ? said : undefined;
  }
}
