/**
 * The interface of a benchmark: a question, its options, its result table. Adding one = its file and its line
 * in `benchmark-table.ts`.
 */

export interface BenchOptions {
  /** Threads that the engine may use. */
  readonly threads: number;
  /** Fewer rounds and sizes, to see that it runs. */
  readonly quick: boolean;
  /**
   * `--part 1/2`: every second session only, of benches that are made of sessions; several processes can then
   * take a core each.
   */
  readonly part: { readonly index: number; readonly of: number };
  /** `--table FILE`: published results, of benches that compare searches. */
  readonly table?: string;
  /** `--objectives a,b`: quantities of the table. */
  readonly objectives?: readonly string[];
  /** `--seeds N`: repetitions, of benches that compare searches. */
  readonly seeds?: number;
  /** `--trials N`: budget of each search, in the benches of searches. */
  readonly trials?: number;
  /** `--searches a,b`: some strategies only, of the bench that compares with Optuna (`predictor`, `optuna-tpe`). */
  readonly searches?: readonly string[];
  /** `--kept`: answers that earlier runs have stored, and no new ones. */
  readonly kept: boolean;
  /** `--networks a,b` and `--batches 1,8`, of benches over published networks. */
  readonly networks?: readonly string[];
  readonly batches?: readonly number[];
  /** `--kernels a,b`: of the engine's own. */
  readonly kernels?: readonly string[];
  /** Progress as plain lines. */
  note(line: string): void;
  /**
   * Prints a row as soon as it is measured, for benches that take long: what was measured survives an
   * interruption. The whole table follows at the end.
   */
  row(columns: readonly string[], cells: readonly string[]): void;
}

/** The share of `items` that belongs to `part`: every `of`-th. */
export const inPart = <T>(items: readonly T[], { index, of }: BenchOptions['part']): T[] =>
  items.filter((_, position) => position % of === index - 1);

export interface BenchTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Conditions, in lines. */
  readonly notes: readonly string[];
}

export interface Bench {
  /** The question, in one line. */
  readonly summary: string;
  /** Runs only when named: it takes long or downloads packages. */
  readonly onlyByName?: boolean;
  /** Needs the native engine. */
  readonly needsEngine: boolean;
  run(options: BenchOptions): Promise<BenchTable[]>;
}

/** One side of a comparison: `pass` does the work and returns when it is done. */
export interface Side {
  readonly name: string;
  pass(): Promise<unknown> | unknown;
}

/**
 * Milliseconds per pass of each side, one sample per round: in every round each side is timed once, in
 * shuffled order, over a block of passes of at least `blockMs`.
 */
export async function interleaved(
  sides: readonly Side[],
  rounds: number,
  blockMs: number,
): Promise<number[][]> {
  const passes: number[] = [];
  for (const side of sides) {
    await side.pass();
    const start = performance.now();
    let count = 0;
    do {
      await side.pass();
      count++;
    } while (performance.now() - start < blockMs);
    passes.push(count);
  }
  const samples: number[][] = sides.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const order = sides
      .map((_, index) => index)
      .sort((a, b) => ((a * 7 + round * 3) % 5) - ((b * 7 + round * 3) % 5) || (round % 2 ? a - b : b - a));
    for (const index of order) {
      const start = performance.now();
      for (let pass = 0; pass < passes[index]!; pass++) await sides[index]!.pass();
      samples[index]!.push((performance.now() - start) / passes[index]!);
    }
  }
  return samples;
}
