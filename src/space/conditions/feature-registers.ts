/** Registers that compute one number of a network (a feature) while its word is read. */
import type { Feature, StageRange } from './condition.js';
import type { InputSymbol, State, SymbolCost } from './predicate-automaton.js';

export interface FeatureRegisters {
  readonly start: State;
  next(registers: State, input: InputSymbol): State;
  value(registers: State): number;
  /** The value never decreases along a word, so that an exceeded bound stays exceeded. */
  readonly monotone: boolean;
  /** No input after this stage changes the value. */
  readonly lastStage: number;
}

export const isWithin = (stage: number, range: StageRange): boolean =>
  stage >= range.from && stage <= range.to;

export function registersOf(feature: Feature): FeatureRegisters {
  switch (feature.kind) {
    case 'count':
      return blockCount(feature);
    case 'share':
      return blockShare(feature);
    case 'first':
      return blocksBefore(feature);
    case 'onset':
      return shareBefore(feature);
    case 'width':
      return {
        start: [0],
        monotone: false,
        lastStage: feature.stage,
        value: ([width]) => width as number,
        next: (registers, input) =>
          input.kind === 'header' && input.stage === feature.stage ? [input.width] : registers,
      };
    case 'cost':
      return summedCost(feature);
    case 'asymmetry':
      return meanAsymmetry;
    default:
      return feature satisfies never;
  }
}

const blockCount = ({ letter, stages }: Feature & { kind: 'count' | 'share' }): FeatureRegisters => ({
  start: [0],
  monotone: true,
  lastStage: stages.to,
  value: ([count]) => count as number,
  next: (registers, input) =>
    input.kind === 'block' &&
    isWithin(input.stage, stages) &&
    (letter === undefined || input.letter === letter)
      ? [(registers[0] as number) + 1]
      : registers,
});

const blockShare = ({ letter, stages }: Feature & { kind: 'count' | 'share' }): FeatureRegisters => ({
  start: [0, 0],
  monotone: false,
  lastStage: stages.to,
  value: ([count, all]) => (all === 0 ? 0 : (count as number) / (all as number)),
  next: (registers, input) =>
    input.kind === 'block' && isWithin(input.stage, stages)
      ? [(registers[0] as number) + Number(input.letter === letter), (registers[1] as number) + 1]
      : registers,
});

/** Blocks before the first of the letter, and whether it was read; after that the state stays as it is. */
const blocksBefore = ({ letter, stages }: Feature & { kind: 'first' | 'onset' }): FeatureRegisters => ({
  start: [0, 0],
  monotone: true,
  lastStage: stages.to,
  value: ([before]) => (before as number) + 1,
  next(registers, input) {
    const [before, found] = registers as readonly [number, number];
    if (found === 1 || input.kind !== 'block' || !isWithin(input.stage, stages)) return registers;
    return input.letter === letter ? [before, 1] : [before + 1, 0];
  },
});

/** As `blocksBefore`, with the number of all blocks. */
const shareBefore = ({ letter, stages }: Feature & { kind: 'first' | 'onset' }): FeatureRegisters => ({
  start: [0, 0, 0],
  monotone: false,
  lastStage: stages.to,
  value: ([before, , all]) => (all === 0 ? 1 : (before as number) / (all as number)),
  next(registers, input) {
    const [before, found, all] = registers as readonly [number, number, number];
    if (input.kind !== 'block' || !isWithin(input.stage, stages)) return registers;
    if (found === 1) return [before, 1, all + 1];
    return input.letter === letter ? [before, 1, all + 1] : [before + 1, 0, all + 1];
  },
});

/** Parameters and MACs add up; memory is the maximum over parts. */
function summedCost({ stages, measure }: Feature & { kind: 'cost' }): FeatureRegisters {
  const read = (cost: SymbolCost): number => (measure === 'memory' ? cost.activationBytes : cost[measure]);
  return {
    start: [0],
    monotone: true,
    lastStage: stages?.to ?? Infinity,
    value: ([sum]) => sum as number,
    next(registers, input) {
      if (input.kind === 'end' || (stages !== undefined && !isWithin(input.stage, stages))) return registers;
      const before = registers[0] as number;
      const own = read(input.cost);
      return [measure === 'memory' ? Math.max(before, own) : before + own];
    },
  };
}

/** Mean over the mixed stages of |C − T| / (C + T). */
const meanAsymmetry: FeatureRegisters = {
  // sum of the mixed stages' scores, number of mixed stages, C and T of the open stage
  start: [0, 0, 0, 0],
  monotone: false,
  lastStage: Infinity,
  value: ([sum, mixed]) => (mixed === 0 ? 0 : (sum as number) / (mixed as number)),
  next(registers, input) {
    const [sum, mixed, c, t] = registers as readonly [number, number, number, number];
    if (input.kind === 'block') {
      const { letter } = input;
      return [sum, mixed, c + Number(letter.startsWith('C')), t + Number(letter.startsWith('T'))];
    }
    if (input.kind !== 'end') return registers;
    return c > 0 && t > 0 ? [sum + Math.abs(c - t) / (c + t), mixed + 1, 0, 0] : [sum, mixed, 0, 0];
  },
};
