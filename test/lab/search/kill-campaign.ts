/**
 * Searches that are killed with SIGKILL after random numbers of answers and resumed. Long form:
 * `npm run --silent build && npx tsx test/lab/search/kill-campaign.ts KILLS [STRATEGIES]` prints a line per
 * strategy with one worker, and with eight.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { replaySearch } from '../../../src/lab/search/replay-search.js';
import { readSearchLog } from '../../../src/lab/search/search-log.js';
import { tableSearchId } from '../../../src/lab/search/table-search.js';
import type { SearchEvent } from '../../../src/search/history.js';
import { type StrategyName, strategies } from '../../../src/search/strategy-table.js';
import { plantedTable } from '../../../src/search/tables/planted-table.js';
import { usualObjectives } from '../../../src/search/tables/read-table.js';
import { openStore } from '../../../src/store/open-store.js';
import { seededRandom } from '../../../src/util/random.js';

const childFile = join(import.meta.dirname, 'table-search-child.mjs');
const table = plantedTable({ seed: 1 });

interface Campaign {
  readonly strategy: StrategyName;
  readonly workers: number;
  readonly trials: number;
  readonly kills: number;
  /** Longest wait of an evaluation. */
  readonly delayMs: number;
  readonly seed: number;
}

/** @param lines answers after which it is killed; undefined: it runs to its end @returns whether it ended itself */
function runChild(
  file: string,
  { strategy, workers, trials, delayMs }: Campaign,
  lines?: number,
): Promise<boolean> {
  const child = spawn(
    process.execPath,
    [childFile, file, strategy, String(workers), String(trials), String(delayMs)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let seen = 0;
  createInterface({ input: child.stdout }).on('line', () => {
    if (lines !== undefined && ++seen >= lines) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) =>
      code === 0 || signal === 'SIGKILL'
        ? resolve(code === 0)
        : reject(new Error(`search: the child must end with 0, got ${code ?? signal}`)),
    );
  });
}

const studyOf = ({ strategy: name, trials }: Campaign) => {
  const strategy = strategies[name];
  const settings = {
    strategy,
    objectives: usualObjectives(table).slice(0, strategy.mostObjectives),
    seed: 7,
  };
  return { settings, id: tableSearchId({ table, settings, budget: { trials } } as never) };
};

function logOf(file: string, campaign: Campaign): SearchEvent[] {
  const store = openStore(file, { readonly: true });
  try {
    return readSearchLog(store, studyOf(campaign).id);
  } finally {
    store.close();
  }
}

export interface CampaignOutcome {
  readonly kills: number;
  /** Trials asked, and those of them answered. */
  readonly asked: number;
  readonly answered: number;
  /** First proposal that a sequential replay of the log does not repeat. */
  readonly difference: string | undefined;
  /** With one worker: whether the log equals that of an uninterrupted search. */
  readonly isUninterrupted: boolean | undefined;
}

export async function killCampaign(campaign: Campaign): Promise<CampaignOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'stagecraft-kills-'));
  try {
    const file = join(folder, 'killed.sqlite');
    const random = seededRandom(`kills/${campaign.seed}`);
    const share = Math.max(1, Math.floor(campaign.trials / (campaign.kills + 1)));
    let kills = 0;
    while (kills < campaign.kills && !(await runChild(file, campaign, 1 + random.integer(share)))) kills++;
    await runChild(file, campaign);
    const log = logOf(file, campaign);
    const { settings } = studyOf(campaign);
    const difference = replaySearch({ ...settings, space: table.space, budget: campaign.trials }, log);
    let isUninterrupted: boolean | undefined;
    if (campaign.workers === 1) {
      const whole = join(folder, 'whole.sqlite');
      await runChild(whole, campaign);
      isUninterrupted = JSON.stringify(logOf(whole, campaign)) === JSON.stringify(log);
    }
    const trials = (isAnswer: boolean): number =>
      new Set(log.filter(({ type }) => (type !== 'asked') === isAnswer).map(({ trial }) => trial)).size;
    return {
      kills,
      asked: trials(false),
      answered: trials(true),
      difference: difference && JSON.stringify(difference),
      isUninterrupted,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const kills = Number(process.argv[2] ?? 50);
  const named = process.argv[3]?.split(',') as StrategyName[] | undefined;
  // The table has no scores without training.
  const all = (Object.keys(strategies) as StrategyName[]).filter((name) => name !== 'training-free');
  for (const strategy of named ?? all)
    for (const workers of [1, 8]) {
      const outcome = await killCampaign({
        strategy,
        workers,
        trials: (workers === 1 ? 6 : 9) * kills,
        kills,
        delayMs: workers === 1 ? 0 : 20,
        seed: workers,
      });
      console.log(`${strategy}, ${workers} workers: ${JSON.stringify(outcome)}`);
    }
}
