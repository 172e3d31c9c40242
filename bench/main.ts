/**
 * `npm run bench [-- NAME…] [--threads N] [--quick] [--part 1/2] [--list]
 * [--table FILE] [--objectives a,b] [--seeds N] [--trials N] [--searches a,b] [--kept] [--networks a,b] [--batches 1,8]
 * [--kernels a,b]`: runs benchmarks and prints their tables. Without a name: the short ones. `--list` prints name
 * and question of each.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { locateEngine } from '../src/setup/engine/locate-engine.js';
import type { Bench, BenchTable } from './benchmark.js';
import { benches } from './benchmark-table.js';

const options = {
  threads: { type: 'string' },
  quick: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  part: { type: 'string', default: '1/1' },
  table: { type: 'string' },
  objectives: { type: 'string' },
  seeds: { type: 'string' },
  trials: { type: 'string' },
  searches: { type: 'string' },
  kept: { type: 'boolean', default: false },
  networks: { type: 'string' },
  batches: { type: 'string' },
  kernels: { type: 'string' },
} as const;
const { values, positionals } = parsed();
const table: Readonly<Record<string, Bench>> = benches;
const [index, of] = values.part.split('/').map(Number) as [number, number];
if (!(Number.isInteger(index) && Number.isInteger(of) && index >= 1 && index <= of)) {
  console.error(`bench: --part must be such as 1/2, got ${JSON.stringify(values.part)}`);
  process.exit(2);
}
const threads = Number(values.threads ?? availableParallelism());

if (values.help)
  console.log(
    `npm run bench -- [NAME…] ${Object.keys(options)
      .map((name) => `[--${name}]`)
      .join(' ')}\nWithout a name: the short ones.\n`,
  );
if (values.list || values.help) {
  for (const [name, { summary }] of Object.entries(table)) console.log(`${name.padEnd(15)} ${summary}`);
  process.exit(0);
}
const unknown = positionals.find((name) => !(name in table));
if (unknown !== undefined || !Number.isInteger(threads) || threads < 1) {
  console.error(
    unknown === undefined
      ? `bench: --threads must be an integer of at least 1, got ${JSON.stringify(values.threads)}`
      : `bench: name must be one of ${Object.keys(table).join(', ')}, got ${JSON.stringify(unknown)}`,
  );
  process.exit(2);
}

for (const name of positionals.length > 0
  ? positionals
  : Object.keys(table).filter((key) => !table[key]!.onlyByName)) {
  const bench = table[name]!;
  console.log(`\n${name}: ${bench.summary}`);
  if (bench.needsEngine && !locateEngine()) {
    console.log('  skipped: needs the native engine (stagecraft setup)');
    continue;
  }
  for (const result of await bench.run({
    threads,
    quick: values.quick,
    ...(values.table === undefined ? {} : { table: values.table }),
    ...(values.objectives === undefined ? {} : { objectives: values.objectives.split(',') }),
    ...(values.seeds === undefined ? {} : { seeds: Math.max(1, Number.parseInt(values.seeds, 10)) }),
    ...(values.trials === undefined ? {} : { trials: Math.max(1, Number.parseInt(values.trials, 10)) }),
    ...(values.searches === undefined ? {} : { searches: values.searches.split(',') }),
    kept: values.kept,
    ...(values.networks === undefined ? {} : { networks: values.networks.split(',') }),
    ...(values.batches === undefined ? {} : { batches: values.batches.split(',').map(Number) }),
    ...(values.kernels === undefined ? {} : { kernels: values.kernels.split(',') }),
    part: { index, of },
    row: rowPrinter(),
    note: (line) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K  ${line}`);
    },
  })) {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    print(result);
  }
}
process.exit(0);

function parsed() {
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    console.error(`bench: ${(error as Error).message.split('. ')[0]}; --help lists the options`);
    process.exit(2);
  }
}

/** Prints rows as they are measured, below a header of their columns. */
function rowPrinter(): (columns: readonly string[], cells: readonly string[]) => void {
  let header = '';
  return (columns, cells) => {
    const line = (texts: readonly string[]): string =>
      texts.map((text, at) => text.padEnd(columns[at]!.length)).join('  ');
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    if (header !== line(columns)) console.log((header = line(columns)));
    console.log(line(cells));
  };
}

function print({ title, columns, rows, notes }: BenchTable): void {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => row[index]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!)))
      .join('  ');
  console.log(
    `\n${title}\n${line(columns)}\n${widths.map((width) => '-'.repeat(width)).join('  ')}\n${rows.map(line).join('\n')}`,
  );
  for (const note of notes) console.log(note);
}
