/**
 * The durable log of a search: its rows in the database, in order of arrival. Entries that happen together
 * are one transaction, with whatever the caller stores beside them.
 */
import type { SearchEvent } from '../../search/history.js';
import { doctorFix } from '../../store/damage/damaged-row.js';
import { type Store, transaction } from '../../store/store.js';
import {
  insertSearchEvent,
  type StoredSearchEvent,
  searchEvents,
} from '../../store/tables/search-event-table.js';
import { UserError } from '../../util/errors.js';

export interface SearchLog {
  /** What the database held when the log was opened. */
  readonly earlier: readonly SearchEvent[];
  /** Makes entries durable in one transaction. @param beside stores further rows in the same transaction */
  append(events: readonly SearchEvent[], beside?: () => void): void;
}

/** An entry as the study reads it; undefined where its content lacks what its type needs. */
function eventOf({ type, trial, content, seconds }: StoredSearchEvent): SearchEvent | undefined {
  const { key, genes, replicate, fidelity, measure, parent, values, reason } = content;
  switch (type) {
    case 'asked':
      if (key === undefined || genes === undefined || replicate === undefined) return undefined;
      return {
        type,
        trial,
        key,
        genes,
        replicate,
        ...(fidelity === undefined ? {} : { fidelity }),
        ...(measure === undefined ? {} : { measure }),
        ...(parent === undefined ? {} : { parent }),
      };
    case 'told':
      return values && { type, trial, values, seconds };
    case 'failed':
      return reason === undefined ? undefined : { type, trial, reason, seconds };
    default:
      return type satisfies never;
  }
}

/** @throws UserError where an entry is missing or damaged: proposals would not follow from the rest */
export function readSearchLog(store: Store, experimentId: string): SearchEvent[] {
  return searchEvents(store, experimentId).map((row, position) => {
    const event = row.position === position ? eventOf(row) : undefined;
    if (event) return event;
    throw new UserError(
      `${store.file}: the log of the search must be whole, got damage at position ${position}`,
      { fix: `${doctorFix(store.file)}; a run with --db NEW begins anew` },
    );
  });
}

/** @param now ISO 8601, UTC */
export function openSearchLog(store: Store, experimentId: string, now: () => string): SearchLog {
  const earlier = readSearchLog(store, experimentId);
  let position = earlier.length;
  return {
    earlier,
    append(events, beside) {
      if (events.length === 0 && !beside) return;
      transaction(store, () => {
        beside?.();
        const at = now();
        events.forEach((event, index) => {
          const { type, trial } = event;
          insertSearchEvent(store, {
            experiment_id: experimentId,
            position: position + index,
            type,
            trial,
            content: JSON.stringify(contentOf(event)),
            seconds: 'seconds' in event ? event.seconds : 0,
            at,
          });
        });
      });
      position += events.length;
    },
  };
}

function contentOf(event: SearchEvent): object {
  switch (event.type) {
    case 'asked': {
      const { key, genes, replicate, fidelity, measure, parent } = event;
      return { key, genes, replicate, fidelity, measure, parent };
    }
    case 'told':
      return { values: event.values };
    case 'failed':
      return { reason: event.reason };
    default:
      return event satisfies never;
  }
}
