/**
 * Draws evenly over layouts. A uniform draw over members prefers layouts with many choices of widths and
 * parameters; here every layout is drawn equally often, and within a layout every member.
 */
import type { Architecture } from '../../architecture/architecture.js';
import { UserError } from '../../util/errors.js';
import type { Random } from '../../util/random.js';
import { type WordSet, wordAt } from '../automaton/dfa-words.js';
import { layoutOfWord, layoutsDfa } from '../automaton/layout-dfa.js';
import type { CompiledSpace } from '../compiled-space.js';
import { layoutWords } from './layout-words.js';

/** Layouts that are shuffled as a list; above, they are drawn by rank. */
const mostShuffled = 200_000n;
/** Draws of layouts, per member asked for, after which those with members are too rare. */
const mostMisses = 2000;
/** Members of a layout that are listed where a filter decides. */
const mostListed = 50_000n;

/** The members of one layout, drawn without repeats. */
class LayoutMembers {
  private readonly drawn = new Set<bigint>();
  private readonly set: WordSet;
  /** Ranks that pass the filters; undefined where every rank does, or there are too many to list. */
  private readonly passing: readonly bigint[] | undefined;

  constructor(
    private readonly space: CompiledSpace,
    layout: string,
  ) {
    this.set = layoutWords(space, layout);
    if (space.filters.length > 0 && this.set.total <= mostListed)
      this.passing = Array.from({ length: Number(this.set.total) }, (_, rank) => BigInt(rank)).filter(
        (rank) => space.passes(this.set.wordAt(rank)),
      );
  }

  /** One that was not drawn before, uniform over these; undefined where none is left. */
  draw(random: Random): Architecture | undefined {
    const size = this.passing ? BigInt(this.passing.length) : this.set.total;
    const left = size - BigInt(this.drawn.size);
    if (left <= 0n) return undefined;
    const isSmall = size <= 2n * BigInt(this.drawn.size + 1);
    const index = isSmall ? this.remaining(Number(size), random) : this.untaken(size, random);
    if (index === undefined) return undefined;
    this.drawn.add(index);
    const rank = this.passing ? this.passing[Number(index)]! : index;
    return this.space.base.model.alphabet.architectureOf(this.set.wordAt(rank));
  }

  private remaining(size: number, random: Random): bigint {
    const all = Array.from({ length: size }, (_, index) => BigInt(index));
    const left = all.filter((index) => !this.drawn.has(index));
    return left[random.integer(left.length)]!;
  }

  private untaken(size: bigint, random: Random): bigint | undefined {
    const isFiltered = this.space.filters.length > 0 && !this.passing;
    for (let tries = 0; tries < 100_000; tries++) {
      const index = random.bigint(size);
      if (this.drawn.has(index)) continue;
      if (!isFiltered || this.space.passes(this.set.wordAt(index))) return index;
    }
    return undefined;
  }
}

/** Layouts in random order, each once. @param most draws by rank, where there are too many to shuffle */
function* layoutsInRandomOrder(space: CompiledSpace, most: number, random: Random): Generator<string> {
  const { alphabet } = space.base.model;
  const layouts = layoutsDfa(space.dfa, alphabet);
  const total = layouts.counts[0]!;
  if (total <= mostShuffled) {
    const ranks = random.shuffled(Array.from({ length: Number(total) }, (_, rank) => BigInt(rank)));
    for (const rank of ranks) yield layoutOfWord(wordAt(layouts, rank), alphabet);
    return;
  }
  const seen = new Set<bigint>();
  for (let tries = 0; tries < most; tries++) {
    const rank = random.bigint(total);
    if (seen.has(rank)) continue;
    seen.add(rank);
    yield layoutOfWord(wordAt(layouts, rank), alphabet);
  }
}

/**
 * `size` distinct members, evenly over layouts: no layout gives a second member before every layout gave one.
 * Uniform over layouts that have members, then uniform over a layout's members; budgets and filters hold.
 * @param size 1 or more
 * @throws UserError where the space has fewer members, TooLargeError where its layouts are too many states
 * @example sampleByLayout(loadSpace('small.space'), 8, seededRandom(1))
 */
export function sampleByLayout(space: CompiledSpace, size: number, random: Random): Architecture[] {
  const drawn: Architecture[] = [];
  let open: LayoutMembers[] = [];
  for (const layout of layoutsInRandomOrder(space, mostMisses * (size + 1), random.fork('layouts'))) {
    if (drawn.length >= size) return drawn;
    const members = new LayoutMembers(space, layout);
    const member = members.draw(random);
    if (!member) continue;
    drawn.push(member);
    open.push(members);
  }
  while (drawn.length < size && open.length > 0) {
    const next: LayoutMembers[] = [];
    for (const members of random.shuffled(open)) {
      if (drawn.length >= size) return drawn;
      const member = members.draw(random);
      if (!member) continue;
      drawn.push(member);
      next.push(members);
    }
    open = next;
  }
  if (drawn.length < size)
    throw new UserError(`${space.name}: ${size} distinct members were asked for, got ${drawn.length}`, {
      fix: 'ask for fewer',
    });
  return drawn;
}
