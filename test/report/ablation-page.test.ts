/** The report of an ablation in a real browser: no complaint or request, no overflow, readable in both themes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verdictSentence } from '../../src/analysis/ablation/ablation-sentences.js';
import { analyseAblation } from '../../src/analysis/ablation/analyse-ablation.js';
import { figureInfos } from '../../src/report/figures/figure-table.js';
import { themes } from '../../src/report/report-theme.js';
import { writeReport } from '../../src/report/write-report.js';
import { asAblation } from '../fixtures/ablation-result.js';
import { fixtureResult } from '../fixtures/experiment-result.js';
import { launch, openReport, withoutChromium } from './chromium.js';

const made = asAblation(fixtureResult({ candidates: 6, seeds: 6, failures: false }), {
  names: ['', '<b>bold</b>', 'a name that is much longer than the others, with a tail', '"x"', 'd', 'e'],
});
const result = {
  ...made,
  candidates: made.candidates.map((each, index) => ({ ...each, arm: made.ablation!.arms[index]!.name })),
};

const lastFill = "getComputedStyle([...document.querySelectorAll('#effects svg text')].at(-1)).fill";

describe.skipIf(withoutChromium)('report of an ablation in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ablation-page-'));
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['light', 1440],
    ['dark', 900],
    ['light', 420],
  ] as const)('%s theme at %d pixels', async (colorScheme, width) => {
    const { htmlFile } = await writeReport(result, folder);
    const { page, complaints } = await openReport(browser, htmlFile, { colorScheme, width });
    expect(complaints).toEqual([]);
    const figure = page.locator('#effects svg');
    expect(await figure.isVisible()).toBe(true);
    expect(await figure.locator('circle').count()).toBe(5);
    const colour = await page.evaluate<string>(lastFill);
    const rgb = themes[colorScheme].muted.match(/[0-9a-f]{2}/g)!.map((part) => Number.parseInt(part, 16));
    expect(colour).toBe(`rgb(${rgb.join(', ')})`);
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
    expect(overflow).toBeLessThanOrEqual(0);
    expect(await page.locator('#ablation b', { hasText: 'bold' }).count()).toBe(0);
    await page.close();
  });

  it('the verdict heads the page, and table and labels call the arms by their names', async () => {
    const { htmlFile } = await writeReport(result, folder);
    const { page } = await openReport(browser, htmlFile);
    expect(await page.textContent('h1')).toBe(verdictSentence(analyseAblation(result)!));
    expect(await page.textContent('#head-layout .label')).toBe('Arm');
    const rows = await page.$$eval('#rows-body .layout', (cells) => cells.map((cell) => cell.textContent));
    expect(rows.sort()).toEqual(result.candidates.map(({ arm }) => arm!).sort());
    const front = figureInfos(result).front!;
    const { front: onFront } = front.costs.find(({ id }) => id === front.first)!;
    const labels = await page.$$eval('#plot-front .annotation-text', (texts) =>
      texts.map((text) => text.textContent),
    );
    expect(labels).toEqual(
      expect.arrayContaining(onFront.map((candidate) => result.candidates[candidate]!.arm)),
    );
    await page.close();
  });

  it('on A4 paper no table is cut', async () => {
    const { htmlFile } = await writeReport(result, folder);
    const { page } = await openReport(browser, htmlFile, { width: 794, height: 1123 });
    await page.emulateMedia({ media: 'print' });
    const beyond = await page.$$eval('#ablation .scroll', (boxes) =>
      boxes.map((box) => box.scrollWidth - box.clientWidth),
    );
    expect(beyond.length).toBeGreaterThan(1);
    expect(Math.max(...beyond)).toBeLessThanOrEqual(1);
    await page.close();
  });
});
