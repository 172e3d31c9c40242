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
 * The experiment that made a result, with the space as it was then.
 * @param baseFolder paths in the experiment are relative to it
 * @throws DiagnosticError where this version does not accept the texts
 */
export function experimentOfResult(
  { experiment: { name, text, spaceText } }: ExperimentResult,
  baseFolder: string,
): Experiment {
  const options = spaceText === '' ? {} : { spaceText };
  return experimentFromText(text, join(baseFolder, `${name}.experiment`), options);
}

/**
 * What differs before anything is run: the meaning of the experiment, and the networks that it draws. Empty
 * where this version reads the texts as the first run did.
 */
export function planDifferences(before: ExperimentResult, experiment: Experiment): RunDifference[] {
  const differences: RunDifference[] = [];
  if (experiment.id !== before.experiment.id)
    differences.push({ name: 'experiment id', before: before.experiment.id, after: experiment.id });
  const planned = new Set(experiment.architectures.map(architectureId));
  const ids = new Set(before.candidates.map(({ architectureId: id }) => id));
  const kept = [...ids].filter((id) => planned.has(id)).length;
  if (!experiment.search && kept < ids.size)
    differences.push({
      name: 'networks',
      before: `${ids.size}`,
      after: `${kept} of them, and ${planned.size - kept} others`,
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
