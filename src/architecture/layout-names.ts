import type { Architecture } from './architecture.js';
import { architectureId } from './canonical.js';
import { layoutOf } from './layout.js';

/** A name per architecture: its layout, with the id appended where several architectures share one. */
export function layoutNames(architectures: readonly Architecture[]): string[] {
  const layouts = architectures.map(layoutOf);
  const times = new Map<string, number>();
  for (const layout of layouts) times.set(layout, (times.get(layout) ?? 0) + 1);
  return layouts.map((layout, index) =>
    times.get(layout)! > 1 ? `${layout} ${architectureId(architectures[index]!)}` : layout,
  );
}
