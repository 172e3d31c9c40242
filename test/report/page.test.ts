/**
 * The page in a real browser: no complaint, no request, and sorting, filtering, selecting and themes work.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figureInfos } from '../../src/report/figures/figure-table.js';
import { themes } from '../../src/report/report-theme.js';
import { writeReport } from '../../src/report/write-report.js';
import type { CandidateResult, ExperimentResult } from '../../src/store/experiment-result.js';
import { fixtureResult } from '../fixtures/experiment-result.js';
import { launch, type Opened, openReport, settled, withoutChromium } from './chromium.js';

const layouts = (page: Page): Promise<string[]> =>
  page.$$eval('#rows-body tr .layout', (cells) => cells.map((cell) => cell.firstChild!.textContent ?? ''));
const numbers = (page: Page, column: string): Promise<number[]> =>
  page.$$eval(`#rows-body tr [data-column="${column}"]`, (cells) =>
    cells.map((cell) => {
      const text = (cell.textContent ?? '').replaceAll(',', '');
      const factors: Readonly<Record<string, number>> = { M: 1e6, k: 1e3 };
      return parseFloat(text) * (factors[text.at(-1) ?? ''] ?? 1);
    }),
  );

/** Pixels of the layouts within the axes of the main plot. */
async function pointsOfFront(page: Page, result: ExperimentResult): Promise<[x: number, y: number][]> {
  const { score, costs, first } = figureInfos(result).front!;
  const { values } = costs.find(({ id }) => id === first)!;
  const at = values.flatMap((value, index) => {
    const y = score.values[index]?.[0];
    return value && y !== undefined ? [[value[0], y * score.scale] as [number, number]] : [];
  });
  return page.evaluate((list) => {
    type Axis = { d2p(value: number): number };
    const plot = document.getElementById('plot-front') as unknown as {
      _fullLayout: Record<'xaxis' | 'yaxis', Axis>;
    };
    const { xaxis, yaxis } = plot._fullLayout;
    return list.map(([x, y]): [number, number] => [xaxis.d2p(x), yaxis.d2p(y)]);
  }, at);
}

describe.skipIf(withoutChromium)('report page in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  let browser: Browser;
  const opened: Page[] = [];
  async function open(result: ExperimentResult, options?: Parameters<typeof openReport>[2]): Promise<Opened> {
    const { htmlFile } = await writeReport(result, join(folder, String(opened.length)));
    const report = await openReport(browser, htmlFile, options);
    opened.push(report.page);
    return report;
  }
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('opens without complaint or request and draws every figure on the way down', async () => {
    const { page, complaints } = await open(fixtureResult());
    expect(await page.textContent('h1')).toMatch(
      /asymmetric and symmetric layouts do not differ beyond the interval: \+0\.4 \[/,
    );
    for (const name of ['groups', 'throughput', 'curves', 'time']) {
      await page.locator(`#plot-${name}`).scrollIntoViewIfNeeded();
      await page.waitForSelector(`#plot-${name}[data-drawn] svg.main-svg`);
    }
    expect(await page.locator('#group-differences tr').count()).toBe(2);
    await settled(page);
    expect(complaints).toEqual([]);
    const rings = new Set(
      figureInfos(fixtureResult())
        .front!.costs.find(({ id }) => id === 'images-per-second@16')!
        .ties.flat(),
    );
    expect(await page.locator('#plot-front .scatterlayer .point').count()).toBe(16 + rings.size);
  });

  it('labels every point of the front with its layout, and none covers another', async () => {
    const { page } = await open(fixtureResult({ candidates: 40 }));
    await page.waitForSelector('#plot-front .annotation-text');
    const [texts, onFront] = await page.evaluate(() => [
      [...document.querySelectorAll('#plot-front .annotation-text')].map((each) => each.textContent),
      [...document.querySelectorAll('#rows-body .on-front')].map((each) => each.firstChild!.textContent),
    ]);
    expect(onFront!.length).toBeGreaterThan(4);
    for (const layout of onFront!) expect(texts).toContain(layout);
    const boxes = await page.$$eval('#plot-front .annotation-text', (all) =>
      all.map((each) => {
        const { left, right, top, bottom } = each.getBoundingClientRect();
        return { left, right, top, bottom };
      }),
    );
    const collisions = boxes.flatMap((a, i) =>
      boxes
        .slice(i + 1)
        .filter(
          (b) => a.left + 1 < b.right && b.left + 1 < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom,
        ),
    );
    expect(collisions).toEqual([]);
  });

  it('rings mark the ties and nothing else', async () => {
    const { page } = await open(fixtureResult());
    const { ties } = figureInfos(fixtureResult()).front!.costs.find(
      ({ id }) => id === 'images-per-second@16',
    )!;
    const rings = await page.locator('#plot-front .scatterlayer .trace').first().locator('.point').count();
    expect(rings).toBe(new Set(ties.flat()).size);
  });

  it('saves a figure as SVG and PNG at a column’s width', async () => {
    const { page, complaints } = await open(fixtureResult());
    const save = async (format: string): Promise<Buffer> => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.click(`[data-save="front"] [data-format="${format}"]`),
      ]);
      expect(download.suggestedFilename()).toBe(`front.${format}`);
      return readFileSync(await download.path());
    };
    expect(String(await save('svg'))).toMatch(/^<svg[^>]* width="336" height="249"/);
    const png = await save('png');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1050, 778]);
    await page.selectOption('#save-width', '183');
    expect(String(await save('svg'))).toMatch(/^<svg[^>]* width="692"/);
    expect(complaints.filter((each) => !each.startsWith('request: blob:'))).toEqual([]);
  });

  it('fits 400 pixels: nothing is wider than the page, and each table can be scrolled', async () => {
    const { page } = await open(fixtureResult({ candidates: 12 }), { width: 400 });
    for (const figure of await page.$$('[data-figure]')) await figure.scrollIntoViewIfNeeded();
    await settled(page);
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(widths[0]).toBeLessThanOrEqual(widths[1]!);
    // charts keep a legible size and scroll in their figure
    const chart = page.locator('.figure:has(> svg.chart)').first();
    const [shown, whole] = await chart.evaluate((figure) => [figure.clientWidth, figure.scrollWidth]);
    expect(shown).toBeLessThanOrEqual(400);
    expect(whole).toBeGreaterThanOrEqual(480);
  });

  it('one epoch is drawn as points', async () => {
    const { page } = await open(fixtureResult({ candidates: 6, epochs: 1, failures: false }));
    await page.locator('#plot-curves').scrollIntoViewIfNeeded();
    await page.waitForSelector('#plot-curves[data-drawn]');
    const sizes = await page.$$eval('#plot-curves .scatterlayer .point', (points) =>
      points.map((point) => point.getBoundingClientRect().width),
    );
    expect(sizes.filter((width) => width > 4).length).toBe(6);
  });

  it('says what may be compared before the headline, and explains terms on hovering', async () => {
    const { page } = await open(fixtureResult());
    const order = await page.evaluate(() => {
      const [banner, head] = [document.querySelector('.comparable')!, document.querySelector('h1')!];
      return banner.compareDocumentPosition(head) & Node.DOCUMENT_POSITION_FOLLOWING;
    });
    expect(order).toBeGreaterThan(0);
    const banner = (await page.textContent('.comparable'))!;
    expect(banner).toMatch(/two networks are not told apart under [\d.]+ points of top-1/);
    expect(banner).toMatch(/Kinds: 5 symmetric and 9 asymmetric layouts; 2 unmixed are left out/);
    expect(await page.getAttribute('.comparable abbr >> nth=0', 'title')).toMatch(/\w{4}/);
    expect(await page.locator('.badge', { hasText: 'failed in part' }).count()).toBe(2);
  });

  it('states the ranges of a selection, which a cell of the heat map and a step of the hypervolume make', async () => {
    const result = fixtureResult({ candidates: 24, failures: false });
    const { page } = await open(result);
    const withT = result.candidates.filter(({ architecture }) =>
      architecture.stages[1]!.blocks[3]!.letter.startsWith('T'),
    );
    await page.locator('[data-place="2 4"]').dispatchEvent('click');
    await page.waitForFunction(() => document.getElementById('selection-text')!.textContent !== '');
    expect(await page.textContent('#selection-text')).toMatch(
      new RegExp(`^${withT.length} selected: top-1 [\\d.]+ to [\\d.]+ %; images/s @\\d+ .* to .*; params `),
    );
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.getElementById('selection-text')!.textContent === '');
    await page.locator('#figure-hypervolume [data-candidate]').first().dispatchEvent('click');
    await page.waitForFunction(() => document.getElementById('selection-text')!.textContent !== '');
    expect(await page.textContent('#selection-text')).toMatch(/^1 selected \([CT-]+\): top-1 [\d.]+ %/);
    expect(await page.locator('#figure-distribution .chosen').count()).toBeLessThanOrEqual(1);
  });

  it('prints every figure', async () => {
    const { page } = await open(fixtureResult());
    await page.pdf();
    const drawn = await page.$$eval('[data-figure]', (all) =>
      all.map((each) => each.querySelectorAll('svg.main-svg').length),
    );
    expect(drawn.length).toBeGreaterThan(3);
    expect(drawn.every((count) => count > 0)).toBe(true);
  });

  it('prints in the light theme, and the screen keeps the dark one', async () => {
    const { page } = await open(fixtureResult(), { colorScheme: 'dark' });
    await page.click('#theme-toggle');
    await page.click('#theme-toggle');
    const ink = (): Promise<string> =>
      page.$eval('#plot-front .xtitle', (title) => getComputedStyle(title).fill);
    await page.evaluate(() => {
      const printed = globalThis as unknown as { printed: unknown };
      addEventListener('beforeprint', () => {
        printed.printed = getComputedStyle(document.documentElement).getPropertyValue('--text').trim();
      });
    });
    const before = await ink();
    await page.pdf();
    const { printed } = await page.evaluate(() => ({
      printed: (globalThis as unknown as { printed: string }).printed,
    }));
    expect(printed).toBe(themes.light.text);
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
    await settled(page);
    expect(await ink()).toBe(before);
  });

  it('the policy holds: a script put in later does not run and nothing can be fetched', async () => {
    const { page } = await open(fixtureResult({ candidates: 3 }));
    const [ran, fetched] = await page.evaluate(async () => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.body.append(script);
      const reached = await fetch('data:text/plain,x').then(
        () => true,
        () => false,
      );
      return [(window as unknown as { ran?: boolean }).ran === true, reached];
    });
    expect([ran, fetched]).toEqual([false, false]);
  });

  it('a click on a head sorts, a second one turns the order, missing values stay last', async () => {
    const { page } = await open(fixtureResult());
    const top1 = await numbers(page, 'score');
    expect(top1.slice(0, 16)).toEqual([...top1.slice(0, 16)].sort((a, b) => b - a));
    await page.click('#head-params button');
    const params = await numbers(page, 'params');
    expect(params).toEqual([...params].sort((a, b) => a - b));
    await page.click('#head-cost button');
    await page.click('#head-cost button');
    const cost = await numbers(page, 'cost');
    expect(cost.slice(0, -1)).toEqual(cost.slice(0, -1).sort((a, b) => b - a));
    expect(cost.at(-1)).toBeNaN();
    expect(await page.getAttribute('#head-cost', 'aria-sort')).toBe('descending');
  });

  it('the filter reduces rows and fades points; a wrong word is explained', async () => {
    const { page } = await open(fixtureResult());
    await page.fill('#filter', 'front !symmetric');
    expect((await layouts(page)).length).toBe(4);
    expect(await page.textContent('#row-count')).toBe('4 of 18 layouts');
    await page.fill('#filter', 'CC-*-TTTT top-1>60');
    expect((await layouts(page)).every((layout) => layout.endsWith('TTTT'))).toBe(true);
    await page.fill('#filter', 'speed>3');
    expect(await page.textContent('#filter-problem')).toContain(
      'a field is one of top-1, cost, images-per-second@1',
    );
    await page.fill('#filter', 'nothing-like-it');
    expect(await page.isVisible('#rows-empty')).toBe(true);
  });

  it('another cost changes axis, column and front', async () => {
    const { page, complaints } = await open(fixtureResult());
    const before = await page.$$eval('#rows-body .on-front', (cells) => cells.length);
    await page.selectOption('#cost', 'params');
    await settled(page);
    expect(await page.textContent('#plot-front .xtitle')).toContain('Parameters, M');
    expect(await page.textContent('#head-cost .label')).toBe('Parameters');
    expect(await page.$$eval('#rows-body .on-front', (cells) => cells.length)).not.toBe(before);
    for (const cost of ['latency@1', 'peak-bytes@64', 'activation-bytes', 'macs', 'images-per-second@1'])
      await page.selectOption('#cost', cost);
    await settled(page);
    expect(complaints).toEqual([]);
  });

  it('a click on a point selects its row and shows its detail; Escape clears', async () => {
    const { page } = await open(fixtureResult());
    const point = page.locator('#plot-front .scatterlayer .point').first();
    await point.click({ force: true });
    await page.waitForSelector('#rows-body tr.selected');
    const layout = await page.textContent('#rows-body tr.selected .layout');
    expect(await page.textContent('#detail .name')).toContain(layout!.replace(' failed', ''));
    expect(await page.locator('#detail tbody tr').count()).toBe(3);
    await page.click('#only-selected');
    expect((await layouts(page)).length).toBe(1);
    await page.keyboard.press('Escape');
    expect((await layouts(page)).length).toBe(18);
    expect(await page.isHidden('#detail')).toBe(true);
  });

  it('hovering a row rings its point, hovering a point shows strip and numbers', async () => {
    const { page } = await open(fixtureResult());
    await page.hover('#rows-body tr:first-child');
    expect(await page.isVisible('#hover-ring')).toBe(true);
    await page.locator('#plot-front .scatterlayer .point').first().hover({ force: true });
    await page.waitForSelector('#tip:not([hidden])');
    expect(await page.locator('#tip svg.strip path').count()).toBeGreaterThan(0);
    expect(await page.textContent('#tip')).toMatch(/Top-1 accuracy[\d.]+ ± [\d.]+ %/);
  });

  it('a selection by box marks rows', async () => {
    const { page } = await open(fixtureResult(), { height: 1200 });
    await page.hover('#plot-front');
    await page.click('#plot-front .modebar-btn[data-val="select"]');
    const box = (await page.locator('#plot-front .nsewdrag').first().boundingBox())!;
    await page.mouse.move(box.x + 3, box.y + 3);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 3 });
    await settled(page); // the plot looks at a drag at most every 50 ms
    await page.mouse.move(box.x + box.width - 3, box.y + box.height - 3, { steps: 3 });
    await settled(page);
    await page.mouse.up();
    await page.waitForFunction(() => document.querySelectorAll('#rows-body tr.selected').length === 16);
    await page.keyboard.press('Escape');
    expect(await page.locator('#rows-body tr.selected').count()).toBe(0);
  });

  for (const scheme of ['light', 'dark'] as const) {
    it(`the ${scheme} theme follows the system, the button turns it, the plot comes along`, async () => {
      const { page, complaints } = await open(fixtureResult(), { colorScheme: scheme });
      const background = (): Promise<string> =>
        page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const tick = (): Promise<string> =>
        page.evaluate(() => getComputedStyle(document.querySelector('#plot-front .xtick text')!).fill);
      const rgb = (hex: string): string =>
        `rgb(${[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(', ')})`;
      expect([await background(), await tick()]).toEqual([
        rgb(themes[scheme].background),
        rgb(themes[scheme].muted),
      ]);
      await page.click('#theme-toggle');
      await settled(page);
      const other = themes[scheme === 'light' ? 'dark' : 'light'];
      expect([await background(), await tick()]).toEqual([rgb(other.background), rgb(other.muted)]);
      expect(complaints).toEqual([]);
    });
  }

  it('hostile names everywhere stay text', async () => {
    const evil = `<img src=x onerror="alert(1)"></script><script>alert(2)</script>`;
    const base = fixtureResult({ candidates: 6, name: evil });
    const hostile = (candidate: CandidateResult, index: number): CandidateResult => ({
      ...candidate,
      layout: `${evil}${index}`,
      architectureId: `${evil}${index}`,
      architecture: {
        ...candidate.architecture,
        stages: candidate.architecture.stages.map((stage) => ({
          ...stage,
          blocks: stage.blocks.map((block) => ({ ...block, letter: evil })),
        })),
      },
      failures: [{ job: 'train', status: evil, reason: evil, seed: 1 }],
    });
    const { page, complaints } = await open({
      ...base,
      candidates: base.candidates.map(hostile),
      datasetName: evil,
      datasetHash: evil,
      environment: { [evil]: evil },
      recipe: { [evil]: evil },
      experiment: { ...base.experiment, text: evil, spaceText: evil },
      device: { id: evil, key: { ...base.device.key, device: evil } },
    });
    expect(await layouts(page)).toContain(`${evil}0`);
    expect(await page.textContent('.masthead b')).toBe(evil);
    await page.locator('#plot-front .scatterlayer .point').first().hover({ force: true });
    await page.waitForSelector('#tip:not([hidden])');
    await page.click('#rows-body tr:first-child');
    for (const name of ['groups', 'curves', 'time'])
      await page.locator(`#plot-${name}`).scrollIntoViewIfNeeded();
    await settled(page);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('script').count()).toBe(3); // data, library, page
    expect(complaints).toEqual([]);
  });

  it('1,500 layouts open and filter within a few seconds, without complaint', async () => {
    const { page, complaints } = await open(fixtureResult({ candidates: 1500, failures: false }));
    expect(await page.getAttribute('.rows table', 'aria-rowcount')).toBe('1501');
    expect(await page.locator('#rows-body tr').count()).toBeLessThan(200);
    await page.locator('#rows').evaluate((box) => {
      box.scrollTop = box.scrollHeight;
    });
    await page.waitForSelector('#rows-body tr[aria-rowindex="1501"]');
    await page.fill('#filter', 'CTTT top-1>61');
    await settled(page);
    expect((await layouts(page)).every((layout) => layout.includes('CTTT'))).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('1,100 layouts are points of a canvas, of which a lasso selects those inside', async () => {
    const result = fixtureResult({ candidates: 1100, failures: false, epochs: 1 });
    const { page, complaints } = await open(result, { height: 1400 });
    expect(await page.getAttribute('#page-data', 'data-packed')).toBe('gzip');
    const { score, costs, first } = figureInfos(result).front!;
    const cost = costs.find(({ id }) => id === first)!;
    await page.evaluate(() =>
      (
        globalThis as unknown as { Plotly: { relayout: (id: string, to: object) => Promise<void> } }
      ).Plotly.relayout('plot-front', { dragmode: 'select' }),
    );
    const area = (await page.locator('#plot-front .nsewdrag').first().boundingBox())!;
    const corner = (share: number): [number, number] => [
      area.x + area.width * share,
      area.y + area.height * share,
    ];
    await page.mouse.move(...corner(0.3));
    await page.mouse.down();
    await page.mouse.move(...corner(0.6), { steps: 4 });
    await page.mouse.up();
    const box = await page.evaluate(() => {
      const { xaxis, yaxis } = (
        document.getElementById('plot-front') as unknown as {
          _fullLayout: Record<'xaxis' | 'yaxis', { range: number[]; type: string; _length: number }>;
        }
      )._fullLayout;
      const at = ({ range, type }: typeof xaxis, share: number): number => {
        const value = range[0]! + share * (range[1]! - range[0]!);
        return type === 'log' ? 10 ** value : value;
      };
      return { x: [at(xaxis, 0.3), at(xaxis, 0.6)], y: [at(yaxis, 0.4), at(yaxis, 0.7)] };
    });
    const inside = cost.values.filter((value, index) => {
      const [x, y] = [value?.[0], score.values[index]?.[0]];
      if (x === undefined || y === undefined) return false;
      const shown = y * score.scale;
      return x > box.x[0]! && x < box.x[1]! && shown > box.y[0]! && shown < box.y[1]!;
    });
    await page.waitForFunction(() => !document.getElementById('only-selected')!.hidden);
    const text = await page.textContent('#only-selected');
    const selected = Number(/\d+/.exec(text ?? '')?.[0]);
    expect(inside.length).toBeGreaterThan(100);
    expect(Math.abs(selected - inside.length)).toBeLessThanOrEqual(inside.length * 0.02 + 2); // edges of pixels
    expect(complaints).toEqual([]);
  });

  it('a lasso that returns to its start is no click, and a second one over it selects anew', async () => {
    const result = fixtureResult({ candidates: 1100, failures: false, epochs: 1 });
    const { page, complaints } = await open(result, { height: 1400 });
    await page.evaluate(() => {
      const { Plotly } = globalThis as unknown as { Plotly: { relayout(id: string, to: object): void } };
      Plotly.relayout('plot-front', { dragmode: 'lasso' });
    });
    const points = await pointsOfFront(page, result);
    const area = (await page.locator('#plot-front .nsewdrag').first().boundingBox())!;
    for (const centre of [0.4, 0.5]) {
      const radius = 0.2 * Math.min(area.width, area.height);
      const [x, y] = [centre * area.width, 0.5 * area.height];
      const corners = Array.from({ length: 41 }, (_, step) => (step / 40) * 2 * Math.PI);
      await page.mouse.move(area.x + x - radius, area.y + y);
      await page.mouse.down();
      for (const angle of corners)
        await page.mouse.move(area.x + x - radius * Math.cos(angle), area.y + y + radius * Math.sin(angle));
      await page.mouse.up();
      const inside = points.filter((point) => Math.hypot(point[0] - x, point[1] - y) < radius).length;
      const selected = Number(/\d+/.exec((await page.textContent('#only-selected')) ?? '')?.[0]);
      expect(inside).toBeGreaterThan(50);
      expect(Math.abs(selected - inside)).toBeLessThanOrEqual(0.03 * inside + 2); // a polygon of 40 corners
      await page.waitForFunction(
        () => document.querySelectorAll('#plot-front .selectionlayer path').length === 0,
      );
    }
    expect(complaints).toEqual([]);
  });

  it('a lasso over a page that is busy keeps its corners', async () => {
    const result = fixtureResult({ candidates: 1100, failures: false, epochs: 1 });
    const { page } = await open(result, { height: 1400 });
    await page.evaluate(() => {
      const { Plotly } = globalThis as unknown as { Plotly: { relayout(id: string, to: object): void } };
      Plotly.relayout('plot-front', { dragmode: 'lasso' });
    });
    await settled(page);
    const points = await pointsOfFront(page, result);
    const area = (await page.locator('#plot-front .nsewdrag').first().boundingBox())!;
    const radius = 0.3 * Math.min(area.width, area.height);
    const [x, y] = [0.5 * area.width, 0.5 * area.height];
    await page.mouse.move(area.x + x - radius, area.y + y);
    await page.mouse.down();
    const busy = page.evaluate(() => {
      const end = performance.now() + 1500;
      while (performance.now() < end);
    });
    const moves = Array.from({ length: 41 }, (_, step) => {
      const angle = (step / 40) * 2 * Math.PI;
      return page.mouse.move(area.x + x - radius * Math.cos(angle), area.y + y + radius * Math.sin(angle));
    });
    await Promise.all([busy, ...moves]);
    await page.mouse.up();
    await page.waitForFunction(() => !document.getElementById('only-selected')!.hidden);
    const selected = Number(/\d+/.exec((await page.textContent('#only-selected')) ?? '')?.[0]);
    const inside = points.filter((point) => Math.hypot(point[0] - x, point[1] - y) < radius).length;
    expect(Math.abs(selected - inside)).toBeLessThanOrEqual(0.03 * inside + 2); // a polygon of 40 corners
  });

  it('rehearses selections while it is idle, and nothing of them is seen or kept', async () => {
    const result = fixtureResult({ candidates: 1100, failures: false, epochs: 3 });
    const { page, complaints } = await open(result, { height: 1400, idle: 'held' });
    type Idle = { idle: (() => void)[] };
    const look = (): Promise<unknown> =>
      page.evaluate(() => {
        const canvases = [...document.querySelectorAll<HTMLCanvasElement>('canvas')];
        const { scrollTop } = document.getElementById('rows')!;
        return [location.href, document.body.innerHTML, scrollTop, canvases.map((each) => each.toDataURL())];
      });
    await settled(page);
    const before = await look();
    const rounds = await page.evaluate(() => {
      const { idle } = globalThis as unknown as Idle;
      let count = 0;
      for (let work = idle.shift(); work; work = idle.shift(), count++) work();
      return count;
    });
    expect(rounds).toBeGreaterThan(1);
    expect(await look()).toEqual(before);
    expect(complaints).toEqual([]);
  });

  it('a selection marks its lines over the traces, in front of all others, and is saved with them', async () => {
    const { page, complaints } = await open(fixtureResult({ candidates: 40, failures: false }), {
      height: 2600,
    });
    await page.waitForSelector('#plot-curves[data-drawn] .scatterlayer .js-line');
    await settled(page);
    const traces = (): Promise<(string | null)[]> =>
      page.$$eval('#plot-curves .scatterlayer path', (all) => all.map((each) => each.getAttribute('d')));
    const before = await traces();
    const marks = page.locator('#plot-curves .selected-lines path');
    expect(await marks.count()).toBe(0);
    await page.click('#rows-body tr:nth-child(1)');
    // range over seeds, line and points of the one layout
    await page.waitForFunction(
      () => document.querySelectorAll('#plot-curves .selected-lines path').length === 3,
    );
    await page.click('#rows-body tr:nth-child(2)', { modifiers: ['Shift'] });
    await page.waitForFunction(
      () => document.querySelectorAll('#plot-curves .selected-lines path').length >= 5,
    );
    expect(await traces()).toEqual(before);
    // the line's last point is the curve's last value, within the axes
    const [drawn, wanted] = await page.evaluate(() => {
      const layer = document.querySelector('#plot-curves .selected-lines')!;
      const line = layer.querySelector('[style*="stroke-width"]')!;
      const path = line.getAttribute('d')!;
      const y = Number(path.split(/[ML]/).at(-1)!.split(' ')[1]);
      type Plot = { _fullLayout: { yaxis: { p2d(pixel: number): number } } };
      const { yaxis } = (document.getElementById('plot-curves') as unknown as Plot)._fullLayout;
      const rows = [...document.querySelectorAll('#rows-body tr.selected [data-column="score"]')];
      return [yaxis.p2d(y), rows.map((cell) => parseFloat(cell.textContent ?? ''))] as const;
    });
    expect(Math.min(...wanted.map((value) => Math.abs(value - drawn)))).toBeLessThan(0.2);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click('[data-save="curves"] [data-format="svg"]'),
    ]);
    const saved = String(readFileSync(await download.path()));
    expect(saved.match(/stroke-width: 2\.4px/g)?.length).toBe(2);
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('#plot-curves .selected-lines path'));
    expect(complaints.filter((each) => !each.startsWith('request: blob:'))).toEqual([]);
  });

  it('the row of a layout that a figure selects comes into view, marked', async () => {
    const result = fixtureResult({ candidates: 1100, failures: false, epochs: 1 });
    const { page } = await open(result);
    for (const share of [0.2, 0.9, 0.5]) {
      const marks = page.locator('#figure-stages [data-candidate]');
      const mark = marks.nth(Math.floor(share * (await marks.count())));
      const candidate = await mark.getAttribute('data-candidate');
      await mark.dispatchEvent('click');
      await settled(page);
      const [row, box] = await Promise.all([
        page.locator(`#rows-body tr.selected[data-candidate="${candidate}"]`).boundingBox(),
        page.locator('#rows').boundingBox(),
      ]);
      expect(row!.y).toBeGreaterThan(box!.y);
      expect(row!.y + row!.height).toBeLessThan(box!.y + box!.height);
    }
  });

  it('nothing reaches beyond a narrow screen', async () => {
    const { page } = await open(fixtureResult(), { width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });
});
