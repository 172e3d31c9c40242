/**
 * `profile A B …` and `profile --space S --sample N`: verdicts of interleaved sessions, refined while the
 * budget lasts.
 */

import type { Architecture } from '../architecture/architecture.js';
import { architectureId } from '../architecture/canonical.js';
import { layoutOf } from '../architecture/layout.js';
import { architectureRow } from '../lab/plan.js';
import { anchorNetwork } from '../profile/session/anchor-network.js';
import { firstGroups } from '../profile/session/refinement.js';
import { runSession } from '../profile/session/run-session.js';
import { comparisonText } from '../profile/session/session-text.js';
import { openStore } from '../store/open-store.js';
import { insertArchitecture } from '../store/tables/architecture-table.js';
import { recordLaunch } from '../store/tables/launch-table.js';
import { lockWriter } from '../store/writer-lock.js';
import { UserError } from '../util/errors.js';
import { seededRandom } from '../util/random.js';
import { interruptible } from './interruptible.js';
import { deviceText } from './output/device-text.js';
import { type Io, jsonLine, print } from './output/io.js';
import { sessionView } from './output/session-progress.js';
import { type ModeOptions, probe, rounds, sessionProtocol } from './profile-modes.js';

/** Networks side by side; each is a process with its own copy of the engine. */
const together = 6;

/** A name per network: its layout, and where several share one, its id behind it. */
export function sessionNames(architectures: readonly Architecture[]): string[] {
  const layouts = architectures.map(layoutOf);
  const named = architectures.map((architecture, index) =>
    layouts.filter((layout) => layout === layouts[index]).length > 1
      ? `${layouts[index]} ${architectureId(architecture)}`
      : layouts[index]!,
  );
  return named.map((name, index) => (named.indexOf(name) === index ? name : `${name} again`)); // the same network twice: the user's own A/A
}

/**
 * @param scores by architecture id, more is better, where a database knows it: refinement then works near
 * that front
 */
export async function compare(
  architectures: readonly Architecture[],
  options: ModeOptions & { readonly db?: string },
  io: Io,
  scores: ReadonlyMap<string, number> = new Map(),
): Promise<void> {
  if (architectures.length < 2)
    throw new UserError(`profile --compare: at least 2 networks are needed, got ${architectures.length}`, {
      fix: 'name a second one',
    });
  const names = sessionNames(architectures);
  if (new Set(names).size !== names.length)
    throw new UserError('profile --compare: a network may be named twice at most');
  const ids = Object.fromEntries(names.map((name, index) => [name, architectureId(architectures[index]!)]));
  const lock = options.db === undefined ? undefined : lockWriter(options.db);
  const store = options.db === undefined ? undefined : openStore(options.db);
  try {
    for (const architecture of store === undefined ? [] : architectures)
      insertArchitecture(store!, architectureRow(architecture));
    await interruptible(async (signal) => {
      const { runtime, execution, compute, deviceKey } = await probe(options, signal);
      io.stderr.write(`on ${deviceText(deviceKey)}\n`);
      const session = new Date().toISOString();
      const budgetMs = (options.minutes * 60_000) / options.batches.length;
      for (const batch of options.batches) {
        const view = sessionView(io, {
          batch,
          budgetMs,
          launches: options.launches * firstGroups(names, { together }).length,
          aim: options.noiseFloor,
          deviceKey,
        });
        try {
          const { verdict } = await runSession(
            {
              candidates: architectures.map((architecture, index) => ({ name: names[index]!, architecture })),
              anchor: anchorNetwork,
              batch,
              runtime,
              execution,
              ...compute,
              threads: deviceKey.threads,
              protocol: sessionProtocol,
              rounds,
              mostRounds: 6 * rounds,
              launches: options.launches,
              together,
              budgetMs,
              comparison: { noiseFloor: options.noiseFloor },
              scores: new Map(
                names.flatMap((name) =>
                  scores.has(ids[name]!) ? [[name, scores.get(ids[name]!)!] as const] : [],
                ),
              ),
            },
            seededRandom(`compare/${batch}`),
            {
              signal,
              ...view.hooks,
              onLaunch: (record) => {
                if (store !== undefined) recordLaunch(store, session, deviceKey, ids, record);
              },
            },
          );
          view.stop();
          if (!options.json) print(io, `${comparisonText(verdict)}\n`);
          else
            for (const { first, second, comparison, adjustedP, direct } of verdict.pairs)
              print(
                io,
                jsonLine({
                  batch,
                  first,
                  second,
                  ...comparison,
                  adjustedP,
                  direct,
                  void: verdict.void,
                  control: verdict.control,
                  launches: verdict.launches,
                  deviceKey,
                }),
              );
        } finally {
          view.stop();
        }
      }
    });
  } finally {
    store?.close();
    lock?.release();
  }
}
