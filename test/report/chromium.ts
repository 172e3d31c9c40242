/**
 * The system's Chromium, driven by playwright-core; tests that need it are skipped visibly where there is
 * none.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

function findChromium(): string | undefined {
  const named = process.env['CHROMIUM'];
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return [
    named,
    '/usr/bin/chromium',
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
  ].find((file) => file !== undefined && file !== '' && existsSync(file));
}

export const chromiumFile = findChromium();
export const withoutChromium = chromiumFile === undefined;

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumFile!, args: ['--no-sandbox', '--disable-dev-shm-usage'] });

export interface Opened {
  readonly page: Page /** Console warnings and errors, uncaught errors, requests beyond the file itself. */;
  readonly complaints: string[];
}

/** Opens a report file and waits until its main plot is drawn. */
export async function openReport(
  browser: Browser,
  file: string,
  options?: Parameters<typeof watchedPage>[2],
): Promise<Opened> {
  const opened = await watchedPage(browser, file, options);
  await opened.page.waitForSelector('#plot-front[data-drawn]');
  return opened;
}

/** Opens a report file, which may have no plot. */
export async function watchedPage(
  browser: Browser,
  file: string,
  options: {
    colorScheme?: 'light' | 'dark';
    width?: number;
    height?: number;
    /** Work of idle moments waits in the page's `idle`; default: it runs. */
    idle?: 'held';
  } = {},
): Promise<Opened> {
  const page = await browser.newPage({
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
    colorScheme: options.colorScheme ?? 'light',
  });
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()))
      complaints.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url() !== pathToFileURL(file).href)
      complaints.push(`request: ${request.url().slice(0, 120)}`);
  });
  if (options.idle === 'held')
    await page.addInitScript(() => {
      const idle: (() => void)[] = [];
      Object.assign(globalThis, { idle, requestIdleCallback: (work: () => void) => idle.push(work) });
    });
  await page.goto(pathToFileURL(file).href);
  return { page, complaints };
}

export const settled = (page: Page): Promise<void> =>
  page.evaluate(
    () =>
      new Promise<void>((done) => {
        setTimeout(() => done(), 150);
      }),
  );
