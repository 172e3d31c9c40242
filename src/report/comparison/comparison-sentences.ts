/** What a comparison of runs found, and what may be compared, as sentences. */
import type { RunComparison } from '../../analysis/comparison/compared-runs.js';
import { inSentence } from '../../analysis/objectives/objectives.js';

const count = (number: number, one: string, many = `${one}s`): string =>
  `${number === 1 ? 'one' : number} ${number === 1 ? one : many}`;
const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

/** How many networks the runs share, and whether they order them alike. */
export function comparisonHeadline({ networks, agreements, runs }: RunComparison): string {
  const shared = networks.filter(({ results }) => results.filter(Boolean).length > 1).length;
  if (shared === 0) return 'No network is in more than one run.';
  const lead = capital(`${count(shared, 'network is', 'networks are')} in more than one run`);
  const least = [...agreements].sort((a, b) => a.tau.value - b.tau.value)[0];
  if (!least) return `${lead}, too few to compare orders.`;
  const { tau, quantity } = least;
  const order =
    tau.low > 0 ? 'the runs agree in their order' : 'whether the runs agree in their order is open';
  const where = runs.length > 2 || agreements.length > 1 ? 'least by' : 'by';
  return (
    `${lead}; ${tau.high < 0 ? 'two runs order them in reverse' : order}, ${where} ${inSentence(quantity)} ` +
    `(tau ${tau.value.toFixed(2)} [${tau.low.toFixed(2)}, ${tau.high.toFixed(2)}]).`
  );
}

/** One statement on times, one on scores. */
export function comparableSentences({ runs, panels }: RunComparison): string[] {
  const devices = new Set(runs.map(({ result }) => result.device.id)).size;
  const times =
    devices === 1
      ? 'Times: one device key; runs were measured at different times, so only differences beyond both ' +
        'intervals count.'
      : `Times: ${devices} device keys; times of different keys stand in panels of their own and are never ` +
        'ranked together.';
  const bases = new Set(panels.filter(({ device }) => !device)).size;
  const scores =
    bases <= 1
      ? 'Scores: one data set and recipe, so scores of the runs may be compared within their intervals.'
      : `Scores: ${bases} combinations of score, data set and recipe; ` +
        'scores of different ones are not compared.';
  return [times, scores];
}
