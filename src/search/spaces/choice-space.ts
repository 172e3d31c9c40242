/**
 * A search space of categorical choices: a product of genes, or the subset of it that a table lists. The
 * space of published benchmark tables and of callers with their own evaluator.
 */
import { UserError } from '../../util/errors.js';
import type { Candidate, Gene, SearchSpace } from '../candidate.js';

export interface ChoiceSpaceOptions {
  readonly name: string;
  readonly genes: readonly Gene[];
  /** Members as gene vectors in their stable order; default: the whole product. */
  readonly members?: readonly (readonly number[])[];
  /** Key of the function that a member computes; default: its genes. Equal keys are one candidate. */
  keyOf?(genes: readonly number[]): string;
  exactOf?(genes: readonly number[]): Readonly<Record<string, number>>;
  /** Scores that foretell quality without training, higher is better. */
  trainingFreeOf?(genes: readonly number[]): Readonly<Record<string, number>>;
}

/** Attempts at a random neighbour or mix before the draw falls back to a listed one. */
const ATTEMPTS = 32;
const textOf = (genes: readonly number[]): string => genes.join(',');

/** @throws UserError for a space without members or a member outside the genes' ranges */
export function choiceSpace(options: ChoiceSpaceOptions): SearchSpace<readonly number[]> {
  const { name, genes, members, keyOf = textOf, exactOf, trainingFreeOf } = options;
  const open = genes.flatMap(({ choices }, index) => (choices > 1 ? [index] : []));
  const listed = members && new Set(members.map(textOf));
  if (members?.length === 0) throw new UserError(`${name}: a space needs at least one member, got none`);
  /** @param values are kept */
  const candidateOf = (values: number[]): Candidate<readonly number[]> => {
    Object.freeze(values);
    return { key: keyOf(values), genes: values, value: values };
  };
  const isListed = (values: readonly number[]): boolean => listed === undefined || listed.has(textOf(values));
  const valid = (values: readonly number[]): boolean =>
    values.length === genes.length &&
    values.every((value, index) => Number.isInteger(value) && value >= 0 && value < genes[index]!.choices) &&
    isListed(values);
  const wrong = members?.find((values) => !valid(values));
  if (wrong)
    throw new UserError(`${name}: a member must lie within the genes' choices, got ${textOf(wrong)}`);
  const space: SearchSpace<readonly number[]> = {
    name,
    genes,
    size: members ? BigInt(members.length) : genes.reduce((count, gene) => count * BigInt(gene.choices), 1n),
    sample: (random) =>
      candidateOf(
        members
          ? members[random.integer(members.length)]!.slice()
          : genes.map(({ choices }) => random.integer(choices)),
      ),
    mutate(candidate, random) {
      for (let attempt = 0; attempt < ATTEMPTS && open.length > 0; attempt++) {
        const at = open[random.integer(open.length)]!;
        const values = candidate.genes.slice();
        values[at] = (values[at]! + 1 + random.integer(genes[at]!.choices - 1)) % genes[at]!.choices;
        if (isListed(values)) return candidateOf(values);
      }
      const near = space.neighbours(candidate);
      return near[random.integer(Math.max(1, near.length))] ?? space.sample(random);
    },
    crossover(first, second, random) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const values = first.genes.map((value, at) => (random.integer(2) === 0 ? value : second.genes[at]!));
        if (isListed(values)) return candidateOf(values);
      }
      return random.integer(2) === 0 ? first : second;
    },
    neighbours: (candidate) =>
      open.flatMap((at) =>
        Array.from({ length: genes[at]!.choices }, (_, value) => value)
          .filter((value) => value !== candidate.genes[at])
          .map((value) => candidate.genes.map((own, index) => (index === at ? value : own)))
          .filter(isListed)
          .map(candidateOf),
      ),
    *enumerate() {
      if (members) return yield* members.map((values) => candidateOf(values.slice()));
      const values = genes.map(() => 0);
      for (;;) {
        yield candidateOf(values.slice());
        let at = genes.length - 1;
        while (at >= 0 && values[at] === genes[at]!.choices - 1) values[at--] = 0;
        if (at < 0) return;
        values[at]!++;
      }
    },
    withGenes: (values) => (valid(values) ? candidateOf(values.slice()) : undefined),
    exact: ({ genes: values }) => exactOf?.(values) ?? {},
    ...(trainingFreeOf && { trainingFree: ({ genes: values }) => trainingFreeOf(values) }),
  };
  return space;
}
