/** The shipped ablations load, hold what they say, and have published numbers with a source or none. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { loadExperiment } from '../../../../src/lab/load-experiment.js';
import { planExperiment } from '../../../../src/lab/plan.js';
import { costMiss } from '../../../../src/lab/settings/ablation/equal-cost.js';

const folder = join(import.meta.dirname, '../../../../experiments/ablations');
const named = (ending: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort();

describe('shipped ablations', () => {
  it.each(named('.experiment'))('%s states a question, and its arms are at equal cost', (name) => {
    const experiment = loadExperiment(join(folder, name));
    expect(experiment.warnings).toEqual([]);
    expect(`${experiment.name}.experiment`).toBe(name);
    const { plan, arms, baseline, hold } = experiment.ablation!;
    expect(plan.question).toMatch(/\?$/);
    for (const { architecture } of arms)
      expect(costMiss(architecture, baseline, hold)).toBeLessThanOrEqual(1);
    expect(planExperiment(experiment, '').jobs.length).toBeGreaterThan(0);
  });

  /** The options of the comment `# ImageNet:`, one a line. */
  const imagenetOf = (name: string): string[] =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/^# (?:ImageNet:| {9}) --set '(.*)'$/gm)].map(
      ([, setting]) => setting!,
    );

  it.each(named('.experiment').filter((name) => imagenetOf(name).length > 0))(
    '%s is at equal cost at ImageNet scale, by the settings of its comment',
    (name) => {
      const { ablation, architectures, train } = loadExperiment(join(folder, name), imagenetOf(name));
      expect(architectures[0]!.input.height).toBe(224);
      // as large as the networks take them, and streamed: ImageNet does not fit into memory
      if (train) expect(train.dataset).toMatchObject({ name: 'shards', args: { size: 224 } });
      for (const { architecture } of ablation!.arms)
        expect(costMiss(architecture, ablation!.baseline, ablation!.hold)).toBeLessThanOrEqual(1);
    },
  );

  it('all have settings for ImageNet scale', () => {
    expect(named('.experiment').filter((name) => imagenetOf(name).length === 0)).toEqual([]);
  });

  it.each(readdirSync(join(folder, 'published')))(
    'published/%s has numbers or nothing, each with its source',
    (name) => {
      const rows = parse(readFileSync(join(folder, 'published', name), 'utf8'), { columns: true }) as Record<
        string,
        string
      >[];
      expect(rows.length).toBeGreaterThan(0);
      for (const { source, arm: _a, network: _n, metric: _m, ...values } of rows) {
        expect(source).not.toBe('');
        for (const value of Object.values(values)) expect(value === '' || Number(value) > 0).toBe(true);
      }
    },
  );
});
