/** `ablation [DB]`: verdict, tables and forest plot of an ablation, and the seeds that a difference needs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import {
  effectSentence,
  powerLines,
  verdictSentence,
} from '../../../analysis/ablation/ablation-sentences.js';
import { type AblationAnalysis, analyseAblation } from '../../../analysis/ablation/analyse-ablation.js';
import { seedsNeeded } from '../../../analysis/ablation/decision/power.js';
import { designFor } from '../../../analysis/ablation/designs/design-table.js';
import { publishedSentence } from '../../../analysis/ablation/published-ranks.js';
import { countText } from '../../../analysis/number-text.js';
import { mainScore } from '../../../analysis/objectives/result-score.js';
import { databaseName } from '../../../lab/database-name.js';
import type { Experiment } from '../../../lab/experiment.js';
import { loadExperiment } from '../../../lab/load-experiment.js';
import { networkCost } from '../../../network/network-cost.js';
import { effectsFigure } from '../../../report/figures/effects-figure.js';
import type { ThemeName } from '../../../report/report-theme.js';
import { forestSvg } from '../../../report/svg/forest-svg.js';
import { ablationTables } from '../../../report/tables/ablation-tables.js';
import { csvTable } from '../../../report/tables/csv-table.js';
import { latexTable } from '../../../report/tables/latex-table.js';
import { markdownTable } from '../../../report/tables/markdown-table.js';
import type { Table } from '../../../report/tables/table.js';
import { writePicture } from '../../../report/write-figure.js';
import type { ExperimentResult } from '../../../store/experiment-result.js';
import { openStore, readExperimentResult } from '../../../store/open-store.js';
import { UserError } from '../../../util/errors.js';
import { poolSeedNoise } from '../../../util/statistics/seed-noise.js';
import {
  addDatabase,
  type DatabaseOption,
  databaseHelp,
  findDatabase,
  givenDatabase,
} from '../../options/database-argument.js';
import { examples, numberIn, themeOption } from '../../options/option-parsers.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { table } from '../../output/text-format.js';

const printers = { markdown: markdownTable, latex: latexTable, csv: csvTable } as const satisfies Record<
  string,
  (table: Table) => string
>;

interface Options extends DatabaseOption {
  readonly theme: ThemeName;
  readonly format: keyof typeof printers;
  readonly figure?: string;
  readonly power?: number;
  readonly noise?: string;
  readonly json?: boolean;
}

export function configure(command: Command, io: Io): void {
  addDatabase(command, `${databaseHelp}; of an experiment file, its plan`)
    .addOption(
      new Option('--format <name>', 'form of the tables').choices(Object.keys(printers)).default('markdown'),
    )
    .option('--figure <file>', 'write the forest plot as .svg or .png')
    .addOption(themeOption())
    .option('--power <difference>', 'seeds that this difference needs, a fraction', numberIn(0, 1e6))
    .option('--noise <db>', 'database whose seeds give the noise of --power')
    .option('--json', 'print one object: verdict, sentences, effects')
    .addHelpText(
      'after',
      examples(
        'ablation reports/ascan-blocks',
        'ablation reports/ascan-blocks --format latex',
        'ablation experiments/ablations/ascan-blocks.experiment --power 0.01 --noise reports/quickstart',
      ),
    )
    .action(async (argument: string | undefined, options: Options) => {
      if (argument?.endsWith('.experiment')) return planned(loadExperiment(argument), options, io);
      const result = resultOf(givenDatabase(argument, options));
      const analysis = analyseAblation(result);
      if (!analysis)
        throw new UserError(`ablation: ${result.experiment.name} is no ablation, got no factors`, {
          fix: 'give the experiment factors: npx stagecraft explain factors',
        });
      if (options.figure !== undefined)
        await writePicture(
          options.figure,
          () => forestSvg(effectsFigure.info(result)!, { theme: options.theme }),
          'ablation',
        );
      printAnalysis(analysis, options, io);
    });
}

function resultOf(database: string): ExperimentResult {
  const store = openStore(database, { readonly: true });
  try {
    return readExperimentResult(store);
  } finally {
    store.close();
  }
}

function printAnalysis(analysis: AblationAnalysis, { format, power, json }: Options, io: Io): void {
  const sentences = analysis.effects.map((effect) => effectSentence(effect, analysis));
  const published = publishedSentence(analysis);
  const seeds = powerLines(analysis, power === undefined ? undefined : [power]);
  if (json) {
    const effects = analysis.effects.map(({ contrast, ...rest }) => ({ kind: contrast.kind, ...rest }));
    print(
      io,
      jsonLine({ verdict: analysis.verdict, sentence: verdictSentence(analysis), sentences, effects }),
    );
    return;
  }
  const tables = ablationTables(analysis).map((each) => printers[format](each));
  if (format !== 'markdown') {
    print(io, tables.join('\n'));
    return;
  }
  print(
    io,
    [
      verdictSentence(analysis),
      '',
      ...tables,
      ...sentences,
      ...(published === '' ? [] : [published]),
      ...seeds.map((line) => `power: ${line}`),
    ].join('\n'),
  );
}

/** The arms of a file with their costs, and the seeds that a difference needs. */
function planned(experiment: Experiment, { power, noise }: Options, io: Io): void {
  const { ablation } = experiment;
  if (!ablation)
    throw new UserError(`ablation: ${experiment.name} is no ablation, got no factors`, {
      fix: 'give the experiment factors: npx stagecraft explain factors',
    });
  print(io, `${ablation.plan.question}\nplan ${ablation.planHash}, ${ablation.plan.design.kind}\n`);
  const rows = ablation.arms.map(({ name, architecture }) => {
    const { params, macs } = networkCost(architecture).total;
    return [
      name,
      countText(params),
      countText(macs),
      architecture.stages.map(({ width }) => width).join('-'),
    ];
  });
  const right = (title: string) => ({ title, align: 'right' as const });
  print(
    io,
    table([{ title: 'arm' }, right('params'), right('MACs'), { title: 'widths' }], rows, io.colours.dim),
  );
  if (power !== undefined) print(io, `\n${powerText(experiment, power, noise)}`);
}

/** Noise of a paired difference: of trainings of one seed it is at most √2 of a training's. */
function powerText({ name, ablation }: Experiment, difference: number, noise: string | undefined): string {
  const own = join('reports', name, databaseName);
  const found = noise !== undefined || !existsSync(own) ? findDatabase(noise) : own;
  const result = resultOf(found);
  const score = mainScore(result);
  const pooled = poolSeedNoise(
    result.candidates.map(({ scores }) => scores.flatMap((each) => score.ofSeed(each) ?? [])),
  );
  if (!pooled || pooled.variance === 0)
    throw new UserError(`ablation: ${found} must hold networks with several seeds, got none`, {
      fix: 'name another database with --noise',
    });
  const { design, factors, rule } = ablation!.plan;
  const { contrasts } = designFor(
    design,
    factors.map(({ levels }) => levels.length),
  );
  const comparisons = contrasts.filter(({ kind }) => kind !== 'interaction').length;
  const deviation = Math.sqrt(2 * pooled.variance);
  const seeds = seedsNeeded(rule, difference, { deviation, comparisons });
  return (
    `a difference of ${difference} needs ${seeds ?? 'more than 200'} seeds for a power of 80 % ` +
    `(noise of a difference at most ${Number(deviation.toPrecision(2))}, from ${found}; ` +
    `${comparisons} comparisons, level ${rule.level}, looks ${rule.looks})`
  );
}
