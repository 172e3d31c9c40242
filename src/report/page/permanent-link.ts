/** The view state as the part of the address after `#`, so that a link opens the page as it was. */
import type { PageData } from '../page-data.js';
import { type ColumnName, columnNames, costOf, initialViewState, type ViewState } from './view-state.js';

/** More selected layouts are left out of the link: browsers and mail programs cut long addresses. */
const mostSelected = 60;
/** Digits of an id that a link holds. */
const idLength = 10;

/** @returns `#` alone for the page as it opens */
export function linkOf(data: PageData, state: ViewState): string {
  const first = initialViewState(data);
  const { cost, sort, filter, selected, onlySelected } = state;
  const link = new URLSearchParams();
  if (cost !== first.cost) link.set('cost', cost);
  if (sort.column !== first.sort.column || sort.down !== first.sort.down)
    link.set('sort', `${sort.column}${sort.down ? '-down' : ''}`);
  if (filter.trim() !== '') link.set('filter', filter);
  if (selected.length > 0 && selected.length <= mostSelected)
    link.set('layouts', selected.map((each) => data.candidates[each]!.id.slice(0, idLength)).join(' '));
  if (onlySelected && link.has('layouts')) link.set('only', 'selected');
  return `#${link}`;
}

/** Parts of the link that this page does not know are left out. */
export function stateOfLink(data: PageData, hash: string): ViewState {
  const first = initialViewState(data);
  const link = new URLSearchParams(hash.replace(/^#/, ''));
  const cost = link.get('cost');
  const [column, down] = (link.get('sort') ?? '').split('-');
  const isColumn = columnNames.includes(column as ColumnName);
  const wanted = (link.get('layouts') ?? '').split(' ').filter((id) => id.length >= 6);
  const selected = data.candidates.flatMap(({ id }, index) =>
    wanted.some((prefix) => id.startsWith(prefix)) ? [index] : [],
  );
  return {
    cost: cost !== null && costOf(data, cost) ? cost : first.cost,
    sort: isColumn ? { column: column as ColumnName, down: down === 'down' } : first.sort,
    filter: link.get('filter') ?? '',
    selected,
    onlySelected: selected.length > 0 && link.get('only') === 'selected',
  };
}
