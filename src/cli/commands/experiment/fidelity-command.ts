/**
 * `fidelity [DB]`: which cheaper training ranks networks as the full one does, and how well final scores can
 * be foretold.
 */
import type { Command } from 'commander';
import { significantText } from '../../../analysis/number-text.js';
import { inSentence } from '../../../analysis/objectives/objectives.js';
import { mainScore } from '../../../analysis/objectives/result-score.js';
import { cheapestFidelity, fewestRanked, rankFidelities } from '../../../analysis/ranking/fidelity-ranks.js';
import { checkExtrapolation } from '../../../analysis/ranking/score-extrapolation.js';
import { openStore, readExperimentResult } from '../../../store/open-store.js';
import { UserError } from '../../../util/errors.js';
import { seededRandom } from '../../../util/random.js';
import { databaseHelp, findDatabase } from '../../options/database-argument.js';
import { examples, numberIn } from '../../options/option-parsers.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { type Column, duration, table } from '../../output/text-format.js';

interface Options {
  readonly tau: number;
  readonly json?: boolean;
}

export function configure(command: Command, io: Io): void {
  command
    .argument('[db]', databaseHelp)
    .option(
      '--tau <least>',
      'rank correlation that the chosen fidelity must have with its whole interval',
      numberIn(-1, 1),
      0.5,
    )
    .option('--json', 'print one object: ranks, chosen, foretelling')
    .addHelpText('after', examples('fidelity', 'fidelity reports/quickstart --tau 0.7'))
    .action((argument: string | undefined, { tau: least, json }: Options) => {
      const store = openStore(findDatabase(argument), { readonly: true });
      try {
        const result = readExperimentResult(store);
        const { candidates } = result;
        const score = mainScore(result);
        const found = rankFidelities(candidates, score, seededRandom('fidelities'));
        if (!found)
          throw new UserError(
            `fidelity: at least ${fewestRanked} networks must be trained to the end for more than an epoch, got ${candidates.filter(({ scores }) => scores.length > 0).length}`,
          );
        const chosen = cheapestFidelity(found, least);
        const foretelling = checkExtrapolation(
          candidates.flatMap(({ scores }) =>
            scores.flatMap(({ curve }) => {
              const values = curve.flatMap((row) => score.ofEpoch(row) ?? []);
              return values.length === curve.length ? [values] : [];
            }),
          ),
        );
        if (json)
          return print(
            io,
            jsonLine({ score: score.id, ...found, chosen: chosen?.label ?? null, foretelling }),
          );
        const right = (title: string): Column => ({ title, align: 'right' });
        print(
          io,
          table(
            [
              { title: 'fidelity' },
              right('one training'),
              right('tau'),
              right('95 % interval'),
              right('tau per minute'),
              right('networks'),
            ],
            found.ranks.map(({ label, seconds, tau }) => [
              label === chosen?.label ? io.colours.bold(label) : label,
              duration(seconds),
              tau.value.toFixed(2),
              `${tau.low.toFixed(2)} to ${tau.high.toFixed(2)}`,
              (tau.value / (seconds / 60)).toFixed(2),
              String(tau.samples),
            ]),
            io.colours.dim,
          ),
        );
        print(io, `\nfull training: ${duration(found.fullSeconds)}; ranks are those of ${inSentence(score)}`);
        print(
          io,
          chosen
            ? `cheapest with tau of at least ${least}: ${chosen.label}, ${(found.fullSeconds / chosen.seconds).toFixed(1)} times as many networks in the same time`
            : `none has tau of at least ${least} with its whole interval; more networks narrow it`,
        );
        if (foretelling.length > 0) {
          print(io, `\nfinal scores predicted, each from the others:`);
          print(
            io,
            table(
              [
                right('after epoch'),
                right(`mean error${score.unit === '%' ? ', points' : ''}`),
                right('inside 95 % interval'),
                right('trainings'),
              ],
              foretelling.map(({ epoch, meanAbsoluteError, coverage, count }) => [
                String(epoch),
                score.unit === '%'
                  ? (score.scale * meanAbsoluteError).toFixed(1)
                  : significantText(meanAbsoluteError),
                `${Math.round(100 * coverage)} %`,
                String(count),
              ]),
              io.colours.dim,
            ),
          );
        }
      } finally {
        store.close();
      }
    });
}
