/**
 * The page that compares runs, in a real browser: no complaint, no request, axe-core at three widths and in
 * both themes, one selection for charts and table by mouse and by keyboard, print.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareRuns, type RunSource } from '../../../src/analysis/comparison/compared-runs.js';
import { writeComparison } from '../../../src/report/comparison/write-comparison.js';
import type { ExperimentResult } from '../../../src/store/experiment-result.js';
import { fixtureResult } from '../../fixtures/experiment-result.js';
import { launch, settled, watchedPage, withoutChromium } from '../chromium.js';

const onDevice = (result: ExperimentResult, device: string, id: string): ExperimentResult => ({
  ...result,
  device: { id, key: { ...result.device.key, device } },
});
const here = fixtureResult({ candidates: 14, failures: false });
const there = onDevice(
  fixtureResult({ candidates: 10, failures: false, seed: 2 }),
  'Other GPU',
  'ffeedd001122',
);
const again = {
  ...fixtureResult({ candidates: 14, failures: false, seed: 3, name: 'again' }),
  datasetHash: here.datasetHash,
  recipe: here.recipe,
};
const sources: readonly RunSource[] = [
  { file: 'a.sqlite', result: here },
  { file: 'b.sqlite', result: there },
  { file: 'c.sqlite', result: again },
];

describe('compareRuns', () => {
  const { networks, panels, agreements, runs } = compareRuns(sources);
  it('matches networks by their ids', () => {
    const ids = new Set(
      sources.flatMap(({ result }) => result.candidates.map((each) => each.architectureId)),
    );
    expect(networks.map(({ id }) => id).sort()).toEqual([...ids].sort());
    for (const { id, results } of networks)
      results.forEach((candidate, run) =>
        expect(candidate).toBe(runs[run]!.result.candidates.find((each) => each.architectureId === id)),
      );
  });
  it('no panel of a measured cost holds runs of two device keys', () => {
    const measured = panels.filter(({ cost }) => cost.provenance === 'measured');
    expect(measured.length).toBeGreaterThan(2);
    for (const { fronts, device } of measured)
      for (const { run } of fronts) expect(runs[run]!.result.device.id).toBe(device!.id);
    expect(new Set(measured.map(({ device }) => device!.id)).size).toBe(2);
  });
  it('runs of one device key, data and recipe share a panel; of another recipe they do not', () => {
    const batch = panels.filter(
      ({ cost, device }) => cost.name === 'images-per-second' && device!.id === here.device.id,
    );
    expect(batch.every(({ fronts }) => fronts.length === 2)).toBe(true);
    const longer = { ...again, recipe: { ...again.recipe, epochs: 99 } };
    const apart = compareRuns([sources[0]!, { file: 'c.sqlite', result: longer }]).panels;
    expect(apart.every(({ fronts }) => fronts.length === 1)).toBe(true);
  });
  it('agreements are those of the networks that two runs share', () => {
    for (const { runs: pair, tau } of agreements) {
      const shared = networks.filter(({ results }) => pair.every((run) => results[run]));
      expect(tau.samples).toBeLessThanOrEqual(shared.length);
      expect(tau.samples).toBeGreaterThanOrEqual(5);
    }
    const self = compareRuns([sources[0]!, sources[0]!]).agreements;
    expect(self.length).toBeGreaterThan(1);
    for (const { tau } of self) expect(tau.value).toBe(1);
  });
  it('labels differ, also of one run twice', () => {
    expect(new Set(runs.map(({ label }) => label)).size).toBe(3);
    expect(compareRuns([sources[0]!, sources[0]!]).runs.map(({ label }) => label)).toEqual([
      here.experiment.name,
      `${here.experiment.name} (2)`,
    ]);
  });
});

describe.skipIf(withoutChromium)('the page in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'runs-page-'));
  const rules = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  let browser: Browser;
  let file: string;
  beforeAll(async () => {
    browser = await launch();
    file = (await writeComparison(sources, folder)).htmlFile;
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const open = async (options?: Parameters<typeof watchedPage>[2]) => {
    const opened = await watchedPage(browser, file, options);
    await opened.page.waitForSelector('#theme-toggle:not([hidden])');
    return opened;
  };
  const chosen = (page: Page): Promise<string[]> =>
    page.$$eval('.chosen', (marks) => [
      ...new Set(marks.map((each) => each.getAttribute('data-candidate')!)),
    ]);

  it.each([
    ['light', 1600],
    ['dark', 1600],
    ['light', 1024],
    ['dark', 400],
    ['light', 400],
  ] as const)(
    '%s at %i pixels: no serious finding, no complaint, nothing too wide',
    async (colorScheme, width) => {
      const { page, complaints } = await open({ colorScheme, width });
      await page.evaluate(rules);
      const findings = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as {
          axe: {
            run(
              options: object,
            ): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
          };
        };
        const { violations } = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });
        return violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 160)}`);
      });
      expect(findings).toEqual([]);
      expect(complaints).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await page.close();
    },
  );

  it('a click on a mark of one panel selects the network in every panel and in the table', async () => {
    const { page } = await open();
    const panels = await page.locator('svg.chart').count();
    expect(panels).toBe(compareRuns(sources).panels.length);
    const common = compareRuns(sources).networks.findIndex(({ results }) => results.every(Boolean));
    const marks = page.locator(`svg.chart [data-candidate="${common}"]`);
    expect(await marks.count()).toBeGreaterThan(panels / 2);
    await marks.first().dispatchEvent('click');
    expect(await chosen(page)).toEqual([String(common)]);
    expect(await page.locator('#rows-body tr.selected').getAttribute('data-candidate')).toBe(String(common));
    expect(await page.textContent('#selection-text')).toMatch(/^1 selected \([CT-]+\): .*top-1 \d/);
    const url = page.url();
    await page.goto('about:blank');
    await page.goto(url);
    await page.waitForSelector('#rows-body tr.selected');
    expect(await chosen(page)).toEqual([String(common)]);
    await page.close();
  });

  it('the keyboard reaches, moves, selects several, filters and clears', async () => {
    const { page } = await open();
    await page.focus('#rows-body tr[tabindex="0"]');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press(' ');
    expect(await page.locator('#rows-body tr[aria-selected="true"]').count()).toBe(2);
    expect(await page.textContent('#selection-text')).toMatch(/ to /);
    await page.keyboard.press('/');
    await page.keyboard.type('TTTT');
    const shown = await page.$$eval('#rows-body tr:not([hidden]) td:first-child', (cells) =>
      cells.map((cell) => cell.textContent ?? ''),
    );
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.every((layout) => layout.includes('TTTT'))).toBe(true);
    await page.keyboard.press('Escape');
    await expect.poll(() => chosen(page)).toEqual([]);
    await page.close();
  });

  it('a column sorts by its numbers, best first, missing ones last', async () => {
    const { page } = await open();
    await page.click('[data-sort="0:0"]');
    const texts = await page.$$eval('#rows-body tr td:nth-child(2)', (cells) =>
      cells.map((cell) => cell.textContent ?? ''),
    );
    const numbers = texts.filter((text) => text !== '–').map((text) => parseFloat(text.replace('= ', '')));
    expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
    expect(texts.slice(numbers.length).every((text) => text === '–')).toBe(true);
    expect(await page.getAttribute('th[aria-sort]', 'aria-sort')).toBe('descending');
    await page.close();
  });

  it('prints all rows and panels on light paper, and saves a panel as SVG', async () => {
    const { page, complaints } = await open({ colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print' });
    const box = await page
      .locator('#rows')
      .evaluate((element) => [element.scrollHeight, element.clientHeight]);
    expect(box[0]).toBe(box[1]);
    expect(await page.locator('.controls').first().isVisible()).toBe(false);
    expect((await page.pdf()).length).toBeGreaterThan(20_000);
    await page.emulateMedia({ media: 'screen' });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click('[data-save="front-1"] [data-format="svg"]'),
    ]);
    expect(readFileSync(await download.path(), 'utf8')).toMatch(/^<svg[^>]* width="89mm"/);
    await settled(page);
    expect(complaints.filter((each) => !each.startsWith('request: blob:'))).toEqual([]);
    await page.close();
  });

  it('hostile names stay text', async () => {
    const name = '</script><img src=x onerror=alert(1)>"\'';
    const hostile = {
      ...onDevice(here, name, '"><script>'),
      experiment: { ...here.experiment, name },
      candidates: here.candidates.map((each, index) =>
        index === 0 ? { ...each, layout: `<b>${name}` } : each,
      ),
    };
    const { htmlFile } = await writeComparison(
      [sources[0]!, { file: `${name}.sqlite`, result: hostile }],
      join(folder, 'hostile'),
    );
    const { page, complaints } = await watchedPage(browser, htmlFile);
    await page.waitForSelector('#theme-toggle:not([hidden])');
    expect(complaints).toEqual([]);
    expect(await page.locator('img, b b').count()).toBe(0);
    expect(await page.textContent('body')).toContain(name);
    await page.close();
  });

  it('comparison.csv has a row for each network and run', async () => {
    const text = readFileSync((await writeComparison(sources, folder)).csvFile, 'utf8');
    const lines = text.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^run,experiment-id,id,layout,/);
    expect(lines.length - 1).toBe(sources.reduce((sum, { result }) => sum + result.candidates.length, 0));
  });
});
