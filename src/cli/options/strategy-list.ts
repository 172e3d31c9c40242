/** `--strategies uniform,predictor(model: ridge)`: search strategies with their parameters. */
import { asCall, type Call, lookUp, readParams, termItems, termText } from '../../lab/settings/read-terms.js';
import { DiagnosticCollector } from '../../language/diagnostic-collector.js';
import { parseTerm } from '../../language/parse-experiment.js';
import { strategies } from '../../search/strategy-table.js';
import type { ComparedStrategy } from '../../search/tables/compare-strategies.js';
import { UserError } from '../../util/errors.js';

const OPTION = '--strategies';

/** @throws UserError for an unknown strategy or parameter, and for one that is named twice */
export function strategyList(text: string): ComparedStrategy[] {
  const { value, diagnostics } = parseTerm(`{${text}}`, OPTION);
  const collector = new DiagnosticCollector();
  const compared = termItems(value).flatMap((term) => {
    const call = asCall(term, OPTION, collector);
    const strategy = call && lookUp(call, strategies, OPTION, collector);
    const params = strategy && readParams(call, strategy.params, collector);
    return params ? [{ label: labelOf(call), strategy, params }] : [];
  });
  const [problem] = [...diagnostics, ...collector.all];
  if (problem)
    throw new UserError(
      problem.message.startsWith(OPTION)
        ? problem.message.replace(OPTION, `${OPTION}:`)
        : `${OPTION}: ${problem.message}`,
      problem.hint === undefined ? {} : { fix: problem.hint },
    );
  if (compared.length === 0) throw new UserError(`${OPTION}: must name at least one strategy, got none`);
  const twice = compared.find(({ label }, index) => compared.findIndex((one) => one.label === label) < index);
  if (twice)
    throw new UserError(`${OPTION}: a strategy must be named once, got ${JSON.stringify(twice.label)} again`);
  return compared;
}

const labelOf = ({ name, args }: Call): string =>
  args.length === 0
    ? name
    : `${name}(${args.map((arg) => `${arg.name}: ${termText(arg.value)}`).join(', ')})`;
