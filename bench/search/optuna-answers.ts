/**
 * What Optuna's samplers ask for on a table. Makes its own Python environment on the first run. Answers take
 * hours and are kept in `.stagecraft/bench-optuna`, one line per seed, so that an interrupted run goes on.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { benchPython } from '../python-environment.js';

const packages = ['optuna==5.*', 'numpy', 'scipy', 'torch'];
const cacheFolder = join(import.meta.dirname, '../../.stagecraft/bench-optuna');

export interface OptunaTask {
  /** Number of choices of each gene. */
  readonly genes: readonly number[];
  /** Genes of each member, joined by commas, to its objective values. */
  readonly members: Readonly<Record<string, readonly number[]>>;
  readonly directions: readonly ('maximize' | 'minimize')[];
  readonly sampler: string;
}

export interface OptunaRun {
  readonly seed: number;
  readonly trials: number;
}

export interface OptunaAnswer {
  readonly seed: number;
  /** Members in the order of the trials. */
  readonly asked: readonly string[];
  /** Of the processor. */
  readonly seconds: number;
  /** Version. */
  readonly optuna: string;
}

export interface AskOptions {
  /** Numbers of trials after which an unfinished seed is kept, too. */
  readonly marks: readonly number[];
  /** Takes what is kept, and asks for nothing. */
  readonly keptOnly: boolean;
  note(line: string): void;
}

/** The answers of the runs, by seed; with `keptOnly` some may lack trials, or be missing. */
export async function optunaAnswers(
  task: OptunaTask,
  runs: readonly OptunaRun[],
  { marks, keptOnly, note }: AskOptions,
): Promise<OptunaAnswer[]> {
  const hash = createHash('sha256').update(JSON.stringify(task)).digest('hex').slice(0, 16);
  const file = join(cacheFolder, `${task.sampler}-${hash}.jsonl`);
  const known = new Map<number, OptunaAnswer>();
  const keep = (answer: OptunaAnswer): void => {
    const before = known.get(answer.seed);
    if (!before || before.asked.length < answer.asked.length) known.set(answer.seed, answer);
  };
  kept(file).forEach(keep);
  const missing = runs
    .filter(({ seed, trials }) => (known.get(seed)?.asked.length ?? 0) < trials)
    .sort((a, b) => a.trials - b.trials);
  if (missing.length > 0 && !keptOnly)
    await ask(pythonWithOptuna(note), { ...task, runs: missing, marks }, (answer) => {
      keep(answer);
      mkdirSync(cacheFolder, { recursive: true });
      appendFileSync(file, `\n${JSON.stringify(answer)}\n`);
      note(`optuna ${task.sampler}, seed ${answer.seed}, ${answer.asked.length} trials`);
    });
  return runs.flatMap(({ seed, trials }) => {
    const answer = known.get(seed);
    return answer ? [{ ...answer, asked: answer.asked.slice(0, trials) }] : [];
  });
}

/** A line that was cut off is left out. */
function kept(file: string): OptunaAnswer[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as OptunaAnswer] : []));
}

async function ask(python: string, task: object, onAnswer: (answer: OptunaAnswer) => void): Promise<void> {
  const script = join(import.meta.dirname, 'optuna-side.py');
  // Samplers draw on one table: more threads would only wait for each other.
  const env = { ...process.env, OMP_NUM_THREADS: '1' };
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'], env });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  child.stdin.end(JSON.stringify(task));
  for await (const line of createInterface({ input: child.stdout }))
    onAnswer(JSON.parse(line) as OptunaAnswer);
  const code = await ended;
  if (code !== 0) throw new Error(`bench: optuna-side.py must end with 0, got ${code}`);
}

const pythonWithOptuna = (note: (line: string) => void): string =>
  benchPython(
    {
      variable: 'STAGECRAFT_BENCH_OPTUNA',
      folder: 'bench-optuna',
      packages,
      content: 'Optuna and PyTorch (gigabytes, once)',
    },
    note,
  );
