/**
 * Finds layouts with several derivations of one word. Counts and uniform draws are not affected; draws by
 * weight add the probabilities of all derivations.
 */
import { LayoutNfa } from '../automaton/layout-nfa.js';
import type { LayoutExpr, SpaceModel, StageModel } from '../model/space-model.js';

/** States visited before the search of a layout ends. */
const STATES = 3000;

function recurses(layout: LayoutExpr, rules: SpaceModel['rules'], inside: readonly string[] = []): boolean {
  switch (layout.kind) {
    case 'letter':
      return false;
    case 'sequence':
      return layout.items.some((item) => recurses(item, rules, inside));
    case 'choice':
      return layout.options.some((option) => recurses(option.layout, rules, inside));
    case 'repeat':
      return recurses(layout.item, rules, inside);
    case 'rule':
      return (
        inside.includes(layout.name) || recurses(rules.get(layout.name)!, rules, [...inside, layout.name])
      );
    default:
      return layout satisfies never;
  }
}

/**
 * The shortest word, in letters, that the layout of a stage derives in more than one way. Layouts with
 * recursive rules are not searched.
 */
export function ambiguousLayout(
  { layout, depths }: StageModel,
  { rules, slots, alphabet }: SpaceModel,
): string | undefined {
  if (recurses(layout, rules)) return undefined;
  const automaton = new LayoutNfa(rules);
  const limit = depths.max;
  let level: { readonly ways: ReadonlyMap<number, number>; readonly word: string }[] = [
    { ways: new Map([[automaton.start(layout), 1]]), word: '' },
  ];
  const seen = new Set<string>();
  for (let depth = 0; level.length > 0 && depth <= limit; depth++) {
    const next = new Map<string, (typeof level)[number]>();
    for (const { ways, word } of level) {
      let accepted = 0;
      const bySymbol = new Map<number, Map<number, number>>();
      for (const [state, many] of ways) {
        const moves = automaton.weightedMoves(state, limit === Infinity ? Infinity : limit - depth);
        accepted += many * moves.accepts.ways;
        for (const move of moves.letters) {
          for (const { symbol } of slots[move.slot]!.alternatives) {
            let into = bySymbol.get(symbol);
            if (!into) bySymbol.set(symbol, (into = new Map()));
            into.set(move.next, Math.min(2, (into.get(move.next) ?? 0) + many * move.ways));
          }
        }
      }
      if (accepted > 1 && depths.has(depth) && depth >= depths.min) return word;
      for (const [symbol, into] of bySymbol) {
        const key = `${limit === Infinity ? '' : depth}:${[...into].sort(([a], [b]) => a - b).join(';')}`;
        const { block } = alphabet.symbols[symbol] as { block: { letter: string } };
        if (!seen.has(key) && !next.has(key)) next.set(key, { ways: into, word: word + block.letter });
      }
    }
    for (const key of next.keys()) seen.add(key);
    if (seen.size > STATES) return undefined;
    level = [...next.values()];
  }
  return undefined;
}
