/** Reads the data that the page embeds: plain JSON, or that of `packing/pack-data.ts`. */
import { type Column, fromColumn } from '../packing/columns.js';
import type { PageData } from '../page-data.js';

export async function embeddedData(element: HTMLElement): Promise<PageData> {
  const text = element.textContent ?? '';
  if (element.dataset['packed'] !== 'gzip') return JSON.parse(text) as PageData;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const json = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return unpacked(JSON.parse(await new Response(json).text())) as PageData;
}

function unpacked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpacked);
  if (typeof value !== 'object' || value === null) return value;
  if ('$column' in value) return fromColumn(value.$column as Column);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, unpacked(each)]));
}
