/**
 * Cells in NASNet's manner: each step of a cell combines two earlier results, each through an operation of
 * its own; one cell keeps the resolution, one reduces it, and a network repeats both. Zoph et al. 2018,
 * https://arxiv.org/abs/1707.07012
 */
import { UserError } from '../../util/errors.js';
import type { Candidate, SearchSpace } from '../candidate.js';
import { choiceSpace } from './choice-space.js';

/** The paper's operations. */
export const NASNET_OPERATIONS = [
  'identity',
  '1x3-3x1',
  '1x7-7x1',
  'dilated-3x3',
  'avg-pool-3x3',
  'max-pool-3x3',
  'max-pool-5x5',
  'max-pool-7x7',
  'conv-1x1',
  'conv-3x3',
  'separable-3x3',
  'separable-5x5',
  'separable-7x7',
] as const;

export interface CellSpaceOptions {
  /** Default `cells`. */
  readonly name?: string;
  /** Default `['normal', 'reduction']`. */
  readonly cells?: readonly string[];
  /** Combinations per cell; default 5. */
  readonly steps?: number;
  readonly operations?: readonly string[];
  /** Ways to combine two results; default `['add', 'concat']`. */
  readonly combinations?: readonly string[];
  exactOf?(cells: readonly Cell[]): Readonly<Record<string, number>>;
}

/** One combination: inputs 0 and 1 are the two preceding cells' outputs, 2 the first step, and so on. */
export interface CellStep {
  readonly inputs: readonly [number, number];
  readonly operations: readonly [string, string];
  readonly combination: string;
}

export interface Cell {
  readonly name: string;
  readonly steps: readonly CellStep[];
  /** Steps that no other step reads: their results, concatenated, are the cell's output. */
  readonly outputs: readonly number[];
}

const GENES_PER_STEP = 5;

/**
 * Genes per cell and step: two inputs, two operations, the combination. Steps whose halves are swapped are
 * one candidate. `cellsOf(candidate)` reads a candidate.
 */
export function cellSpace(options: CellSpaceOptions = {}): {
  readonly space: SearchSpace<readonly number[]>;
  cellsOf(candidate: Pick<Candidate, 'genes'>): readonly Cell[];
} {
  const { name = 'cells', cells = ['normal', 'reduction'], steps = 5 } = options;
  const { operations = NASNET_OPERATIONS, combinations = ['add', 'concat'] } = options;
  if (!(Number.isInteger(steps) && steps > 0))
    throw new UserError(`${name}: steps must be a whole number of at least 1, got ${steps}`);
  const genes = cells.flatMap((cell) =>
    Array.from({ length: steps }, (_, step) => {
      const at = `${cell} step ${step + 1}`;
      const inputs = Array.from({ length: step + 2 }, (_unused, index) => inputName(index));
      return [
        { name: `${at} input 1`, choices: inputs.length, labels: inputs },
        { name: `${at} input 2`, choices: inputs.length, labels: inputs },
        { name: `${at} operation 1`, choices: operations.length, labels: operations },
        { name: `${at} operation 2`, choices: operations.length, labels: operations },
        { name: `${at} combination`, choices: combinations.length, labels: combinations },
      ];
    }).flat(),
  );
  const read = (values: readonly number[]): Cell[] =>
    cells.map((cell, index) =>
      cellOf(cell, values.slice(index * steps * GENES_PER_STEP), steps, operations, combinations),
    );
  const space = choiceSpace({
    name,
    genes,
    keyOf: (values) => JSON.stringify(read(values).map((cell) => cell.steps.map(stepKey))),
    ...(options.exactOf && { exactOf: (values) => options.exactOf!(read(values)) }),
  });
  return { space, cellsOf: (candidate) => read(candidate.genes) };
}

function cellOf(
  name: string,
  genes: readonly number[],
  count: number,
  operations: readonly string[],
  combinations: readonly string[],
): Cell {
  const steps = Array.from({ length: count }, (_, step): CellStep => {
    const [a, b, first, second, how] = genes.slice(step * GENES_PER_STEP) as [
      number,
      number,
      number,
      number,
      number,
    ];
    return {
      inputs: [a, b],
      operations: [operations[first]!, operations[second]!],
      combination: combinations[how]!,
    };
  });
  const used = new Set(steps.flatMap(({ inputs }) => inputs));
  return { name, steps, outputs: steps.flatMap((_, step) => (used.has(step + 2) ? [] : [step + 2])) };
}

/** Equal for steps that differ by the order of their halves, where the combination does not depend on it. */
function stepKey({ inputs, operations, combination }: CellStep): string {
  const halves = [0, 1].map((half) => `${inputs[half]} ${operations[half]}`);
  return `${(combination === 'add' ? halves.sort() : halves).join(' | ')} ${combination}`;
}

function inputName(index: number): string {
  if (index === 0) return 'cell before the last';
  return index === 1 ? 'last cell' : `step ${index - 1}`;
}
