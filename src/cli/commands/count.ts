/** `count SPACE`: how many architectures, exactly. */
import type { Command } from 'commander';
import { examples } from '../command.js';
import { grouped } from '../format.js';
import { jsonLine, print, type Io } from '../io.js';
import { addWhere, openSpace, type WhereOption } from '../space-argument.js';

export function configure(command: Command, io: Io): void {
  addWhere(command.argument('<space>', 'space file'))
    .option('--json', 'print {"count":"6561","exact":true}; counts are strings, since they may pass 2^53')
    .addHelpText('after', examples(
      'count search-spaces/ascan-cpu.space',
      "count search-spaces/ascan-cpu.space --where 'asymmetric and params <= 1M'",
    ))
    .action((file: string, options: WhereOption & { json?: boolean }) => {
      const count = openSpace(file, options).count();
      if (options.json) {
        print(io, jsonLine(count.exact ? { count: count.count, exact: true } : { count: count.estimate, exact: false, low: count.low, high: count.high, because: count.because }));
      } else if (count.exact) {
        print(io, grouped(count.count));
      } else {
        print(io, `about ${grouped(count.estimate)} (95 %: ${grouped(count.low)} to ${grouped(count.high)}), since ${count.because}`);
      }
    });
}
