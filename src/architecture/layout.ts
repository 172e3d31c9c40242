/**
 * What layouts alone say. A layout is a stage's string of letters; a network's are joined by `-`:
 * `CC-CCCT-CCTT-CTTT`. Symmetric: every stage that mixes C and T holds as many of one as of the other (pure
 * stages allowed; letters other than C and T do not count). Asymmetry score: the mean of |C − T| / (C + T)
 * over the stages that mix C and T; 0 where none mixes. It is 0 exactly for symmetric layouts. The words are
 * AsCAN's (NeurIPS 2024, section 3.1), the score is this project's.
 */
import type { Architecture } from './architecture.js';

export type Symmetry = 'symmetric' | 'asymmetric';

/** `CC-CCCT-CCTT-CTTT`; a stage without blocks is an empty text between dashes. */
export function layoutOf(architecture: Pick<Architecture, 'stages'>): string {
  return architecture.stages.map((stage) => stage.blocks.map((block) => block.letter).join('')).join('-');
}

/** Numbers of C and T in each stage that holds both. A letter counts by its upper-case part (`C'` is a C). */
function mixedStages(layout: string): { readonly c: number; readonly t: number }[] {
  return layout
    .split('-')
    .map((stage) => ({ c: stage.match(/C/g)?.length ?? 0, t: stage.match(/T/g)?.length ?? 0 }))
    .filter(({ c, t }) => c > 0 && t > 0);
}

/** @example symmetryOf('CCCC-CCTT-TTTT') // 'symmetric' */
export function symmetryOf(layout: string): Symmetry {
  return mixedStages(layout).every(({ c, t }) => c === t) ? 'symmetric' : 'asymmetric';
}

/** 0 (symmetric) to below 1. @example asymmetryScore('CC-CCCT-CCTT-CTTT') // 1/3 */
export function asymmetryScore(layout: string): number {
  const stages = mixedStages(layout);
  return stages.length === 0
    ? 0
    : stages.reduce((sum, { c, t }) => sum + Math.abs(c - t) / (c + t), 0) / stages.length;
}
