/**
 * Replays the log of a search one entry after another, on one worker: the strategy is asked wherever the log
 * holds a question, and must propose what it proposed then, whatever ran in parallel and was interrupted.
 */
import type { SearchEvent, Trial } from '../../search/history.js';
import { Study, type StudySettings } from '../../search/study.js';

export interface ReplayDifference {
  readonly trial: number;
  readonly logged: string;
  /** Undefined: nothing was proposed. */
  readonly proposed: string | undefined;
}

const requestText = ({
  key,
  replicate,
  fidelity = 1,
  measure,
  parent,
}: {
  readonly key: string;
  readonly replicate: number;
  readonly fidelity?: number;
  readonly measure?: readonly string[];
  readonly parent?: number;
}): string => {
  const grown = parent === undefined ? '' : `, grown from trial ${parent}`;
  const what = measure ? measure.join(' ') : 'all';
  return `${key}, replicate ${replicate}, fidelity ${fidelity}, ${what}${grown}`;
};

const requestOf = <V>({ candidate, replicate, fidelity, measure, parent }: Trial<V>) => ({
  key: candidate.key,
  replicate,
  fidelity,
  ...(measure && { measure }),
  ...(parent && { parent: parent.number }),
});

/** @returns the first difference; undefined: the log follows from its settings and answers */
export function replaySearch<V>(
  settings: StudySettings<V>,
  log: readonly SearchEvent[],
): ReplayDifference | undefined {
  const study = new Study<V>({ ...settings, onEvent: () => {} });
  for (const event of log) {
    if (event.type !== 'asked') {
      study.apply(event);
      continue;
    }
    const trial = study.ask();
    const logged = requestText(event);
    const proposed = trial && requestText(requestOf(trial));
    if (proposed !== logged) return { trial: event.trial, logged, proposed };
  }
  return undefined;
}
