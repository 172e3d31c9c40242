/**
 * Zero-cost scores in a sweep: stored once, asked again only for what is missing, ranked against what was
 * trained.
 */
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { score } from '../../src/analysis/objectives/result-score.js';
import { rankZeroCostScores } from '../../src/analysis/ranking/zero-cost-ranks.js';
import { openStore, readExperimentResult } from '../../src/store/open-store.js';
import { seededRandom } from '../../src/util/random.js';
import { jsonLines, stagecraft } from '../cli/run-cli.js';
import { fixtureResult } from '../fixtures/experiment-result.js';
import { temporaryFolder } from '../store/stored-experiment.js';
import { experimentText, writeTiny } from './tiny.js';

const text = (of: string): string =>
  experimentText(`  zero-cost measures(of: ${of}, batch: 8)\n`)
    .replace(/ {2}profile.*\n/, '')
    .replace('epochs: 3', 'epochs: 1')
    .replace('seeds {1, 2}', 'seeds {1}');

it('run stores them, once; score prints the same numbers', () => {
  const folder = temporaryFolder();
  const database = join(folder, 'results.sqlite');
  const scored = (): number => {
    const store = openStore(database, { readonly: true });
    onTestFinished(() => store.close());
    return (store.sqlite.prepare('SELECT count(*) AS n FROM zero_cost').get() as { n: number }).n;
  };
  expect(stagecraft(['run', writeTiny(folder, text('{synflow, naswot}')), '--db', database]).code).toBe(0);
  expect(scored()).toBe(6);
  const answer = stagecraft(['run', writeTiny(folder, text('{synflow, naswot, params}')), '--db', database]);
  expect(answer.err).toMatch(/1 measures in/);
  expect(scored()).toBe(9);
  const store = openStore(database, { readonly: true });
  onTestFinished(() => store.close());
  const [candidate] = readExperimentResult(store).candidates;
  expect(candidate!.zeroCost!.map(({ measure }) => measure).sort()).toEqual(['naswot', 'params', 'synflow']);
  const again = stagecraft([
    'score',
    candidate!.architectureId,
    '--db',
    database,
    '--data',
    `idx(folder: ${join(folder, 'digits')})`,
    '--measures',
    'synflow,params',
    '--batch',
    '8',
    '--json',
  ]);
  expect(again.code, again.err).toBe(0);
  const scores = jsonLines(again.out)[0]!['scores'] as { measure: string; value: number }[];
  for (const { measure, value } of scores)
    expect(
      value / candidate!.zeroCost!.find((score) => score.measure === measure)!.value!,
      measure,
    ).toBeCloseTo(1, 4);
});

it.each([
  ['{synflo}', /a measure must be a known one, got "synflo"[\s\S]*synflow/],
  ['{synflow}, batch: 1', /batch must lie in 2..4096, got 1/],
])('refuses %s', (of, message) => {
  const answer = stagecraft([
    'run',
    writeTiny(temporaryFolder(), text(of).replace(', batch: 8', '')),
    '--dry-run',
  ]);
  expect(answer.err).toMatch(message);
  expect(answer.code).toBe(2);
});

it('rankMeasures: 1 for the trained order, −1 for its reverse, nothing for four networks', () => {
  const candidates = fixtureResult({ candidates: 6, seeds: 1, failures: false }).candidates.map(
    (candidate, index) => ({
      ...candidate,
      scores: candidate.scores.map((score) => ({ ...score, top1: 0.1 * index })),
      zeroCost: [
        { measure: 'same', value: index ** 3, reason: '', seconds: 1 },
        { measure: 'reverse', value: -index, reason: '', seconds: 3 },
        { measure: 'few', ...(index < 4 && { value: index }), reason: 'none', seconds: 1 },
      ],
    }),
  );
  const ranks = rankZeroCostScores(candidates, score('top-1'), seededRandom('ranks'));
  expect(
    ranks.map(({ measure, tau, rho, seconds }) => [
      measure,
      tau.value,
      Number(rho.value.toFixed(6)),
      seconds,
    ]),
  ).toEqual([
    ['same', 1, 1, 1],
    ['reverse', -1, -1, 3],
  ]);
  expect(ranks[0]!.tau.samples).toBe(6);
});
