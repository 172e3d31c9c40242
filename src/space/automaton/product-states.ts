/** Numbers for the parts of a product's states, so that a state is found by two look-ups of numbers. */
import type { AlphabetSymbol } from '../model/alphabet.js';
import type { PlacedSymbol, Placement, PlacementTable } from './placement-table.js';

/** Dense numbers of pairs: from 0, in order of first use. The second of a pair is below 2^20. */
export class PairIds {
  private readonly ids = new Map<number, number>();

  of(first: number, second: number): number {
    const key = first * 0x100000 + second;
    let id = this.ids.get(key);
    if (id === undefined) this.ids.set(key, (id = this.ids.size));
    return id;
  }
}

/** Where a word is: what is read next, and what costs there depend on. */
export interface Place extends Placement {
  readonly id: number;
  readonly phase: 'input' | 'stem' | 'header' | 'body' | 'head' | 'done';
}

interface PlaceAfter {
  readonly placed: PlacedSymbol;
  readonly place: Place;
}

/** The distinct places of an automaton, and where each symbol leads. */
export class Places {
  private readonly byKey = new Map<string, Place>();
  /** Per place, by symbol; undefined where the symbol's part cannot stand there. */
  private readonly afterSymbol: Map<number, PlaceAfter | undefined>[] = [];

  constructor(private readonly placementTable: PlacementTable) {}

  intern(place: Omit<Place, 'id'>): Place {
    const { phase, stage, map, width, stride, first, classes } = place;
    const key = `${phase},${stage},${map},${width},${stride},${first ? 1 : 0},${classes}`;
    let found = this.byKey.get(key);
    if (!found) {
      found = { ...place, id: this.byKey.size };
      this.byKey.set(key, found);
      this.afterSymbol.push(new Map());
    }
    return found;
  }

  /** @param change of the place, the same for each use of `symbol` there; `map` defaults to what leaves it */
  after(
    place: Place,
    symbol: number,
    letter: AlphabetSymbol,
    change: Partial<Place>,
  ): PlaceAfter | undefined {
    const known = this.afterSymbol[place.id]!;
    if (known.has(symbol)) return known.get(symbol);
    const placed = this.placementTable.place(symbol, letter, place);
    const after = placed && { placed, place: this.intern({ ...place, map: placed.map, ...change }) };
    known.set(symbol, after);
    return after;
  }
}
