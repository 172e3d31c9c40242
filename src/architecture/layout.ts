/**
 * Properties of layouts. A layout is a stage's string of letters; the layouts of a network are joined by
 * `-`: `CC-CCCT-CCTT-CTTT`. A network is asymmetric if some stage that mixes C and T has more of one than of
 * the other, symmetric if every such stage has as many of both, and unmixed if no stage mixes them. Pure
 * stages are allowed beside mixed ones, and other letters do not count. An unmixed network satisfies the
 * definition of symmetric, and so the condition `symmetric` of a space, but comparisons of the two kinds
 * leave it out: it has no stage whose mix could differ. The asymmetry score is the mean of |C − T| / (C +
 * T) over the stages that mix C and T, and 0 if none mixes. It is above 0 exactly for asymmetric layouts.
 * The terms are AsCAN's (NeurIPS 2024, section 3.1, https://openreview.net/forum?id=r0eSCJ6qsL); `unmixed`
 * and the score are this project's.
 */
import type { Architecture } from './architecture.js';

export const symmetryKinds = ['symmetric', 'asymmetric', 'unmixed'] as const;
export type Symmetry = (typeof symmetryKinds)[number];

/** `CC-CCCT-CCTT-CTTT`; a stage without blocks is an empty text between dashes. */
export function layoutOf(architecture: Pick<Architecture, 'stages'>): string {
  return architecture.stages.map((stage) => stage.blocks.map((block) => block.letter).join('')).join('-');
}

/** Counts of C and T in each stage that has both; a letter counts by its upper-case part (`C'` is a C). */
function mixedStages(layout: string): { readonly c: number; readonly t: number }[] {
  return layout
    .split('-')
    .map((stage) => ({ c: stage.match(/C/g)?.length ?? 0, t: stage.match(/T/g)?.length ?? 0 }))
    .filter(({ c, t }) => c > 0 && t > 0);
}

/** A layout such as `CC-CCCT`, or an architecture that has one. */
export type HasLayout = string | Pick<Architecture, 'stages'>;
const layoutText = (of: HasLayout): string => (typeof of === 'string' ? of : layoutOf(of));

/** @example symmetryOf('CCCC-CCTT-TTTT') // 'symmetric' */
export function symmetryOf(of: HasLayout): Symmetry {
  const stages = mixedStages(layoutText(of));
  if (stages.length === 0) return 'unmixed';
  return stages.every(({ c, t }) => c === t) ? 'symmetric' : 'asymmetric';
}

/** 0 (symmetric, unmixed) to below 1. @example asymmetryScore('CC-CCCT-CCTT-CTTT') // 1/3 */
export function asymmetryScore(of: HasLayout): number {
  const stages = mixedStages(layoutText(of));
  return stages.length === 0
    ? 0
    : stages.reduce((sum, { c, t }) => sum + Math.abs(c - t) / (c + t), 0) / stages.length;
}
