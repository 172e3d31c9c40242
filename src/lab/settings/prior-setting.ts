/** `prior falling(letter: C)`: what the user believes about the letters of good networks. */
import { layoutSpace } from '../../search/spaces/layout-space.js';
import type { GenePrior } from '../../search/strategy.js';
import { nameHint } from '../../util/nearest-name.js';
import type { ParamTable } from '../../util/params.js';
import { readCall } from './read-terms.js';
import type { ReadContext, Setting, SettingSource } from './setting.js';
import { spaceSetting } from './space-setting.js';

export interface PriorSetting {
  readonly name: 'falling' | 'rising' | 'weights';
  /** `falling` and `rising`: the one letter, with weight 1. */
  readonly letters: Readonly<Record<string, number>>;
}

const ofLetter = { letter: { kind: 'text', doc: 'block letter of the space' } } as const satisfies ParamTable;
const calls = { falling: ofLetter, rising: ofLetter, weights: {} } as const;

/** Weight of a letter against all others where it is believed in most, and where least. */
const [MOST, LEAST] = [0.9, 0.1];

export const priorSetting: Setting<PriorSetting> = {
  keyword: 'prior',
  summary: 'a belief about letters that a search tries: falling(letter: C), weights(C: 3, T: 1)',
  example: 'prior  falling(letter: C)',
  reference:
    'Default: none. One proposal in ten is drawn from it, so that a wrong belief costs at most a tenth ' +
    'of the budget. `falling`: the letter gets rarer from the first block to the last, from 90 to 10 %; ' +
    '`rising`: more frequent; `weights`: of each letter of the space anywhere, 1 where none is given.',
  calls,
  callDocs: {
    falling: 'the letter gets rarer from the first block to the last',
    rising: 'the letter gets more frequent from the first block to the last',
    weights: 'weights of letters anywhere: weights(C: 3, T: 1)',
  },
  needs: 'strategy',
  read(source, context) {
    const space = context.get(spaceSetting);
    if (!source || !space) return undefined;
    const known = [...new Set(layoutSpace(space).blocks.flatMap(({ letters }) => letters))].sort();
    const read = readCall(source, calls, context.diagnostics, { others: known });
    if (!read) return undefined;
    const name = read.call.name as PriorSetting['name'];
    if (name === 'weights') return readWeights(source, known, context);
    const letter = String(read.values['letter']);
    if (known.includes(letter)) return { name, letters: { [letter]: 1 } };
    return context.diagnostics.error(
      read.call.span,
      `prior ${name}: letter must be one of ${known.join(', ')}, got ${JSON.stringify(letter)}`,
      nameHint(letter, known),
    );
  },
  meaning: (prior) => (prior ? { prior } : {}),
};

function readWeights(
  { terms: [term] }: SettingSource,
  known: readonly string[],
  { diagnostics }: ReadContext,
): PriorSetting | undefined {
  const args = term?.kind === 'call' ? term.args : [];
  const wrong = args.find(({ value }) => value.kind !== 'number' || !(value.value >= 0));
  if (wrong)
    return diagnostics.error(
      wrong.value.span,
      `prior weights: ${wrong.name} must be a number of at least 0`,
      'prior  weights(C: 3, T: 1)',
    );
  const letters = Object.fromEntries(
    args.map(({ name, value }) => [name, (value as Extract<typeof value, { kind: 'number' }>).value]),
  );
  if (args.length > 0 && known.some((letter) => (letters[letter] ?? 1) > 0))
    return { name: 'weights', letters };
  return diagnostics.error(
    term!.span,
    `prior weights: some letter of ${known.join(', ')} must have a weight, got none`,
    'prior  weights(C: 3, T: 1)',
  );
}

/** Weights of the letters at each block of the space, with a mean of 1, so that length does not count. */
export function genePrior(
  { name, letters }: PriorSetting,
  blocks: ReturnType<typeof layoutSpace>['blocks'],
): GenePrior {
  const weightOf = (letter: string, depth: number): number => {
    if (name === 'weights') return letters[letter] ?? 1;
    const share = name === 'falling' ? MOST + (LEAST - MOST) * depth : LEAST + (MOST - LEAST) * depth;
    return Object.hasOwn(letters, letter) ? share : 1 - share;
  };
  return Object.fromEntries(
    blocks.map(({ gene, letters: choices, depth }) => {
      const weights = choices.map((letter) => weightOf(letter, depth));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      return [gene, weights.map((weight) => (total > 0 ? (weight * weights.length) / total : 1))];
    }),
  );
}
