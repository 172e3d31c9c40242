/** Verdicts between networks from interleaved sessions, refined while the time budget lasts. */
import type { Architecture } from '../../architecture/architecture.js';
import { architectureId } from '../../architecture/canonical.js';
import { layoutNames } from '../../architecture/layout-names.js';
import type { Probe } from '../../profile/probe.js';
import { anchorNetwork } from '../../profile/session/anchor-network.js';
import { firstGroups } from '../../profile/session/refinement.js';
import { type RunSessionHooks, runSession, type SessionResult } from '../../profile/session/run-session.js';
import { openStore } from '../../store/open-store.js';
import type { Store } from '../../store/store.js';
import { insertArchitecture } from '../../store/tables/architecture-table.js';
import { recordLaunch } from '../../store/tables/launch-table.js';
import { lockWriter } from '../../store/writer-lock.js';
import { UserError } from '../../util/errors.js';
import { seededRandom } from '../../util/random.js';
import { architectureRow } from '../plan.js';
import { sessionProtocol, sessionRounds } from './session-settings.js';

/** Networks side by side; each is a process with its own copy of the engine. */
const together = 6;

export interface Comparison {
  readonly architectures: readonly Architecture[];
  readonly batches: readonly number[];
  /** Launches that every network gets. */
  readonly launches: number;
  /** Time budget of all batch sizes together. */
  readonly minutes: number;
  /** Networks that differ by less count as the same; a fraction. */
  readonly relevance: number;
  /** Scores by architecture id, more is better: refinement then works near that front. */
  readonly scores: ReadonlyMap<string, number>;
  /** Database that keeps every launch; undefined: none. */
  readonly database: string | undefined;
}

/** The plan of one batch size, for its progress view. */
export interface BatchSession {
  readonly batch: number;
  readonly budgetMs: number;
  /** Launches that every network gets, all groups together. */
  readonly launches: number;
  readonly aim: number;
}

export interface ComparisonEvents {
  readonly signal: AbortSignal;
  /** Before each batch size. @returns hooks of its session */
  onBatch(session: BatchSession): Pick<RunSessionHooks, 'onProgress' | 'onVerdict'>;
  onVerdict(batch: number, verdict: SessionResult['verdict']): void;
}

/** A name per network: its layout, with the id appended where several share one. */
export function sessionNames(architectures: readonly Architecture[]): string[] {
  const named = layoutNames(architectures);
  // the same network twice is the user's own A/A test
  return named.map((name, index) => (named.indexOf(name) === index ? name : `${name} again`));
}

/** @throws UserError for fewer than two networks, or one named more than twice */
export function assertComparable(architectures: readonly Architecture[]): void {
  if (architectures.length < 2)
    throw new UserError(`profile --compare: at least 2 networks are needed, got ${architectures.length}`, {
      fix: 'name a second one',
    });
  const names = sessionNames(architectures);
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  if (repeated !== undefined)
    throw new UserError(
      'profile --compare: a network may be named twice at most, ' +
        `got ${JSON.stringify(repeated.replace(/ again$/, ''))} more often`,
    );
}

/**
 * @param openProbe opens the device; called with the database locked
 * @throws UserError where another process writes to the database; InterruptedError when the signal aborts
 */
export async function compareNetworks(
  comparison: Comparison,
  openProbe: () => Promise<Probe>,
  events: ComparisonEvents,
): Promise<void> {
  assertComparable(comparison.architectures);
  const { database } = comparison;
  if (database === undefined) return runSessions(comparison, undefined, await openProbe(), events);
  const lock = lockWriter(database);
  try {
    const store = openStore(database);
    try {
      for (const architecture of comparison.architectures)
        insertArchitecture(store, architectureRow(architecture));
      await runSessions(comparison, store, await openProbe(), events);
    } finally {
      store.close();
    }
  } finally {
    lock.release();
  }
}

async function runSessions(
  comparison: Comparison,
  store: Store | undefined,
  probe: Probe,
  events: ComparisonEvents,
): Promise<void> {
  const { architectures, batches, launches, minutes, relevance, scores } = comparison;
  const names = sessionNames(architectures);
  const ids = Object.fromEntries(names.map((name, index) => [name, architectureId(architectures[index]!)]));
  const session = new Date().toISOString();
  const budgetMs = (minutes * 60_000) / batches.length;
  const scoreByName = new Map(
    names.flatMap((name) => {
      const score = scores.get(ids[name]!);
      return score === undefined ? [] : [[name, score] as const];
    }),
  );
  for (const batch of batches) {
    const everyLaunch = launches * firstGroups(names, { together }).length;
    const hooks = events.onBatch({ batch, budgetMs, launches: everyLaunch, aim: relevance });
    const { verdict } = await runSession(
      {
        candidates: architectures.map((architecture, index) => ({ name: names[index]!, architecture })),
        anchor: anchorNetwork,
        batch,
        runtime: probe.runtime,
        execution: probe.execution,
        ...probe.compute,
        threads: probe.deviceKey.threads,
        protocol: sessionProtocol,
        rounds: sessionRounds,
        mostRounds: 6 * sessionRounds,
        launches,
        together,
        budgetMs,
        quietWaitMs: budgetMs / 4,
        comparison: { relevance },
        scores: scoreByName,
      },
      seededRandom(`compare/${batch}`),
      {
        ...hooks,
        signal: events.signal,
        onLaunch: (record) => {
          if (store !== undefined) recordLaunch(store, session, probe.deviceKey, ids, record);
        },
      },
    );
    events.onVerdict(batch, verdict);
  }
}
