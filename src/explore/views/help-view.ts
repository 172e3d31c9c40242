/** Help on keys, marks and the filter, generated from their tables. */
import { filterExample } from '../../analysis/row-filter.js';
import { keyBindings } from '../key-bindings.js';
import type { ScreenState } from '../screen-state.js';
import { filterFields, filterMarks } from '../screen-state.js';
import type { Line } from '../styled-lines.js';
import { beside, block, line, span, wrap } from '../styled-lines.js';
import { glyphs } from '../terminal-theme.js';

export function helpView(state: ScreenState, width: number, height: number): Line[] {
  const keys = keyBindings.map((binding): Line => [span(binding.label.padEnd(11), 'key'), span(binding.doc)]);
  const marks: Line[] = [
    [
      span(glyphs.symmetric, 'symmetric'),
      span(' symmetric  '),
      span(glyphs.asymmetric, 'asymmetric'),
      span(' asymmetric  '),
      span(glyphs.unmixed, 'unmixed'),
      span(' unmixed (hollow: not on the front)'),
    ],
    [
      span(
        `${glyphs.front} on the front   ${glyphs.tied} tied: ` +
          `intervals overlap   ${glyphs.failed} some jobs failed`,
      ),
    ],
  ];
  const filter = wrap(
    `All words must match: part of a layout or id, CC-*-TTTT, ${filterMarks.join(', ')}, ` +
      `or a comparison like ${filterExample(state.score)} or params<600k; ! negates a word. Fields: ` +
      `${filterFields(state).join(', ')}.`,
    width,
  );
  const parts = [
    line('Keys', 'title'),
    ...keys,
    [],
    line('Marks', 'title'),
    ...marks,
    [],
    line('Filter', 'title'),
    ...filter,
  ];
  if (parts.length <= height) return block(parts, width, height);
  const half = Math.floor((width - 2) / 2); // a low screen shows the keys in two columns
  const [left, right] = [keys.slice(0, Math.ceil(keys.length / 2)), keys.slice(Math.ceil(keys.length / 2))];
  const beneath = [...marks, ...filter];
  return block(
    [...beside(block(left, half, left.length), block(right, half, left.length)), ...beneath],
    width,
    height,
  );
}
