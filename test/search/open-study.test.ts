/** The programming interface: the example of the documents through the built package, and what it refuses. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  choiceSpace,
  openStudy,
  type SearchEvent,
  type StudyOptions,
  studyFront,
  studyHypervolume,
} from '../../src/search/api.js';
import { repository } from '../import-graph.js';

const space = choiceSpace({
  name: 'line',
  genes: [{ name: 'x', choices: 9, ordered: true }],
  exactOf: ([x]) => ({ cost: x! }),
});
const objectives = [
  { name: 'score', better: 'higher' },
  { name: 'cost', better: 'lower' },
] as const;
const options: StudyOptions<readonly number[]> = { space, objectives, strategy: 'exhaustive' };

describe('docs/search.md', () => {
  it('has an example that runs from the built package and resumes its own log', () => {
    const text = readFileSync(join(repository, 'docs/search.md'), 'utf8');
    const code = /```js\n([^]*?)```/.exec(text)![1]!;
    const args = [
      '--input-type=module',
      '-e',
      `${code}\nconsole.log('trials', study.history.trials.length);`,
    ];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, {
      cwd: repository,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^\d,\d,\d,\d \[ -0\.\d+, \d+ \]$/m);
    expect(stdout).toMatch(/hypervolume \d+\.\d+\ntrials 40\n$/);
  });
});

describe('openStudy', () => {
  it('fills in objectives that the space knows, and continues from a log', () => {
    const log: SearchEvent[] = [];
    const study = openStudy({ ...options, onEvent: (event) => log.push(event) });
    for (const score of [3, 5, 4]) study.tell(study.ask()!.number, { score });
    study.ask();
    expect(log.at(-2)).toEqual({ type: 'told', trial: 2, values: { score: 4, cost: 2 }, seconds: 0 });
    expect(studyFront(study).map(({ costs }) => costs)).toEqual([
      [-3, 0],
      [-5, 1],
    ]);
    expect(studyHypervolume(study, [0, 10])).toBe(3 * 10 + 2 * 9);
    const resumed = openStudy({ ...options, log });
    expect(resumed.history.pending.map(({ number }) => number)).toEqual([3]);
    expect(resumed.ask()!.candidate.genes).toEqual([4]);
    expect(studyHypervolume(openStudy(options))).toBe(0);
  });
  it('a value that neither the evaluator nor the space gives fails the trial', () => {
    const study = openStudy(options);
    expect(study.tell(study.ask()!.number, { cost: 1 }).reason).toBe(
      'evaluator: score must be a finite number, got undefined',
    );
  });
  it.each([
    [{ strategy: 'predicter' }, 'search: must name a known strategy, got "predicter"'],
    [{ strategy: 'tpe', params: { initial: 1 } }, 'tpe: initial must lie in 2..100000, got 1'],
    [{ strategy: 'tpe', params: { inital: 3 } }, 'tpe: unknown parameter, got "inital"'],
    [{ objectives: [] }, 'search: at least one objective is needed, got none'],
  ])('refuses %o', (wrong, message) =>
    expect(() => openStudy({ ...options, ...(wrong as object) })).toThrow(message),
  );
});
