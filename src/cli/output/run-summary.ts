/**
 * The end of a run: the answer first, then what it rests on, the front, the failures, the files and what
 * is next.
 */

import { basename, dirname, relative } from 'node:path';
import { effectSentence, verdictSentence } from '../../analysis/ablation/ablation-sentences.js';
import { analyseAblation } from '../../analysis/ablation/analyse-ablation.js';
import {
  inSentence,
  type Objective,
  objective,
  parseObjective,
  scoreNames,
} from '../../analysis/objectives/objectives.js';
import { mainScore } from '../../analysis/objectives/result-score.js';
import { elsewhereFronts, regretText, robustSentence } from '../../analysis/pareto/elsewhere-fronts.js';
import { frontOf } from '../../analysis/pareto/pareto-front.js';
import { frontTable } from '../../analysis/summary/candidate-table.js';
import { conclusionsOf } from '../../analysis/summary/conclusions.js';
import { failureGroups } from '../../analysis/summary/failure-groups.js';
import { databaseName } from '../../lab/database-name.js';
import { measuredOn } from '../../lab/device-text.js';
import type { SearchSummary } from '../../lab/run/run-event.js';
import type { ExperimentResult } from '../../store/experiment-result.js';
import type { Io } from './io.js';
import { searchClosing } from './search-text.js';

interface Where {
  readonly database: string;
  readonly htmlFile: string;
  readonly objectives: readonly string[];
  readonly search?: SearchSummary;
}

/** The two objectives that the front is drawn over: the first is up. */
function frontObjectives(names: readonly string[]): [Objective, Objective] {
  const [first, second] = names.map(parseObjective);
  return [first ?? objective('top-1'), second ?? objective('macs')];
}

/** The answer of an ablation, before the front. */
function ablationLines(result: ExperimentResult): string[] {
  const analysis = analyseAblation(result);
  if (!analysis) return [];
  return [
    '',
    analysis.plan.question,
    verdictSentence(analysis),
    ...analysis.effects.map((effect) => `  ${effectSentence(effect, analysis)}`),
  ];
}

export function runSummary(
  result: ExperimentResult,
  { database, htmlFile, objectives, search }: Where,
  io: Pick<Io, 'colours'>,
): string {
  const { bold, dim } = io.colours;
  const [named, x] = frontObjectives(objectives);
  const y = scoreNames.includes(named.name) ? mainScore(result) : named; // the task may lack that score
  const front = frontOf(result.candidates, x, y);
  const { headline, comparable, sentences } = conclusionsOf(result, x);
  const here = (path: string): string => relative('.', path) || path;
  return [
    ...ablationLines(result),
    '',
    bold(headline),
    ...sentences.map((sentence) => `  ${sentence}`),
    '',
    'what may be compared',
    ...comparable.map((statement) => `  ${statement}`),
    '',
    bold(
      `The front: ${inSentence(y)} against ${inSentence(x)} ` +
        `(${front.front.length} of ${front.points.length} networks)`,
    ),
    '',
    front.front.length ? frontTable(result, front) : 'no network has both',
    ...(front.ties.length
      ? ['', dim('= tied: the difference is smaller than what the run tells, or than the relevance')]
      : []),
    '',
    ...failureLines(result),
    ...(search ? searchClosing(search) : []),
    ...elsewhereLines(result),
    `report     ${here(htmlFile)}`,
    `database   ${here(database)}`,
    `taken on   ${measuredOn(result.device.key, result.environment)}`,
    '',
    'next',
    `  npx stagecraft explore ${here(basename(database) === databaseName ? dirname(database) : database)}`,
    `  npx stagecraft show ${result.candidates[front.front.at(-1) ?? 0]?.architectureId ?? ''} ` +
      `--db ${here(database)}`,
  ].join('\n');
}

/** The networks on the fronts of several devices; nothing where the search names no other device. */
const elsewhereLines = (result: ExperimentResult): string[] =>
  elsewhereFronts(result).flatMap((fronts) => {
    const { devices, standings, score, cost } = fronts;
    const others = standings.filter(({ isRobust }) => !isRobust).slice(0, mostElsewhere);
    const names = devices.map(({ name }, index) => `${index + 1} ${name}`);
    return [
      `devices    ${cost.short} on ${names.join(', ')}`,
      `robust     ${robustSentence(fronts)}`,
      ...others.map((standing) => {
        const where = devices.map((_, device) => `${device + 1} ${regretText(standing, device, score)}`);
        return `           ${standing.layout}: ${where.join(', ')}`;
      }),
    ];
  });

const mostElsewhere = 8;
const mostReasons = 5;

/** The reasons with their number of jobs, the most frequent first; nothing without failures. */
function failureLines(result: ExperimentResult): string[] {
  const groups = failureGroups(result);
  if (groups.length === 0) return [];
  const jobs = groups.reduce((sum, { count }) => sum + count, 0);
  const more = groups.length - mostReasons;
  return [
    `failed     ${jobs} ${jobs === 1 ? 'job' : 'jobs'}; --retry-failed runs them again`,
    ...groups
      .slice(0, mostReasons)
      .map(
        ({ text, count, layouts }) =>
          `  ${count} × ${text} (${layouts.slice(0, 3).join(', ')}${layouts.length > 3 ? ', …' : ''})`,
      ),
    ...(more > 0 ? [`  and ${more} other ${more === 1 ? 'reason' : 'reasons'}, listed in the report`] : []),
    '',
  ];
}
