/** Lengths of the shortest and longest words of a layout. */
import type { LayoutExpr, SpaceModel } from './space-model.js';

/** Length of the shortest word, given those of the rules. */
export function shortestOf(layout: LayoutExpr, rules: ReadonlyMap<string, number>): number {
  switch (layout.kind) {
    case 'letter':
      return 1;
    case 'sequence':
      return layout.items.reduce((sum, item) => sum + shortestOf(item, rules), 0);
    case 'choice':
      return Math.min(...layout.options.map((option) => shortestOf(option.layout, rules)));
    case 'repeat':
      return layout.min === 0 ? 0 : layout.min * shortestOf(layout.item, rules);
    case 'rule':
      return rules.get(layout.name) ?? Infinity;
    default:
      return layout satisfies never;
  }
}

/** Length of the shortest word of every rule; Infinity where a rule has no finite word. */
export function shortestOfRules(rules: SpaceModel['rules']): ReadonlyMap<string, number> {
  const shortest = new Map<string, number>();
  for (let changed = true; changed; ) {
    changed = false;
    for (const [name, layout] of rules) {
      const length = shortestOf(layout, shortest);
      if (length < (shortest.get(name) ?? Infinity)) {
        shortest.set(name, length);
        changed = true;
      }
    }
  }
  return shortest;
}

/**
 * Length of the longest word of a layout; Infinity where a repetition is open or a rule recurses.
 * @param known lengths of rules; Infinity for those whose bodies are being read, since they recurse
 */
export function longestOf(
  layout: LayoutExpr,
  rules: SpaceModel['rules'],
  known = new Map<string, number>(),
): number {
  switch (layout.kind) {
    case 'letter':
      return 1;
    case 'sequence':
      return layout.items.reduce((sum, item) => sum + longestOf(item, rules, known), 0);
    case 'choice':
      return Math.max(...layout.options.map((option) => longestOf(option.layout, rules, known)));
    case 'repeat': {
      const item = longestOf(layout.item, rules, known);
      return item === 0 || layout.max === 0 ? 0 : item * layout.max;
    }
    case 'rule': {
      const { name } = layout;
      if (!known.has(name)) {
        known.set(name, Infinity);
        known.set(name, longestOf(rules.get(name)!, rules, known));
      }
      return known.get(name)!;
    }
    default:
      return layout satisfies never;
  }
}
