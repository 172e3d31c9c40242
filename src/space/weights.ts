/**
 * Draws by the weights of the grammar, and the probability of any member.
 *
 * A member is derived by chance: an option of a choice is taken with its weight over the sum of weights (1
 * where none is given); every number of repetitions in `{m,n}` is as likely as every other, an open
 * repetition goes on with probability 1/2; every value of a set and every assignment of tied names is as
 * likely as every other. What is derived and is no member (too long, against a condition or budget, not
 * buildable) is as if it had never been drawn: probabilities are those of members among all members. Readings
 * of one member add up. Nothing is drawn and thrown away: paths of readings carry weights through the same
 * automata and dynamic programs that count members.
 */
import type { Architecture } from '../architecture/architecture.js';
import { layoutOf } from '../architecture/layout.js';
import { UserError } from '../util/errors.js';
import type { Random } from '../util/random.js';
import { Budgeted } from './budgeted.js';
import type { CompiledSpace } from './compiled-space.js';
import { type Draw, drawOf } from './draw.js';
import { buildReadings, type Graph } from './graph.js';
import type { WeightedSpace } from './space.js';

/** Draws that a filter may throw away. */
const TRIES = 1_000_000;
/** Filtered sets up to this size are summed member by member. */
const LISTED = 200_000n;

export class Weights implements WeightedSpace {
  private readonly graph: Graph;
  /** Where a budget is set; else masses of what follows each node. */
  private readonly budgeted: Budgeted | undefined;
  private readonly masses: Float64Array;
  private readonly draws: (Draw | undefined)[] = [];
  private filteredMass: number | undefined;

  /** @throws TooLargeError where the readings have too many states */
  constructor(private readonly space: CompiledSpace) {
    const {
      structure,
      windows,
      shared: { model, places },
    } = space;
    this.graph = buildReadings(model, structure, places);
    const { nodes, firstEdge, targets, weights } = this.graph;
    this.masses = new Float64Array(nodes);
    for (let node = nodes - 1; node >= 0; node--) {
      if (firstEdge[node] === firstEdge[node + 1]) this.masses[node] = this.graph.counts[node] === 0n ? 0 : 1;
      for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++)
        this.masses[node]! += weights![edge]! * this.masses[targets[edge]!]!;
    }
    this.budgeted = windows && this.masses[0]! > 0 ? new Budgeted(this.graph, windows) : undefined;
  }

  /**
   * Probability that a derivation ends in a member; that of readings within structure and budgets where
   * filters are left out.
   */
  private get compiledMass(): number {
    return this.budgeted ? (this.budgeted.amount as number) : this.masses[0]!;
  }

  private get mass(): number {
    const { space } = this;
    if (space.filters.length === 0) return this.compiledMass;
    if (this.filteredMass !== undefined) return this.filteredMass;
    const count = space.members.total;
    if (count > LISTED)
      throw new UserError(
        `${space.name}: probabilities need an exact set, got a filter on ${count} members: ${space.filters.map(({ condition }) => condition.text).join(' and ')}`,
      );
    let sum = 0;
    for (const word of space.members.words()) if (space.passes(word)) sum += this.readingsOf(word);
    return (this.filteredMass = sum);
  }

  /** Probability that a derivation spells a word, over all its readings. */
  private readingsOf(word: readonly number[]): number {
    const { firstEdge, targets, labels, weights } = this.graph;
    let at = new Map([[0, 1]]);
    for (const label of word) {
      const next = new Map<number, number>();
      for (const [node, weight] of at) {
        for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) {
          if (labels[edge] === label)
            next.set(targets[edge]!, (next.get(targets[edge]!) ?? 0) + weight * weights![edge]!);
        }
      }
      at = next;
    }
    let sum = 0;
    for (const weight of at.values()) sum += weight;
    return sum;
  }

  probability(architecture: Architecture): number {
    if (!this.space.contains(architecture).member) return 0;
    return this.readingsOf(this.space.shared.model.labels.wordOf(architecture)) / this.mass;
  }

  private word(random: Random): number[] {
    if (this.budgeted) return this.budgeted.sample(random);
    const { firstEdge, targets, labels, weights } = this.graph;
    const word: number[] = [];
    for (let node = 0; ; ) {
      const first = firstEdge[node]!;
      const size = firstEdge[node + 1]! - first;
      if (size === 0) return word;
      this.draws[node] ??= drawOf(
        Array.from(
          { length: size },
          (_, index) => weights![first + index]! * this.masses[targets[first + index]!]!,
        ),
        false,
      );
      const edge = first + this.draws[node]!.pick(random);
      word.push(labels[edge]!);
      node = targets[edge]!;
    }
  }

  sample(random: Random): Architecture {
    const { space } = this;
    if (!(this.compiledMass > 0))
      throw new UserError(`${space.name}: a draw needs a member, the space has none`);
    for (let tries = 0; tries < TRIES; tries++) {
      const word = this.word(random);
      if (space.filters.length === 0 || space.passes(word))
        return space.shared.model.labels.architectureOf(word);
    }
    throw new UserError(
      `${space.name}: no member was found in a million draws under ${space.filters.map(({ condition }) => condition.text).join(' and ')}`,
    );
  }

  sampleDistinct(size: number, random: Random): Architecture[] {
    const { labels } = this.space.shared.model;
    const drawn = new Map<string, Architecture>();
    for (let tries = 0; drawn.size < size && tries < 1000 + 1000 * size; tries++) {
      const member = this.sample(random);
      drawn.set(labels.wordOf(member).join(), member);
    }
    if (drawn.size < size)
      throw new UserError(
        `${this.space.name}: ${size} distinct members were asked for, got ${drawn.size} in ${1000 + 1000 * size} draws by weight, the last ${layoutOf([...drawn.values()].at(-1)!)}`,
        { fix: 'ask for fewer, or draw uniformly' },
      );
    return [...drawn.values()];
  }
}
