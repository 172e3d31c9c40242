/**
 * The report of 100,000 trials: time and memory of the commands that read it, size of the files, and how long Chromium
 * takes to open the page and to answer a lasso.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumFile } from '../../test/report/chromium.js';
import type { Bench } from '../benchmark.js';
import { type LargeDatabase, largeDatabase, writeLargeDatabase } from './large-database.js';
import { measurePage } from './report-page.js';

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
        const isPacked = /data-packed="gzip"/.test(readFileSync(html, 'utf8'));
        notes.push(...(await measurePage(html)), `data packed: ${isPacked}`);
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
