/**
 * Candidates by position, for the question whether one is among tens of thousands of selected ones: every
 * figure and the table ask it of each of theirs.
 */
export class CandidateSet {
  private readonly isIn: Uint8Array;

  /** @param list positions, each once */
  constructor(readonly list: readonly number[]) {
    let last = -1;
    for (const each of list) if (each > last) last = each;
    this.isIn = new Uint8Array(last + 1);
    for (const each of list) this.isIn[each] = 1;
  }

  get size(): number {
    return this.list.length;
  }

  has(candidate: number): boolean {
    return this.isIn[candidate] === 1;
  }
}

const known = new WeakMap<readonly number[], CandidateSet>();

/** The set of a list that does not change, made once. */
export function candidateSet(candidates: readonly number[]): CandidateSet {
  const found = known.get(candidates) ?? new CandidateSet(candidates);
  known.set(candidates, found);
  return found;
}
