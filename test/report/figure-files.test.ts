/** Figures as files show the values of the page, in both themes, at the width asked for. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { Chart } from '../../src/report/charts/chart.js';
import { chartScale, markValues } from '../../src/report/charts/chart-scale.js';
import { chartSvg } from '../../src/report/charts/chart-svg.js';
import type { Figure } from '../../src/report/figures/figure.js';
import { chartFigures, figureInfos, figures, scriptFigures } from '../../src/report/figures/figure-table.js';
import { pageData } from '../../src/report/page-data.js';
import { availableFigures, figureSvg, writePicture } from '../../src/report/write-figure.js';
import { reportPage } from '../../src/report/write-report.js';
import { asAblation } from '../fixtures/ablation-result.js';
import { fixtureResult } from '../fixtures/experiment-result.js';

const plain = fixtureResult({ failures: false });
const result = asAblation({
  ...plain,
  candidates: plain.candidates.map((each, index) => ({
    ...each,
    zeroCost: [{ measure: 'synflow', value: index, reason: '', seconds: 1 }],
  })),
});
const infos = figureInfos(result);
const names = availableFigures(result);
const page = reportPage(result);

type PointsMark = Extract<Chart['marks'][number], { readonly kind: 'points' }>;

describe('figureSvg', () => {
  const folder = mkdtempSync(join(tmpdir(), 'figures-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('draws every figure of the report', () => expect(names).toEqual(Object.keys(figures)));

  it.each(names)('%s: both themes, a root in millimetres, no variable of the page', (name) => {
    const [light, dark] = (['light', 'dark'] as const).map((theme) =>
      figureSvg(result, name, { theme, widthMm: 89 }),
    );
    expect(light).toMatch(/^<svg [^>]*width="89mm"[^>]*height="\d+\.\d\dmm"/);
    expect(light).not.toBe(dark);
    for (const svg of [light!, dark!]) expect(svg).not.toMatch(/var\(|NaN|Infinity|undefined/);
  });

  it.each(chartFigures)('%s: the page holds the drawing of the same chart', (name) => {
    const chart = (figures[name] as Figure<unknown>).chart!(infos[name]);
    expect(page).toContain(chartSvg(chart, { theme: 'page' }));
    const marks = /<svg[^]*<\/svg>/
      .exec(chartSvg(chart))![0]
      .replace(/style="[^"]*"|<rect width[^>]*>|xmlns="[^"]*"/g, '');
    const onPage = chartSvg(chart, { theme: 'page' }).replace(/style="[^"]*"/g, '');
    expect(marks.replace(/\s/g, '')).toBe(onPage.replace(/\s/g, ''));
  });

  it.each(scriptFigures)('%s: the page’s script draws the values of the file', (name) => {
    const embedded = JSON.parse(JSON.stringify(pageData(result).figures[name])) as unknown;
    expect(embedded).toEqual(JSON.parse(JSON.stringify(infos[name])));
  });

  it('puts a point where its axes say', () => {
    const info = infos.transformerShare!;
    const chart: Chart = figures.transformerShare.chart(info);
    const svg = chartSvg(chart, { width: 640 });
    const scores = markValues(chart, 'y');
    const y = chartScale(chart.y, scores, Math.round(640 * 0.62) - 48, 48, 6);
    for (const { candidate, y: value, kind } of info.points) {
      const path = new RegExp(`<path d="M[\\d.]+ ([\\d.]+)[^"]*" data-candidate="${candidate}"`).exec(svg)!;
      const above = { symmetric: 0, asymmetric: 1.2, unmixed: 0.9 }[kind]; // of the path's start, radii
      const { radius } = chart.marks.find(
        (mark) => mark.kind === 'points' && mark.ink === kind,
      ) as PointsMark;
      expect(Number(path[1]) + above * radius!).toBeCloseTo(y(value), 1);
    }
  });

  it('writes PNG files of the width at 300 dots an inch', async () => {
    const file = join(folder, 'distribution.png');
    await writePicture(file, () => figureSvg(result, 'distribution', { widthMm: 89 }), 'figure', 89);
    const { width, density } = await sharp(readFileSync(file)).metadata();
    expect([width, density]).toEqual([1051, 300]);
  });

  it('names the figures that have data where one has none', () => {
    const bare = fixtureResult({ candidates: 3, seeds: 0 });
    expect(() => figureSvg(bare, 'distribution')).toThrow(/needs data that this result does not have/);
    expect(availableFigures(fixtureResult({ candidates: 0 }))).toEqual([]);
  });

  it('escapes hostile names', () => {
    const hostile = `CT</svg><script>alert('x')</script>"&-TC`;
    const named = { ...result, candidates: result.candidates.map((each) => ({ ...each, layout: hostile })) };
    for (const name of availableFigures(named)) expect(figureSvg(named, name)).not.toContain('<script');
  });
});
