/** DOM helpers. Names from the database enter as text nodes only. */

import { blockFill } from '../block-fill.js';
import { type StripStage, stripSvg } from '../layout-strip.js';

type Child = Node | string | undefined;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

export function byId<E extends HTMLElement>(id: string): E {
  const element = document.getElementById(id);
  if (!element) throw new Error(`page: element #${id} is missing`);
  return element as E;
}

/** The strip as an element. Its markup holds numbers and colours only. */
export function stripElement(
  stages: readonly StripStage[],
  widest: number,
  size?: { size: number; tallest: number },
): Element {
  const template = document.createElement('template');
  template.innerHTML = stripSvg(stages, { widest, ...size, fill: blockFill, stroke: 'var(--muted)' });
  return template.content.firstElementChild!;
}

/** `61.3 ± 0.5` with the half-width muted. */
export function numberCell(text: string | undefined): Node[] {
  if (text === undefined) return [el('span', { class: 'muted' }, '–')];
  const [value = '', half] = text.split(' ± ');
  return half === undefined
    ? [document.createTextNode(value)]
    : [document.createTextNode(`${value} `), el('span', { class: 'half' }, `± ${half}`)];
}
