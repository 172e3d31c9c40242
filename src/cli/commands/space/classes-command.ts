/** `classes SPACE`: members that compute the same function. */
import type { Command } from 'commander';
import { architectureId } from '../../../architecture/canonical.js';
import { layoutOf } from '../../../architecture/layout.js';
import { FunctionalClasses } from '../../../space/inspect/functional-classes.js';
import { examples, wholeNumber } from '../../options/option-parsers.js';
import { addWhere, openSpace, type WhereOption } from '../../options/space-argument.js';
import { type Io, jsonLine, print, printLine } from '../../output/io.js';
import { grouped } from '../../output/text-format.js';

interface Options extends WhereOption {
  readonly json?: boolean;
  readonly count: number;
  readonly least: number;
}

export function configure(command: Command, io: Io): void {
  addWhere(command.argument('<space>', 'space file'))
    .option('-n, --count <count>', 'number of classes to list', wholeNumber(0), 10)
    .option('--least <size>', 'smallest class to list, in members', wholeNumber(1), 2)
    .option('--json', 'one object: members, classes; then one per class: size, members with id and layout')
    .addHelpText(
      'after',
      examples(
        'classes search-spaces/nas-bench-macro.space',
        'classes search-spaces/nas-bench-macro.space --least 5 -n 3 --json',
      ),
    )
    .action(async (file: string, options: Options) => {
      const space = openSpace(file, options);
      const count = space.count();
      const classes = new FunctionalClasses(space);
      const members = count.exact ? count.count : count.estimate;
      print(
        io,
        options.json
          ? jsonLine({ members, classes: classes.count })
          : `${grouped(members)} members are ${grouped(classes.count)} different functions`,
      );
      if (members === classes.count && options.least > 1) return; // every class is one member
      let left = options.count;
      for (const same of left > 0 ? classes.list(options.least) : []) {
        if (options.json)
          await printLine(
            io,
            jsonLine({
              size: same.length,
              members: same.map((member) => ({ id: architectureId(member), layout: layoutOf(member) })),
            }),
          );
        else
          await printLine(
            io,
            `${String(same.length).padStart(4)}  ` +
              `${same.slice(0, 6).map(layoutOf).join('  ')}${same.length > 6 ? '  …' : ''}`,
          );
        if (--left === 0) break;
      }
    });
}
