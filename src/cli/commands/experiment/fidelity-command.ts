/**
 * `fidelity [DB]`: rank correlation of cheaper trainings with the full one, and accuracy of extrapolated
 * final scores.
 */

import type { Command } from 'commander';
import { significantText } from '../../../analysis/number-text.js';
import { inSentence } from '../../../analysis/objectives/objectives.js';
import { mainScore, type Score } from '../../../analysis/objectives/result-score.js';
import { cheapestFidelity, fewestRanked, rankFidelities } from '../../../analysis/ranking/fidelity-ranks.js';
import { checkExtrapolation } from '../../../analysis/ranking/score-extrapolation.js';
import type { ExperimentResult } from '../../../store/experiment-result.js';
import { openStore, readExperimentResult } from '../../../store/open-store.js';
import { UserError } from '../../../util/errors.js';
import { compactHeap } from '../../compact-heap.js';
import { addDatabase, type DatabaseOption, givenDatabase } from '../../options/database-argument.js';
import { examples, numberIn } from '../../options/option-parsers.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { printLeftOut } from '../../output/left-out.js';
import { type Column, duration, table } from '../../output/text-format.js';

interface Options extends DatabaseOption {
  readonly tau: number;
  readonly json?: boolean;
}

export function configure(command: Command, io: Io): void {
  addDatabase(command)
    .option(
      '--tau <least>',
      'lower bound that the whole interval of the rank correlation must reach',
      numberIn(-1, 1),
      0.5,
    )
    .option('--json', 'print one object: score, ranks, chosen, extrapolation')
    .addHelpText('after', examples('fidelity', 'fidelity reports/quickstart --tau 0.7'))
    .action((argument: string | undefined, options: Options) => {
      const { tau: least, json } = options;
      const file = givenDatabase(argument, options);
      compactHeap();
      const store = openStore(file, { readonly: true });
      try {
        const result = readExperimentResult(store);
        printLeftOut(result.damaged, file, io);
        const report = fidelityReport(result);
        const chosen = cheapestFidelity(report.found, least);
        if (json) printJson(report, chosen, io);
        else printTables(report, chosen, least, io);
      } finally {
        store.close();
      }
    });
}

type Found = NonNullable<ReturnType<typeof rankFidelities>>;
type Chosen = ReturnType<typeof cheapestFidelity>;
interface FidelityReport {
  readonly score: Score;
  readonly found: Found;
  readonly extrapolation: ReturnType<typeof checkExtrapolation>;
}

/** @throws UserError where too few networks finished their training */
function fidelityReport(result: ExperimentResult): FidelityReport {
  const { candidates } = result;
  const score = mainScore(result);
  const found = rankFidelities(candidates, score);
  if (!found)
    throw new UserError(
      `fidelity: at least ${fewestRanked} networks must finish a training of more than one epoch, ` +
        `got ${candidates.filter(({ scores }) => scores.length > 0).length}`,
    );
  const curves = candidates.flatMap(({ scores }) =>
    scores.flatMap(({ curve }) => {
      const values = curve.flatMap((row) => score.ofEpoch(row) ?? []);
      return values.length === curve.length ? [values] : [];
    }),
  );
  return { score, found, extrapolation: checkExtrapolation(curves) };
}

function printJson({ score, found, extrapolation }: FidelityReport, chosen: Chosen, io: Io): void {
  print(io, jsonLine({ score: score.id, ...found, chosen: chosen?.label ?? null, extrapolation }));
}

const right = (title: string): Column => ({ title, align: 'right' });

function printTables(report: FidelityReport, chosen: Chosen, least: number, io: Io): void {
  const { score, found, extrapolation } = report;
  print(io, rankTable(found, chosen, io));
  print(io, `\nfull training: ${duration(found.fullSeconds)}; ranks are by ${inSentence(score)}`);
  print(
    io,
    chosen
      ? `cheapest with tau of at least ${least}: ${chosen.label}, ` +
          `${(found.fullSeconds / chosen.seconds).toFixed(1)} times as many networks in the same time`
      : `no fidelity has tau of at least ${least} with its whole interval; more networks narrow it`,
  );
  if (extrapolation.length === 0) return;
  print(io, '\nfinal scores predicted from learning curves, each from the others:');
  print(io, extrapolationTable(report, io));
}

const rankTable = ({ ranks }: Found, chosen: Chosen, io: Io): string =>
  table(
    [
      { title: 'fidelity' },
      right('one training'),
      right('tau'),
      right('95 % interval'),
      right('tau per minute'),
      right('networks'),
    ],
    ranks.map(({ label, seconds, tau }) => [
      label === chosen?.label ? io.colours.bold(label) : label,
      duration(seconds),
      tau.value.toFixed(2),
      `${tau.low.toFixed(2)} to ${tau.high.toFixed(2)}`,
      (tau.value / (seconds / 60)).toFixed(2),
      String(tau.samples),
    ]),
    io.colours.dim,
  );

function extrapolationTable({ score, extrapolation }: FidelityReport, io: Io): string {
  const isPercent = score.unit === '%';
  const errorText = (error: number): string =>
    isPercent ? (score.scale * error).toFixed(1) : significantText(error);
  return table(
    [
      right('after epoch'),
      right(`mean error${isPercent ? ', points' : ''}`),
      right('inside 95 % interval'),
      right('trainings'),
    ],
    extrapolation.map(({ epoch, meanAbsoluteError, coverage, count }) => [
      String(epoch),
      errorText(meanAbsoluteError),
      `${Math.round(100 * coverage)} %`,
      String(count),
    ]),
    io.colours.dim,
  );
}
