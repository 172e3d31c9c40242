/** The rules of early stopping. Adding one = its file and its line here. */
import { asha } from './asha.js';
import { front } from './front-rule.js';
import { halving, hyperband } from './hyperband.js';
import { median } from './median-rule.js';
import type { StoppingRule } from './stopping-rule.js';

export const stoppingRules = { asha, hyperband, halving, median, front } as const satisfies Record<
  string,
  StoppingRule
>;
export type StoppingRuleName = keyof typeof stoppingRules;
