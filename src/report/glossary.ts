/**
 * Terms of the page with their meaning, shown on hovering. `docs/report.md` is written from them;
 * `docs/architecture.md` has the whole glossary.
 */
export const termMeanings = {
  unmixed: 'No stage mixes convolution and transformer blocks; left out where the two kinds are compared',
  asymmetric: 'Some stage that mixes C and T holds more of one than of the other',
  symmetric: 'Some stage mixes C and T, and every such stage holds as many of one as of the other',
  'Pareto front': 'Networks that no other network beats in both objectives',
  'Pareto fronts': 'Networks that no other network beats in both objectives',
  layout: 'The letters of the blocks in each stage, stages joined by dashes',
  layouts: 'The letters of the blocks in each stage, stages joined by dashes',
  tied: 'The run does not tell the two apart: the difference is smaller than its intervals allow',
  '95 % interval': 'Covers the true value in 95 of 100 such experiments',
  '95 % intervals': 'Covers the true value in 95 of 100 such experiments',
  'device key':
    'Device, threads, driver, runtime and precision; numbers of different keys never share a ranking',
  seeds: 'Trainings of one network that differ in weights, data order and augmentation',
  chance: 'What a network reaches that ignores its input',
  anchor: 'A fixed small network that is measured in every launch',
  launches: 'Processes that measure, one after the other',
  MACs: 'Multiply-accumulates of one image',
  Hypervolume: 'The area between the front and the worst values; larger is better',
  'Kendall’s tau': 'Rank correlation: 1 the same order, 0 none, −1 the reverse',
  Parameters: 'Trained numbers of a network',
} as const satisfies Record<string, string>;

// `layouts` before `layout`, so that the longer term is the one found
const longestFirst = Object.keys(termMeanings).sort((a, b) => b.length - a.length);
const pattern = new RegExp(`(?<![\\w-])(${longestFirst.join('|')})(?![\\w-])`, 'g');

/** @param markup escaped text without tags; the first use of each term explains itself on hovering */
export function withTerms(markup: string): string {
  const seen = new Set<string>();
  return markup.replace(pattern, (term) => {
    if (seen.has(term)) return term;
    seen.add(term);
    return `<abbr title="${termMeanings[term as keyof typeof termMeanings]}">${term}</abbr>`;
  });
}
