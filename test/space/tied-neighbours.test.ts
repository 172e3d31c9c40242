/** Moves in a space whose stages must be equal: edits travel to all of them. */
import { expect, it } from 'vitest';
import { layoutOf } from '../../src/architecture/layout.js';
import { crossover, mutate, neighbours } from '../../src/space/inspect/neighbours.js';
import { loadSpace } from '../../src/space/load.js';
import { seededRandom } from '../../src/util/random.js';

it('neighbours of equal stages are edited together, and every member is reached', () => {
  const space = loadSpace('experiments/search/cells.space');
  const random = seededRandom('cells');
  const first = space.unrank(60n);
  const [cell = ''] = layoutOf(first).split('-');
  for (const near of neighbours(space, first)) {
    const cells = layoutOf(near).split('-');
    expect(new Set(cells).size).toBe(1);
    expect(Math.abs(cells[0]!.length - cell.length)).toBeLessThanOrEqual(1);
  }
  const reached = new Set<string>();
  let current = first;
  for (let step = 0; step < 2500; step++) {
    current = mutate(space, current, random);
    reached.add(layoutOf(current));
  }
  expect(reached.size).toBe(120);
  const mixed = crossover(space, space.unrank(3n), space.unrank(90n), random);
  expect(space.contains(mixed).member).toBe(true);
});
