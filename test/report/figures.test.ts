import { describe, expect, it } from 'vitest';
import { batchFrontsFigure } from '../../src/report/figures/batch-fronts-figure.js';
import type { Figure } from '../../src/report/figures/figure.js';
import { type FigureName, figureInfos, figures } from '../../src/report/figures/figure-table.js';
import { asAblation } from '../fixtures/ablation-result.js';
import { fixtureResult } from '../fixtures/experiment-result.js';
import { denoisingResult, segmentationResult } from '../fixtures/task-results.js';

const small = fixtureResult({ candidates: 6, batches: [1, 16], seeds: 2, epochs: 2 });
/** Something for every figure. */
const whole = fixtureResult({ failures: false });
const tasks = {
  classification: asAblation({
    ...whole,
    candidates: whole.candidates.map((each, index) => ({
      ...each,
      zeroCost: [{ measure: 'synflow', value: index, reason: '', seconds: 1 }],
    })),
  }),
  segmentation: asAblation(segmentationResult()),
  denoising: asAblation(denoisingResult()),
};

describe('figures', () => {
  for (const [name, figure] of Object.entries(figures)) {
    it(`${name}: data of a small result`, () => expect(figure.info(small)).toMatchSnapshot());
    it.each(Object.entries(tasks))(`${name}: says what it draws of a %s`, (task, result) => {
      const info = figureInfos(result)[name as FigureName];
      const { title, caption } = figure as Figure<unknown>;
      expect(info).toBeDefined();
      expect(figure.name).toBe(name);
      expect(title(info).length).toBeGreaterThan(5);
      expect(caption(info)).toMatch(/\.$/);
      if (task !== 'classification') expect(`${title(info)} ${caption(info)}`).not.toMatch(/top-1|accuracy/i);
    });
  }
  it('fronts of other device keys stand beside those of the result, each ranked by its own times', () => {
    const { candidates, device } = small;
    const other = { ...device.key, device: 'Invented GPU', kind: 'gpu' as const };
    const times = candidates.flatMap(({ architectureId, profiles }) =>
      profiles.flatMap(({ batch, stepMs }) =>
        stepMs ? [{ architectureId, batch, stepMs: { ...stepMs, value: 100 / stepMs.value } }] : [],
      ),
    );
    const info = batchFrontsFigure.info({ ...small, otherDevices: [{ id: 'gpu', key: other, times }] })!;
    expect(info.fronts.map(({ batch, device: position }) => [batch, position])).toEqual([
      [1, undefined],
      [16, undefined],
      [1, 0],
      [16, 0],
    ]);
    expect(info.fronts.map(({ label }) => label)[3]).toBe('Invented GPU, batch 16');
    // every network of the reversed order is measured, and the front is that of the reversed times
    for (const { batch, points } of info.fronts.slice(2))
      for (const { candidate, imagesPerSecond } of points) {
        const own = times.find(
          (time) => time.batch === batch && time.architectureId === candidates[candidate]!.architectureId,
        )!;
        expect(imagesPerSecond).toBeCloseTo((1000 * batch) / own.stepMs.value, 1);
      }
    expect(info.fronts[2]!.points.map(({ candidate }) => candidate)).not.toEqual(
      info.fronts[0]!.points.map(({ candidate }) => candidate),
    );
    expect(batchFrontsFigure.caption(info)).toContain('nothing is ranked across keys');
    expect(batchFrontsFigure.chart(info).legend).toHaveLength(4);
  });
  it('a result without measurements has no figure', () =>
    expect(figureInfos(fixtureResult({ candidates: 0 }))).toEqual({}));
  it('a result with costs alone still has the front figure, without points on it', () => {
    const infos = figureInfos(fixtureResult({ candidates: 4, seeds: 0 }));
    expect(infos.front!.costs.every((cost) => cost.front.length === 0)).toBe(true);
    expect(Object.keys(infos)).toEqual(['front', 'throughput', 'time']);
  });
  it('of a denoising the ranking by loss is turned: what rises with the loss has a tau of −1', () => {
    expect(figureInfos(tasks.denoising).zeroCost!.rows.map(({ measure, tau }) => [measure, tau])).toEqual([
      ['falls-with-loss', 1],
      ['rises-with-loss', -1],
    ]);
  });
  it('curves fall back to the loss where epochs hold no such score', () => {
    const old = tasks.segmentation.candidates.map((each) => ({
      ...each,
      scores: each.scores.map((score) => ({
        ...score,
        curve: score.curve.map(({ validationMiou: _, ...row }) => row),
      })),
    }));
    expect(figureInfos({ ...tasks.segmentation, candidates: old }).curves!.score.id).toBe('loss');
    expect(figureInfos(tasks.segmentation).curves!.score.id).toBe('miou');
  });
});
