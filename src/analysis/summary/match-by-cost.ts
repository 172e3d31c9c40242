/**
 * Pairs networks of two kinds by cost, the closest first. In one dimension the closest free pair always lies
 * beside each other, so a queue of neighbours finds all pairs in O(n log n).
 */
import { MinHeap } from '../../util/min-heap.js';

interface Point {
  /** Position of the candidate; settles equal distances. */
  readonly index: number;
  /** Cost; positive. Undefined: never paired. */
  readonly x: number | undefined;
}

export interface CostPair<P> {
  readonly symmetric: P;
  readonly asymmetric: P;
}

/** Networks of one cost that are not paired yet, by falling index: the last is next. */
interface Place<P> {
  readonly x: number;
  readonly symmetric: P[];
  readonly asymmetric: P[];
  before?: Place<P> | undefined;
  after?: Place<P> | undefined;
}

interface Offer<P> extends CostPair<P> {
  readonly distance: number;
  readonly places: readonly [ofSymmetric: Place<P>, ofAsymmetric: Place<P>];
}

/**
 * One-to-one pairs, closest costs first, none further apart than `within`; equal distances in order of
 * position.
 * @param within largest relative difference of two costs
 */
export function matchByCost<P extends Point>(
  symmetric: readonly P[],
  asymmetric: readonly P[],
  within: number,
): CostPair<P>[] {
  const offers = new MinHeap<Offer<P>>(
    (p, q) =>
      p.distance - q.distance ||
      p.symmetric.index - q.symmetric.index ||
      p.asymmetric.index - q.asymmetric.index,
  );
  const offer = (s: Place<P> | undefined, a: Place<P> | undefined): void => {
    const [first, second] = [s?.symmetric.at(-1), a?.asymmetric.at(-1)];
    if (!s || !a || !first || !second) return;
    const distance = Math.abs(Math.log(a.x / s.x));
    if (distance <= Math.log(1 + within))
      offers.push({ symmetric: first, asymmetric: second, distance, places: [s, a] });
  };
  const offerAround = (place: Place<P> | undefined): void => {
    offer(place, place);
    offer(place, place?.after);
    offer(place?.after, place);
  };
  for (const place of placesOf(symmetric, asymmetric)) offerAround(place);
  const pairs: CostPair<P>[] = [];
  for (let best = offers.pop(); best; best = offers.pop()) {
    const [s, a] = best.places;
    if (s.symmetric.at(-1) !== best.symmetric || a.asymmetric.at(-1) !== best.asymmetric) continue;
    s.symmetric.pop();
    a.asymmetric.pop();
    pairs.push({ symmetric: best.symmetric, asymmetric: best.asymmetric });
    for (const place of new Set([s, a])) {
      if (isEmpty(place)) unlink(place);
      else offerAround(place);
      offerAround(place.before);
    }
  }
  return pairs;
}

const isEmpty = <P>({ symmetric, asymmetric }: Place<P>): boolean =>
  symmetric.length === 0 && asymmetric.length === 0;

function unlink<P>({ before, after }: Place<P>): void {
  if (before) before.after = after;
  if (after) after.before = before;
}

/** By rising cost, linked to their neighbours. */
function placesOf<P extends Point>(symmetric: readonly P[], asymmetric: readonly P[]): Place<P>[] {
  const byCost = new Map<number, Place<P>>();
  for (const kind of ['symmetric', 'asymmetric'] as const)
    for (const point of kind === 'symmetric' ? symmetric : asymmetric) {
      if (!point.x) continue;
      const place = byCost.get(point.x) ?? { x: point.x, symmetric: [], asymmetric: [] };
      byCost.set(point.x, place);
      place[kind].push(point);
    }
  const places = [...byCost.values()].sort((p, q) => p.x - q.x);
  places.forEach((place, position) => {
    place.symmetric.sort((p, q) => q.index - p.index);
    place.asymmetric.sort((p, q) => q.index - p.index);
    place.before = places[position - 1];
    place.after = places[position + 1];
  });
  return places;
}
