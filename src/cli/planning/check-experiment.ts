/** What `check` says of an experiment: its plan, its data, the expected time and what it can tell. */
import { join, resolve } from 'node:path';
import type { Dataset } from '../../data/dataset.js';
import { databaseName } from '../../lab/database-name.js';
import type { Experiment } from '../../lab/experiment.js';
import { loadExperiment } from '../../lab/load-experiment.js';
import { planPower } from '../../lab/plan-power.js';
import { openData } from '../../lab/run/check-data.js';
import { type Diagnostic, UserError } from '../../util/errors.js';
import { storedResult } from '../options/stored-result.js';
import { powerLines } from '../output/power-text.js';
import { estimateLine, searchText } from '../output/search-text.js';
import { grouped } from '../output/text-format.js';
import { openJobs, statedJobs, stateText, timeText } from './run-plan.js';

export interface CheckOptions {
  readonly db?: string;
  /** Whether the data is opened. */
  readonly data: boolean;
  /** Settings in place of the file's. */
  readonly set?: readonly string[];
}

interface CheckedExperiment {
  readonly summary: string;
  readonly details: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

/** @throws UserError for errors of the file, and for data that does not load or fit */
export async function checkExperiment(
  file: string,
  { db, data, set = [] }: CheckOptions,
): Promise<CheckedExperiment> {
  const experiment = loadExperiment(file, set);
  const database = db ?? join('reports', experiment.name, databaseName);
  const dataset = data ? await openedData(file, experiment) : undefined;
  const dataLines = dataset ? [dataText(dataset, experiment)] : [];
  const { name, architectures, warnings } = experiment;
  if (experiment.search)
    return {
      summary: `experiment ${name}, search by ${searchText(experiment)}`,
      details: [...dataLines, estimateLine(experiment, database)],
      warnings,
    };
  const jobs = statedJobs(experiment, database);
  const power = planPower(experiment, await storedResult(database));
  return {
    summary: `experiment ${name}, ${architectures.length} architectures, ${stateText(jobs, false)}`,
    details: [
      ...dataLines,
      timeText(experiment, database, openJobs(jobs, false), dataset),
      ...powerLines(power, database),
    ],
    warnings,
  };
}

/** @throws UserError that names the experiment file, too */
async function openedData(file: string, experiment: Experiment): Promise<Dataset | undefined> {
  try {
    return await openData(experiment);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { message, fix = 'correct `data`, or check the rest with --no-data' } = error;
    throw new UserError(`${file}: ${message.startsWith('data:') ? '' : 'data: '}${message}`, {
      fix,
      cause: error,
    });
  }
}

/** Names of the first classes are listed. */
const mostClasses = 4;

/** `data: folder in PATH, 1,200 training and 133 validation images of 32×32×3, 3 classes (cat, dog, owl)` */
function dataText(
  { classes, train, validation }: Dataset,
  { train: training, baseFolder }: Experiment,
): string {
  const { name, args } = training!.dataset;
  const folder = typeof args['folder'] === 'string' ? ` in ${resolve(baseFolder, args['folder'])}` : '';
  const names = classes.slice(0, mostClasses).join(', ') + (classes.length > mostClasses ? ', …' : '');
  const images = `${grouped(train.count)} training and ${grouped(validation.count)} validation images`;
  const size = `${train.height}×${train.width}×${train.channels}`;
  return `data: ${name}${folder}, ${images} of ${size}, ${classes.length} classes (${names})`;
}
