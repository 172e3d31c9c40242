/** The page's controls: cost, filter, selection buttons and keys. */
import { byId } from './dom.js';
import type { Action, ViewState } from './view-state.js';

/** Sends the controls' changes to `dispatch`; `state` reads the present state. */
export function listenToControls(dispatch: (action: Action) => void, state: () => ViewState): void {
  const cost = byId<HTMLSelectElement>('cost');
  cost.value = state().cost;
  cost.addEventListener('change', () => dispatch({ kind: 'cost', cost: cost.value }));
  const filter = byId<HTMLInputElement>('filter');
  filter.value = state().filter;
  filter.addEventListener('input', () => dispatch({ kind: 'filter', text: filter.value }));
  const clear = (): void => dispatch({ kind: 'select', candidates: [] });
  byId('only-selected').addEventListener('click', () =>
    dispatch({ kind: 'only-selected', on: !state().onlySelected }),
  );
  byId('clear-selection').addEventListener('click', clear);
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') clear();
    if (event.key === '/' && document.activeElement !== filter) {
      event.preventDefault();
      filter.focus();
    }
  });
}

/** @param matches number of candidates that pass the filter, of `total` */
export function showControls(
  state: ViewState,
  matches: number,
  total: number,
  problem: string | undefined,
): void {
  byId('filter-problem').textContent = problem ?? '';
  byId('row-count').textContent = matches === total ? `${matches} layouts` : `${matches} of ${total} layouts`;
  const none = state.selected.length === 0;
  const only = byId('only-selected');
  only.hidden = none;
  only.textContent = state.onlySelected ? 'Show all' : `Only the ${state.selected.length} selected`;
  byId('clear-selection').hidden = none;
}
