/** The page by axe-core's rules (WCAG 2.1 A and AA): no serious finding in either theme, at three widths. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeReport } from '../../src/report/write-report.js';
import type { ExperimentResult } from '../../src/store/experiment-result.js';
import { asAblation } from '../fixtures/ablation-result.js';
import { fixtureResult } from '../fixtures/experiment-result.js';
import { launch, settled, watchedPage, withoutChromium } from './chromium.js';

interface Finding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

const usual = fixtureResult({ candidates: 12 });
const cases: readonly (readonly [string, ExperimentResult, 'light' | 'dark', number])[] = [
  ['usual', usual, 'light', 1440],
  ['usual', usual, 'dark', 1440],
  ['usual', usual, 'light', 820],
  ['usual', usual, 'dark', 390],
  ['ablation', asAblation(usual), 'light', 1440],
  ['many layouts', fixtureResult({ candidates: 1200, failures: false, epochs: 1, seeds: 1 }), 'light', 1440],
  ['one point', fixtureResult({ candidates: 1 }), 'dark', 1440],
  ['empty', fixtureResult({ candidates: 0 }), 'light', 390],
];

describe.skipIf(withoutChromium)('accessibility of the page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'axe-'));
  const rules = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(cases)('%s: no serious finding', async (name, result, colorScheme, width) => {
    const { htmlFile } = await writeReport(result, join(folder, `${name} ${colorScheme} ${width}`));
    const { page, complaints } = await watchedPage(browser, htmlFile, { colorScheme, width });
    if (result.candidates.length > 0) await page.waitForSelector('#plot-front[data-drawn]');
    await settled(page);
    await page.evaluate(rules);
    const findings = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(options: object): Promise<{ violations: Finding[] }> };
      };
      const { violations } = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });
      return violations;
    });
    const serious = findings
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .map(({ html }) => html.slice(0, 140))
            .slice(0, 4)
            .join(' | ')}`,
      );
    expect(serious).toEqual([]);
    expect(complaints).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    await page.close();
  });
});
