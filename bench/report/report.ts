/**
 * The report of 100,000 trials: time and memory of the commands that read it, size of the files, and how long Chromium
 * takes to open the page and to answer a lasso.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { chromiumFile } from '../../test/report/chromium.js';
import type { Bench } from '../benchmark.js';
import { type LargeDatabase, largeDatabase, writeLargeDatabase } from './large-database.js';

const program = join(import.meta.dirname, '../../dist/cli/main.js');

interface Used {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

/** Runs a command of the built program; its last act is to report what it used. */
async function used(...args: readonly string[]): Promise<Used> {
  const hook =
    "process.on('exit',()=>{const u=process.resourceUsage();" +
    'require("fs").writeSync(3,JSON.stringify([(u.userCPUTime+u.systemCPUTime)/1e6,u.maxRSS/1e3]))})';
  const folder = mkdtempSync(join(tmpdir(), 'stagecraft-hook-'));
  writeFileSync(join(folder, 'hook.cjs'), hook);
  const start = performance.now();
  const child = spawn(process.execPath, ['--require', join(folder, 'hook.cjs'), program, ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  let text = '';
  child.stdio[3]!.on('data', (data: Buffer) => {
    text += data.toString();
  });
  const code = await new Promise<number | null>((done) => child.on('close', done));
  rmSync(folder, { recursive: true });
  if (code !== 0) throw new Error(`bench report: ${args[0]} exits with 0, got ${code}`);
  const [cpuSeconds, peakMegabytes] = JSON.parse(text) as [number, number];
  return { wallSeconds: (performance.now() - start) / 1000, cpuSeconds, peakMegabytes };
}

const megabytes = (file: string): number => statSync(file).size / 1e6;

interface Opened {
  readonly openSeconds: number;
  readonly openCpuSeconds: number;
  /** Medians over the lassos: until the next frame was drawn. */
  readonly lassoMs: number;
  readonly lassoCpuMs: number;
  readonly selected: number;
}

async function openPage(browser: Browser, file: string): Promise<Opened> {
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
  const lassos: [number, number][] = [];
  for (const at of [0.25, 0.35, 0.45, 0.3, 0.4]) lassos.push(await lasso(page, session, at));
  const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[2]!;
  const text = (await page.textContent('#only-selected')) ?? '';
  return {
    openSeconds,
    openCpuSeconds,
    lassoMs: middle(lassos.map(([wall]) => wall)),
    lassoCpuMs: middle(lassos.map(([, cpu]) => cpu)),
    selected: Number(/\d+/.exec(text)?.[0] ?? 0),
  };
}

async function taskSeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')!.value;
}

/** Milliseconds from the release of the button to the next frame: on the clock, and of the main thread. */
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
      requestAnimationFrame(() => {
        const channel = new MessageChannel(); // its message follows the frame
        channel.port1.onmessage = () => { globalThis.answered = performance.now() - start; };
        channel.port2.postMessage(0);
      });
    };
    document.addEventListener('mouseup', released, { once: true, capture: true });
  })()`);
  const before = await taskSeconds(session);
  await page.mouse.up();
  await page.waitForFunction(() => (globalThis as unknown as { answered: number }).answered > 0);
  const cpu = 1000 * ((await taskSeconds(session)) - before);
  return [await page.evaluate(() => (globalThis as unknown as { answered: number }).answered), cpu];
}

export const reportBench = {
  summary: 'report, fidelity and explore of 100,000 trials; the page in Chromium (build first)',
  needsEngine: false,
  onlyByName: true,
  async run({ quick, note }) {
    const folder = mkdtempSync(join(tmpdir(), 'stagecraft-report-'));
    const file = join(folder, 'results.sqlite');
    const size: LargeDatabase = quick ? { ...largeDatabase, networks: 2000 } : largeDatabase;
    try {
      writeLargeDatabase(file, size, (done) => note(`${done} networks`));
      const commands: readonly (readonly string[])[] = [
        ['report', file, '--out', folder],
        ['fidelity', file],
        ['explore', file, '--frame', '120x36'],
        ['explore', file, '--frame', '120x36', '--screen', 'plot'],
      ];
      const rows: string[][] = [];
      for (const command of commands) {
        note(command.join(' '));
        const { wallSeconds, cpuSeconds, peakMegabytes } = await used(...command);
        const name = [command[0]!, ...command.slice(4)].filter((word) => word !== folder).join(' ');
        rows.push([name, wallSeconds.toFixed(1), cpuSeconds.toFixed(1), peakMegabytes.toFixed(0)]);
      }
      const html = join(folder, 'index.html');
      const files = ['index.html', 'results.json', 'results.csv'].map(
        (name) => `${name} ${megabytes(join(folder, name)).toFixed(1)} MB`,
      );
      const notes = [`${files.join(', ')}; database ${megabytes(file).toFixed(0)} MB`];
      if (chromiumFile === undefined) notes.push('page not opened: Chromium is not installed');
      else {
        const browser = await chromium.launch({ executablePath: chromiumFile, args: ['--no-sandbox'] });
        const opened = await openPage(browser, html);
        await browser.close();
        notes.push(
          `page: open ${opened.openSeconds.toFixed(1)} s (main thread ${opened.openCpuSeconds.toFixed(1)} s), ` +
            `lasso of ${opened.selected} layouts ${opened.lassoMs.toFixed(0)} ms ` +
            `(main thread ${opened.lassoCpuMs.toFixed(0)} ms)`,
          `data packed: ${/data-packed="gzip"/.test(readFileSync(html, 'utf8'))}`,
        );
      }
      notes.push('limits: report 20 s and 1,000 MB; page 25 MB, open 3 s, lasso 100 ms');
      return [
        {
          title: `${size.networks * (size.launches + size.seeds)} trials of ${size.networks} networks`,
          columns: ['command', 's', 'CPU s', 'peak MB'],
          rows,
          notes,
        },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
} as const satisfies Bench;
