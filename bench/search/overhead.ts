/**
 * CPU time per trial of ask and tell alone, as the history grows: a space of 4^20 members, two objectives, an
 * evaluator that takes no time. `--quick` ends at 1,000 trials, `--trials n` at n.
 * `--searches a,b` runs some of them only.
 */
import type { SearchObjective } from '../../src/search/objective.js';
import { choiceSpace } from '../../src/search/spaces/choice-space.js';
import { type StrategyName, strategies } from '../../src/search/strategy-table.js';
import { Study } from '../../src/search/study.js';
import type { ParamValues } from '../../src/util/params.js';
import type { Bench } from '../benchmark.js';

const space = choiceSpace({
  name: '4^20',
  genes: Array.from({ length: 20 }, (_, index) => ({ name: `gene ${index}`, choices: 4 })),
  trainingFreeOf: (genes) => ({ entropy: genes.reduce((sum, choice) => sum + choice, 0) }),
});
const objectives: readonly SearchObjective[] = [
  { name: 'score', better: 'higher' },
  { name: 'cost', better: 'lower' },
];
/** Trials that times are averaged over, the last not among them. */
const windows = [
  [0, 200],
  [200, 400],
  [400, 700],
  [700, 1000],
  [9000, 10_000],
  [90_000, 100_000],
] as const;
interface Case {
  readonly label: string;
  readonly name: StrategyName;
  readonly params: ParamValues;
}

const cases: readonly Case[] = [
  ...(Object.keys(strategies) as StrategyName[])
    .filter((name) => name !== 'exhaustive')
    .map((name): Case => ({ label: name, name, params: {} })),
  { label: 'predictor-nehvi', name: 'predictor', params: { acquisition: 'nehvi' } },
];

function evaluate(genes: readonly number[]): Record<string, number> {
  let [score, cost] = [0, 0];
  genes.forEach((choice, gene) => {
    score += Math.sin(gene + choice * (1 + (genes[(gene + 1) % genes.length]! & 1)));
    cost += choice * (1 + (gene % 5));
  });
  return { score, cost };
}

/** Milliseconds per trial in each window. */
function overheads(
  { label, name, params }: Case,
  most: number,
  note: (line: string) => void,
): (number | undefined)[] {
  const study = new Study({ space, objectives, strategy: strategies[name], params, seed: 1 });
  let trials = 0;
  const advance = (count: number): void => {
    for (; trials < count; trials++) {
      const trial = study.ask();
      if (!trial) return;
      study.tell(trial.number, evaluate(trial.candidate.genes));
    }
  };
  return windows.map(([from, to]) => {
    if (to > most) return undefined;
    advance(from);
    note(`${label}, ${trials} trials`);
    const before = process.cpuUsage();
    advance(to);
    const { user, system } = process.cpuUsage(before);
    return trials === to ? (user + system) / 1000 / (to - from) : undefined;
  });
}

export const searchOverheadBench = {
  summary: 'CPU time per trial of each search strategy as the history grows',
  needsEngine: false,
  onlyByName: true,
  async run({ quick, searches, trials, note }) {
    const wanted = cases.filter(({ label }) => searches?.includes(label) ?? true);
    return [
      {
        title: 'Overhead per trial, CPU ms, mean over a range of trials',
        columns: ['strategy', ...windows.map(([from, to]) => `${from + 1}–${to}`)],
        rows: wanted.map((each) => [
          each.label,
          ...overheads(each, trials ?? (quick ? 1000 : 100_000), note).map((ms) =>
            ms === undefined ? '—' : ms.toFixed(3),
          ),
        ]),
        notes: ['limit: 5 ms, flat', 'auto: without a budget, the choice is predictor'],
      },
    ];
  },
} as const satisfies Bench;
