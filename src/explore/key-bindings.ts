/** The table of key bindings; help is generated from it. */
import type { Action, Screen, ScreenState } from './screen-state.js';

/** A key by name (`up`, `return`, `tab`…) or the character typed. */
export interface KeyBinding {
  readonly keys: readonly string[];
  /** Label in the help. */
  readonly label: string;
  readonly doc: string;
  /** Screens where it applies; default: all. */
  readonly on?: readonly Screen[];
  /** Shown in the bottom line. */
  readonly hint?: string;
  readonly action: Action | 'quit';
}

const page = 10;

export const keyBindings: readonly KeyBinding[] = [
  {
    keys: ['up', 'k'],
    label: '↑ k',
    doc: 'up; scrolls the detail',
    action: { kind: 'move', by: -1 },
  },
  {
    keys: ['down', 'j'],
    label: '↓ j',
    doc: 'down; scrolls the detail',
    action: { kind: 'move', by: 1 },
  },
  { keys: ['pageUp', 'b'], label: 'PgUp b', doc: 'ten layouts up', action: { kind: 'move', by: -page } },
  {
    keys: ['pageDown', ' '],
    label: 'PgDn space',
    doc: 'ten layouts down',
    action: { kind: 'move', by: page },
  },
  { keys: ['home', 'g'], label: 'Home g', doc: 'first layout', action: { kind: 'to-end', last: false } },
  { keys: ['end', 'G'], label: 'End G', doc: 'last layout', action: { kind: 'to-end', last: true } },
  {
    keys: ['left', 'h'],
    label: '← h',
    doc: 'left; previous in the detail',
    action: { kind: 'along-cost', by: -1 },
  },
  {
    keys: ['right', 'l'],
    label: '→ l',
    doc: 'right; next in the detail',
    action: { kind: 'along-cost', by: 1 },
  },
  {
    keys: ['return'],
    label: 'Enter',
    doc: 'detail of the layout',
    hint: 'detail',
    on: ['table', 'plot'],
    action: { kind: 'open' },
  },
  {
    keys: ['escape', 'backspace'],
    label: 'Esc',
    doc: 'back',
    hint: 'back',
    on: ['detail', 'help'],
    action: { kind: 'back' },
  },
  {
    keys: ['escape'],
    label: 'Esc',
    doc: 'clear the filter',
    on: ['table', 'plot'],
    action: { kind: 'filter-clear' },
  },
  {
    keys: ['tab'],
    label: 'Tab',
    doc: 'table or plot',
    hint: 'plot',
    on: ['table', 'plot'],
    action: { kind: 'switch' },
  },
  {
    keys: ['/'],
    label: '/',
    doc: 'edit the filter',
    hint: 'filter',
    on: ['table', 'plot'],
    action: { kind: 'filter-start' },
  },
  {
    keys: ['f'],
    label: 'f',
    doc: 'show the front only, or all',
    hint: 'front',
    on: ['table', 'plot'],
    action: { kind: 'front-only' },
  },
  {
    keys: ['c'],
    label: 'c',
    doc: 'next cost',
    hint: 'cost',
    action: { kind: 'cost', by: 1 },
  },
  { keys: ['C'], label: 'C', doc: 'previous cost', action: { kind: 'cost', by: -1 } },
  {
    keys: ['s'],
    label: 's',
    doc: 'sort by the next column',
    hint: 'sort',
    on: ['table', 'plot'],
    action: { kind: 'sort' },
  },
  { keys: ['r'], label: 'r', doc: 'reverse the order', on: ['table', 'plot'], action: { kind: 'turn' } },
  { keys: ['?'], label: '?', doc: 'this help', hint: 'help', action: { kind: 'help' } },
  { keys: ['q'], label: 'q', doc: 'quit (also Ctrl-C)', hint: 'quit', action: 'quit' },
];

/** The action of a key, undefined without one. While the filter is typed, keys are text. */
export function actionOf(
  key: string,
  state: Pick<ScreenState, 'screen' | 'typing'>,
): Action | 'quit' | undefined {
  if (state.typing) {
    if (key === 'return' || key === 'tab' || key === 'down' || key === 'up') return { kind: 'filter-done' };
    if (key === 'escape') return { kind: 'filter-clear' };
    if (key === 'backspace') return { kind: 'filter-erase' };
    return isTyped(key) ? { kind: 'filter-text', text: key } : undefined;
  }
  return keyBindings.find(
    (binding) => binding.keys.includes(key) && (binding.on ?? [state.screen]).includes(state.screen),
  )?.action;
}

const named = new Set([
  'up',
  'down',
  'left',
  'right',
  'pageUp',
  'pageDown',
  'home',
  'end',
  'return',
  'escape',
  'tab',
  'backspace',
]);
const isTyped = (key: string): boolean => key.length > 0 && !named.has(key);
