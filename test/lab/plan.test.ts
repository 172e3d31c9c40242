import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { experimentFromText } from '../../src/lab/load-experiment.js';
import { type Plan, planExperiment } from '../../src/lab/plan.js';
import { temporaryFolder } from '../store/stored-experiment.js';
import { experimentText, writeTiny } from './tiny.js';

function planOf(text: string): Plan {
  const folder = temporaryFolder();
  writeTiny(folder);
  return planExperiment(experimentFromText(text, join(folder, 'x.experiment')), '2026-01-01T00:00:00Z');
}
const twoLaunches = experimentText().replace('launches: 1', 'launches: 2');

describe('planExperiment', () => {
  it('is a profile per architecture and launch, then a training per seed and architecture', () => {
    const { jobs, architectures } = planOf(twoLaunches);
    expect(architectures.map(({ layout }) => layout)).toEqual(['C-CC', 'C-CT', 'C-TT']);
    expect(jobs.map(({ kind, replicate }) => `${kind} ${replicate}`)).toEqual([
      ...Array<string>(3).fill('profile 1'),
      ...Array<string>(3).fill('profile 2'),
      ...Array<string>(3).fill('train 1'),
      ...Array<string>(3).fill('train 2'),
    ]);
    expect(jobs.slice(6).map(({ layout }) => layout)).toEqual([
      'C-CC',
      'C-CT',
      'C-TT',
      'C-CC',
      'C-CT',
      'C-TT',
    ]);
    for (const launch of [1, 2])
      expect(
        jobs
          .filter((job) => job.kind === 'profile' && job.replicate === launch)
          .map(({ layout }) => layout)
          .sort(),
      ).toEqual(['C-CC', 'C-CT', 'C-TT']);
  });

  it('is the same for the same experiment, wherever it lies and whenever it is made', () => {
    expect(planOf(twoLaunches)).toEqual(planOf(twoLaunches));
    expect(new Set(planOf(twoLaunches).jobs.map(({ id }) => id)).size).toBe(12);
  });

  it('keeps the trials that a changed experiment asks for as before', () => {
    const ids = (text: string): Set<string> => new Set(planOf(text).jobs.map(({ id }) => id));
    const base = ids(twoLaunches);
    const shared = (text: string): number => [...ids(text)].filter((id) => base.has(id)).length;
    expect(shared(twoLaunches.replace('launches: 2', 'launches: 3'))).toBe(12);
    expect(shared(twoLaunches.replace('seeds {1, 2}', 'seeds {2, 3}'))).toBe(9);
    expect(shared(twoLaunches.replace('experiment tiny', 'experiment renamed'))).toBe(12);
    expect(shared(twoLaunches.replace('epochs: 3', 'epochs: 4'))).toBe(6);
    expect(shared(twoLaunches.replace('cap-ms: 30', 'cap-ms: 31'))).toBe(6);
    expect(shared(`${twoLaunches}  runtime auto(precision: auto)\n`)).toBe(12);
    expect(shared(`${twoLaunches}  runtime auto(xla: false)\n`)).toBe(12);
    expect(shared(`${twoLaunches}  runtime auto(precision: bfloat16)\n`)).toBe(0);
    expect(shared(`${twoLaunches}  runtime auto(xla: true)\n`)).toBe(0);
  });

  it('has two copies of the anchor network in every launch, each a trial of its own', () => {
    const { jobs, trials, architectures } = planOf(twoLaunches.replace('control: false', 'control: true'));
    const anchors = jobs.filter(({ anchorCopy }) => anchorCopy !== undefined);
    expect(
      anchors.map(({ kind, replicate, anchorCopy }) => `${kind} ${replicate} ${anchorCopy}`).sort(),
    ).toEqual(['profile 1 1', 'profile 1 2', 'profile 2 1', 'profile 2 2']);
    expect(new Set(trials.map(({ id }) => id)).size).toBe(trials.length);
    expect(architectures.at(-1)!.id).toBe(anchors[0]!.architectureId);
    expect(jobs.length - anchors.length).toBe(12);
  });

  it('stores what was asked', () => {
    const { experiment } = planOf(twoLaunches);
    expect(JSON.parse(experiment.protocol)).toMatchObject({ batches: [1, 2], launches: 2, capMs: 30 });
    expect(JSON.parse(experiment.recipe)).toMatchObject({ epochs: 3, seeds: [1, 2] });
    expect(experiment).toMatchObject({
      name: 'tiny',
      space_count: '3',
      created_at: '2026-01-01T00:00:00Z',
      text: twoLaunches,
    });
  });
});
