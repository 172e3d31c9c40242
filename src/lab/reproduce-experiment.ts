/** The experiment behind a report, from its stored texts, and what differs between two runs of it. */
import { join } from 'node:path';
import { architectureId } from '../architecture/canonical.js';
import type { ExperimentResult } from '../store/experiment-result.js';
import type { Experiment } from './experiment.js';
import { experimentFromText } from './load-experiment.js';

/** Something that must be equal for a bitwise repetition, as each run has it. */
export interface RunDifference {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/**
 * The experiment that made a result, with the space as it was then. Where this version draws other networks
 * from it, those of the result take their place.
 * @param baseFolder paths in the experiment are relative to it
 * @throws DiagnosticError where this version does not accept the texts
 */
export function experimentOfResult(result: ExperimentResult, baseFolder: string): Experiment {
  const { name, text, spaceText } = result.experiment;
  const path = join(baseFolder, `${name}.experiment`);
  const drawn = experimentFromText(text, path, spaceText === '' ? {} : { spaceText });
  if (drawn.search || drawn.ablation || missing(result, drawn).length === 0) return drawn;
  return experimentFromText(text, path, {
    architectures: result.candidates.map(({ architecture }) => architecture),
  });
}

/** Ids of the networks of a result that an experiment does not plan. */
function missing({ candidates }: ExperimentResult, { architectures }: Experiment): string[] {
  const planned = new Set(architectures.map(architectureId));
  return candidates.map((each) => each.architectureId).filter((id) => !planned.has(id));
}

/**
 * What differs before anything is run: the meaning of the experiment, and the networks of it. Empty where
 * this version reads the texts as the first run did.
 */
export function planDifferences(before: ExperimentResult, experiment: Experiment): RunDifference[] {
  const differences: RunDifference[] = [];
  if (experiment.id !== before.experiment.id)
    differences.push({ name: 'experiment id', before: before.experiment.id, after: experiment.id });
  const isOwnList = experiment.spaceText === '' && before.experiment.spaceText !== '';
  if (isOwnList)
    differences.push({
      name: 'networks',
      before: 'drawn from the space',
      after: 'those of the first run, since this version draws others',
    });
  const lost = experiment.search ? [] : missing(before, experiment);
  if (lost.length > 0)
    differences.push({
      name: 'networks',
      before: `${before.candidates.length}`,
      after: `${lost.length} fewer`,
    });
  return differences;
}

/** Facts of the environment that a figure may depend on. */
const environmentNames = ['stagecraft', 'node', 'runtime', 'system', 'cores'] as const;

/** What differs between two runs: device key, data and versions. Empty where nothing does. */
export function runDifferences(before: ExperimentResult, after: ExperimentResult): RunDifference[] {
  const [first, second] = [factsOf(before), factsOf(after)];
  return Object.keys({ ...first, ...second }).flatMap((name) => {
    const [was, is] = [first[name] ?? 'not recorded', second[name] ?? 'not recorded'];
    return was === is ? [] : [{ name, before: was, after: is }];
  });
}

function factsOf({ device, datasetHash, environment }: ExperimentResult): Readonly<Record<string, string>> {
  const key = Object.entries(device.key).map(([name, value]) => [name, String(value)] as const);
  const facts = environmentNames.flatMap((name) =>
    environment[name] === undefined ? [] : [[name, String(environment[name])] as const],
  );
  return Object.fromEntries([...key, ['data', datasetHash], ...facts]);
}
