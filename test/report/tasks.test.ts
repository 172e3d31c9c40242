/**
 * Pages, figures and tables of a segmentation and of a denoising: mean IoU up, loss down, in axis, order,
 * filter, detail and CSV.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { score } from '../../src/analysis/objectives/result-score.js';
import { frontSvg } from '../../src/report/svg/front-svg.js';
import { resultsCsv } from '../../src/report/tables/results-csv.js';
import { reportPage, writeReport } from '../../src/report/write-report.js';
import type { ExperimentResult } from '../../src/store/experiment-result.js';
import { openStore, readExperimentResult } from '../../src/store/open-store.js';
import { withSeedMeans } from '../../src/store/pool-seeds.js';
import { createDatabase } from '../fixtures/experiment-database.js';
import { denoisingResult, segmentationResult, withTests } from '../fixtures/task-results.js';
import { launch, openReport, settled, withoutChromium } from './chromium.js';

const folder = mkdtempSync(join(tmpdir(), 'tasks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
function stored(name: string, result: ExperimentResult): ExperimentResult {
  const file = join(folder, `${name}.sqlite`);
  createDatabase(file, result).record(Infinity);
  const store = openStore(file, { readonly: true });
  try {
    return readExperimentResult(store);
  } finally {
    store.close();
  }
}
const tasks = {
  segmentation: {
    result: stored('segmentation', segmentationResult()),
    name: 'miou',
    axis: 'Mean IoU, %   (higher is better ↑)',
    curve: 'Validation mIoU, %',
    head: 'mIoU\u00a0↓%',
    group: 'Mean IoU, %',
    worst: Math.min,
    best: Math.max,
  },
  denoising: {
    result: stored('denoising', denoisingResult()),
    name: 'loss',
    axis: 'Validation loss   (lower is better ↓)',
    curve: 'Validation loss',
    head: 'Loss\u00a0↑',
    group: 'Validation loss',
    worst: Math.max,
    best: Math.min,
  },
} as const;

const candidates = (page: Page): Promise<number[]> =>
  page.$$eval('#rows-body tr', (rows) => rows.map((row) => Number(row.getAttribute('data-candidate'))));

describe.skipIf(withoutChromium).each(Object.entries(tasks))(
  'report page of a %s in Chromium',
  (name, { result, axis, curve, head, group, name: scoreName, best }) => {
    const shown = score(scoreName);
    const values = result.candidates.map((candidate) => shown.read(candidate)!.value * shown.scale);
    let browser: Browser;
    let page: Page;
    let complaints: string[];
    beforeAll(async () => {
      browser = await launch();
      const { htmlFile } = await writeReport(result, join(folder, name));
      ({ page, complaints } = await openReport(browser, htmlFile));
    });
    afterAll(() => browser.close());

    it('axis, column and caption name the score, its unit and its direction', async () => {
      expect((await page.textContent('#plot-front .ytitle'))!.replaceAll('\u00a0', ' ')).toBe(axis);
      expect(await page.textContent('#plot-front .xtitle')).toMatch(
        /Images per second, batch 16, measured|M, counted/,
      );
      expect(await page.textContent('#head-score button')).toContain(head);
      expect(await page.textContent('#cost-interval')).toMatch(
        new RegExp(`^${shown.label} is measured, .* is (measured|counted)\\. .* Hypervolume [\\d.,]+ `),
      );
      expect(await page.textContent('main')).not.toMatch(/top-1 accuracy/i);
    });
    it('rows start with the best, a second click on the head turns them around', async () => {
      const rows = async (): Promise<number[]> =>
        (await candidates(page)).map((candidate) => values[candidate]!);
      const bestFirst = [...values].sort((a, b) => shown.merit(b) - shown.merit(a));
      expect(await rows()).toEqual(bestFirst);
      expect(
        parseFloat((await page.textContent('#rows-body tr:first-child [data-column="score"]'))!),
      ).toBeCloseTo(best(...values), 1);
      await page.click('#head-score button');
      expect(await rows()).toEqual([...bestFirst].reverse());
      await page.click('#head-params button');
      await page.click('#head-score button');
      expect(await rows()).toEqual(bestFirst);
    });
    it('the filter knows the score by its name, and no other', async () => {
      const middle = [...values].sort((a, b) => a - b)[9]!;
      await page.fill('#filter', `${scoreName}>${middle}`);
      expect(await page.locator('#rows-body tr').count()).toBe(
        values.filter((value) => value > middle).length,
      );
      await page.fill('#filter', 'top-1>60');
      expect(await page.textContent('#filter-problem')).toContain(`a field is one of ${scoreName}, cost`);
      await page.fill('#filter', '');
    });
    it('the best is on the front, and stands above the worst where more is better, below where less is', async () => {
      expect(await page.locator('#rows-body tr').first().locator('.on-front').count()).toBe(1);
      expect(await page.locator('#plot-front .scatterlayer .point').count()).toBe(18);
      const height = async (row: 'first' | 'last'): Promise<number> => {
        await page.hover(`#rows-body tr:${row}-child`);
        return (
          (await page.locator('#hover-ring').boundingBox())!.y -
          (await page.locator('#plot-front').boundingBox())!.y
        );
      };
      const [bestAt, worstAt] = [await height('first'), await height('last')];
      expect(worstAt - bestAt).toSatisfy((down: number) => shown.merit(down) > 100); // pixels from the top
    });
    it('the detail of a layout that was tested says so', async () => {
      const { htmlFile } = await writeReport(
        withTests(
          result,
          result.candidates.map((_, index) => index),
        ),
        join(folder, `${name}-tested`),
      );
      const { page: tested, complaints: none } = await openReport(browser, htmlFile);
      await tested.click('#rows-body tr:first-child');
      expect(await tested.textContent('#detail')).toMatch(
        scoreName === 'miou'
          ? / · test split 1: 42(\.0*)? %, 2: 43(\.0*)? %, 3: 44(\.0*)? %/
          : / · test split 1: 0\.280*, 2: 0\.290*, 3: 0\.30*/,
      );
      await page.click('#rows-body tr:first-child');
      expect(await page.textContent('#detail')).not.toContain('test split');
      expect(none).toEqual([]);
      await tested.close();
      await page.keyboard.press('Escape');
    });
    it('detail, hover, groups and curves are of the score', async () => {
      await page.click('#rows-body tr:first-child');
      expect(await page.textContent('#detail')).toMatch(
        new RegExp(
          `${shown.label} [\\d.]+ ± [\\d.]+${shown.unit && ' %'} · seeds 1: [\\d.]+${shown.unit && ' %'}, 2: `,
        ),
      );
      await page.locator('#plot-front .scatterlayer .point').first().hover({ force: true });
      await page.waitForSelector('#tip:not([hidden])');
      expect(await page.textContent('#tip')).toContain(shown.label);
      for (const figure of ['groups', 'curves']) {
        await page.locator(`#plot-${figure}`).scrollIntoViewIfNeeded();
        await page.waitForSelector(`#plot-${figure}[data-drawn] svg.main-svg`);
      }
      await settled(page);
      expect(await page.textContent('#plot-curves .ytitle')).toBe(curve);
      expect(await page.textContent('#plot-groups .xtitle')).toBe(group);
      expect(await page.textContent('#group-differences')).toMatch(
        shown.unit ? /\] points/ : /\][^p]*difference|\](symmetric|asymmetric|no difference)/,
      );
      expect(complaints).toEqual([]);
    });
  },
);

describe.skipIf(withoutChromium)('a page whose cost is a count', () => {
  it.each(['macs', 'params'] as const)(
    '%s stands in one column, the other count in its own',
    async (name) => {
      const result = denoisingResult({}, ['loss', name]);
      const other = name === 'macs' ? 'params' : 'macs';
      const browser = await launch();
      try {
        const { htmlFile } = await writeReport(result, join(folder, `once-${name}`));
        const { page, complaints } = await openReport(browser, htmlFile);
        const heads = (): Promise<string[]> =>
          page.$$eval('#rows thead th', (cells) =>
            cells.filter((cell) => cell.checkVisibility()).map((cell) => cell.id),
          );
        expect(await page.inputValue('#cost')).toBe(name);
        expect(await heads()).toEqual(['', '', 'head-layout', 'head-score', 'head-cost', `head-${other}`]);
        expect(
          await page.$$eval(
            '#rows-body tr:first-child td',
            (cells) => cells.filter((cell) => cell.checkVisibility()).length,
          ),
        ).toBe(6);
        expect(
          await page.$$eval('#rows-body [data-column="cost"]', (cells) =>
            cells.map((cell) => cell.textContent),
          ),
        ).toEqual(
          await page.$$eval(`#rows-body [data-column="${name}"]`, (cells) =>
            cells.map((cell) => cell.textContent),
          ),
        );
        await page.click(`#head-${other} button`);
        const order = await candidates(page);
        await page.selectOption('#cost', other);
        expect(await heads()).toEqual(['', '', 'head-layout', 'head-score', 'head-cost', `head-${name}`]);
        expect(await page.getAttribute('#head-cost', 'aria-sort')).toBe('ascending');
        expect(await candidates(page)).toEqual(order);
        await page.selectOption('#cost', 'images-per-second@16');
        expect(await heads()).toEqual(allHeads);
        expect(complaints).toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );
  const allHeads = ['', '', 'head-layout', 'head-score', 'head-cost', 'head-params', 'head-macs'];
});

describe.each(Object.entries(tasks))('figure and CSV of a %s', (_, { result, name, worst }) => {
  const shown = score(name);
  it('frontSvg: label, direction and every layout once', () => {
    const svg = frontSvg(result);
    expect(svg).toContain(shown.better === 'higher' ? 'Mean IoU, % <tspan' : 'Validation loss <tspan');
    expect(svg).toContain(shown.better === 'higher' ? '(higher is better ↑)' : '(lower is better ↓)');
    expect(svg.match(/<title>/g)!.length).toBe(18);
    expect(svg).not.toMatch(/NaN|undefined|top-1/i);
  });
  it('a look at the test split stands in the findings, the page data and the CSV, and only there where it was taken', () => {
    const tested = withTests(result, [4]);
    const page = reportPage(tested);
    const plain = page.replaceAll(/<\/?abbr[^>]*>/g, '');
    const value = shown.valueText(name === 'miou' ? 0.43 : 0.29);
    expect(plain).toContain(
      `<p>On the test split (500 images) ${result.candidates[4]!.layout} has ${shown.short} ${value} (mean of 3 seeds).</p>`,
    );
    const { candidates: given } = JSON.parse(
      /<script type="application\/json" id="page-data">(.*?)<\/script>/.exec(page)![1]!,
    ) as { candidates: { seeds: { test?: number }[] }[] };
    expect(given.map(({ seeds }) => seeds.some(({ test }) => test !== undefined))).toEqual(
      result.candidates.map((__, index) => index === 4),
    );
    const [header, ...rows] = [...resultsCsv(tested, 'results')]
      .join('')
      .trimEnd()
      .split('\n')
      .map((row) => row.split(','));
    const column = (title: string): string[] => rows.map((row) => row[header!.indexOf(title)]!);
    expect(
      column(`test-${name}`).map((text) => (text === '' ? undefined : Number(Number(text).toFixed(6)))),
    ).toEqual(
      result.candidates.map((__, index) => (index === 4 ? { miou: 0.43, loss: 0.29 }[name] : undefined)),
    );
    expect(
      column('test-top-1').every((text, index) => (text !== '') === (name === 'miou' && index === 4)),
    ).toBe(true);
  });
  it('the page data has the score by position and null where there is none', () => {
    const one = {
      ...result,
      candidates: withSeedMeans(
        result.candidates.map((each, index) => (index === 3 ? { ...each, scores: [] } : each)),
        1000,
      ),
    };
    const json = /<script type="application\/json" id="page-data">(.*?)<\/script>/.exec(reportPage(one))![1]!;
    const { figures } = JSON.parse(json) as {
      figures: {
        front: {
          score: { id: string; values: ([number, number, number] | null)[] };
          costs: { id: string; hypervolume: { reference: [number, number] } }[];
        };
      };
    };
    expect(figures.front.score.id).toBe(name);
    expect(figures.front.score.values.map((value) => value === null)).toEqual(
      one.candidates.map((__, index) => index === 3),
    );
    const macs = figures.front.costs.find(({ id }) => id === 'macs')!;
    const values = one.candidates.flatMap((each) => shown.read(each)?.value ?? []);
    const beyond = macs.hypervolume.reference[1] - worst(...values);
    expect(Math.abs(beyond)).toBeCloseTo(0.1 * (Math.max(...values) - Math.min(...values)), 9);
    expect(worst(...values, macs.hypervolume.reference[1])).toBe(macs.hypervolume.reference[1]);
  });
  it('resultsCsv of networks has the score with its interval, and no interval of one seed', () => {
    const table = (of: ExperimentResult): Record<string, string>[] => {
      const [header, ...lines] = [...resultsCsv(of, 'results')]
        .join('')
        .trimEnd()
        .split('\n')
        .map((line) => line.split(','));
      return lines.map((line) => Object.fromEntries(header!.map((title, column) => [title, line[column]!])));
    };
    table(result).forEach((row, index) => {
      const at = shown.read(result.candidates[index]!)!;
      expect([row[name], row[`${name}-low`], row[`${name}-high`]].map(Number)).toEqual([
        at.value,
        at.low,
        at.high,
      ]);
    });
    const single = {
      ...result,
      candidates: withSeedMeans(
        result.candidates.map((each) => ({ ...each, scores: each.scores.slice(0, 1) })),
        1000,
      ),
    };
    expect(
      table(single).every(
        (row) => row[name] !== '' && row[`${name}-low`] === '' && row[`${name}-high`] === '',
      ),
    ).toBe(true);
    expect(table(result).every((row) => (row['top-1'] === '') === (name === 'loss'))).toBe(true);
  });
});
