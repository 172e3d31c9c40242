/** The result as JSON with one candidate per line, so that two files can be compared by line. */
import type { CandidateResult, ExperimentResult } from '../store/experiment-result.js';

/** Of more networks the file holds summaries; what it leaves out stays in the database. */
export const mostWholeNetworks = 5000;
const leftOut = ['architecture', 'profiles.launches', 'scores.curve'] as const;

/** Pieces of the text. Single samples are never part of it. */
export function* resultsJson(result: ExperimentResult): Generator<string> {
  const { candidates, ...rest } = result;
  const isWhole = candidates.length <= mostWholeNetworks;
  const head = Object.entries({ ...rest, ...(!isWhole && { leftOut }) }).map(
    ([name, value]) => ` ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  yield `{\n${head.join(',\n')},\n "candidates": [\n`;
  for (const [index, candidate] of candidates.entries()) {
    const text = JSON.stringify(isWhole ? candidate : summaryOf(candidate));
    yield `${index > 0 ? ',\n' : ''}  ${text}`;
  }
  yield '\n ]\n}\n';
}

const summaryOf = ({ architecture: _, profiles, scores, ...rest }: CandidateResult): object => ({
  ...rest,
  profiles: profiles.map(({ launches, ...profile }) => ({ ...profile, launches: launches.length })),
  scores: scores.map(({ curve, ...score }) => ({ ...score, epochs: curve.length })),
});
