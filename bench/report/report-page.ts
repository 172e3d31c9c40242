/** How long Chromium takes to open the page of a report and to answer a lasso. */
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { median } from '../../src/util/statistics/order-statistics.js';
import { chromiumFile } from '../../test/report/chromium.js';

interface Opened {
  readonly openSeconds: number;
  readonly openCpuSeconds: number;
  /** Of each lasso, the first on the page before the others. */
  readonly lassos: readonly Lasso[];
}
interface Lasso {
  readonly wallMs: number;
  /** Of the main thread, up to the frame and for what follows it. */
  readonly cpuMs: number;
  /** Layouts inside. */
  readonly selected: number;
}

/** Each opens the page in a browser of its own, in which no code is compiled yet. */
const openings = 3;

/** Opens the page of a file, each time in a browser of its own. @returns what was measured, in lines */
export async function measurePage(file: string): Promise<string[]> {
  const opened: Opened[] = [];
  for (let opening = 0; opening < openings; opening++) opened.push(await openPage(file));
  const rounded = (values: readonly number[], digits = 0): string =>
    values.map((value) => value.toFixed(digits)).join(', ');
  const open = opened.map(({ openSeconds }) => openSeconds);
  const openCpu = opened.map(({ openCpuSeconds }) => openCpuSeconds);
  const firsts = opened.map(({ lassos }) => lassos[0]!);
  const others = opened.flatMap(({ lassos }) => lassos.slice(1));
  const walls = others.map(({ wallMs }) => wallMs);
  const middle = [median(walls), Math.max(...walls), median(others.map(({ cpuMs }) => cpuMs))];
  return [
    `page: open ${rounded(open, 1)} s (main thread ${rounded(openCpu, 1)} s)`,
    `first lasso on each: ${rounded(firsts.map(({ wallMs }) => wallMs))} ms ` +
      `(main thread ${rounded(firsts.map(({ cpuMs }) => cpuMs))} ms)`,
    `${others.length} further lassos: median, slowest, median of the main thread ${rounded(middle)} ms`,
    `lassos of ${rounded(opened[0]!.lassos.map(({ selected }) => selected))} layouts, ` +
      'from release to the frame with rings, table, numbers and the figures on the screen',
  ];
}

async function openPage(file: string): Promise<Opened> {
  const browser = await chromium.launch({ executablePath: chromiumFile!, args: ['--no-sandbox'] });
  try {
    return await openIn(browser, file);
  } finally {
    await browser.close();
  }
}

async function openIn(browser: Browser, file: string): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 1300 } });
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const start = performance.now();
  await page.goto(`file://${file}`);
  await page.waitForSelector('#plot-front[data-drawn]');
  await page.waitForSelector('#rows-body tr');
  const openSeconds = (performance.now() - start) / 1000;
  const openCpuSeconds = await taskSeconds(session);
  await page.waitForTimeout(500);
  await page.evaluate(() => {
    const { Plotly } = globalThis as unknown as { Plotly: { relayout(id: string, to: object): void } };
    Plotly.relayout('plot-front', { dragmode: 'lasso' });
  });
  const lassos: Lasso[] = [];
  for (const at of [0.25, 0.35, 0.45, 0.3, 0.4]) {
    const [wallMs, cpuMs] = await lasso(page, session, at);
    const text = (await page.textContent('#only-selected')) ?? '';
    lassos.push({ wallMs, cpuMs, selected: Number(/\d+/.exec(text)?.[0] ?? 0) });
    await page.waitForTimeout(500); // the outline goes
  }
  const selected = lassos.map((each) => each.selected);
  if (new Set(selected).size < selected.length)
    throw new Error(`bench report: each lasso selects other layouts, got ${selected.join(', ')}`);
  return { openSeconds, openCpuSeconds, lassos };
}

async function taskSeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')!.value;
}

/**
 * Milliseconds from the release of the button to the end of the first frame with the new selection, on the clock
 * and of the main thread. That frame has the rings in the figure, the table, the numbers and every other figure
 * on the screen; figures elsewhere are drawn when they come near it.
 */
async function lasso(page: Page, session: CDPSession, centre: number): Promise<[number, number]> {
  const area = (await page.locator('#plot-front .nsewdrag').first().boundingBox())!;
  const move = (x: number, y: number): Promise<void> =>
    page.mouse.move(area.x + area.width * x, area.y + area.height * y);
  await move(centre - 0.1, 0.45);
  await page.mouse.down();
  for (let step = 0; step <= 24; step++) {
    const angle = (step / 24) * 2 * Math.PI;
    await move(centre - 0.1 * Math.cos(angle), 0.45 + 0.15 * Math.sin(angle));
  }
  await page.evaluate(`(() => {
    globalThis.answered = 0;
    const released = () => {
      const start = performance.now();
      const shown = new MutationObserver(() => {
        shown.disconnect();
        requestAnimationFrame(() => {
          const channel = new MessageChannel(); // its message follows the frame
          channel.port1.onmessage = () => { globalThis.answered = performance.now() - start; };
          channel.port2.postMessage(0);
        });
      });
      shown.observe(document.getElementById('only-selected'), { childList: true });
    };
    window.addEventListener('mouseup', released, { once: true, capture: true });
  })()`);
  const before = await taskSeconds(session);
  await page.mouse.up();
  await page.waitForFunction(() => (globalThis as unknown as { answered: number }).answered > 0);
  const cpu = 1000 * ((await taskSeconds(session)) - before);
  return [await page.evaluate(() => (globalThis as unknown as { answered: number }).answered), cpu];
}
