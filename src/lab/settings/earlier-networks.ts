/**
 * Results of earlier searches for a space of networks, from a database of stagecraft, a study of Optuna in
 * SQLite, or a table in CSV. Networks of the two latter are named by their layout.
 */
import { basename } from 'node:path';
import { parseObjective, scoreNames } from '../../analysis/objectives/objectives.js';
import type { Architecture } from '../../architecture/architecture.js';
import type { layoutSpace } from '../../search/spaces/layout-space.js';
import type { EarlierResult } from '../../search/study.js';
import { csvTable } from '../../search/tables/csv-table.js';
import type { CompiledSpace } from '../../space/compiled-space.js';
import { memberWithLayout } from '../../space/inspect/resolve-architecture.js';
import { isStagecraftDatabase, openStore, readExperimentResult } from '../../store/open-store.js';
import { isOptunaStudy, readOptunaStudy } from '../../store/optuna-study.js';
import { listExperiments } from '../../store/tables/experiment-table.js';
import { UserError } from '../../util/errors.js';
import { readTextFile } from '../../util/read-text-file.js';

export interface EarlierNetworks {
  readonly results: readonly EarlierResult[];
  /** Results of networks outside of the space. */
  readonly outside: number;
  /** Results that lack an objective. */
  readonly incomplete: number;
}

interface FoundResult {
  /** Undefined: no member of the space. */
  readonly architecture: Architecture | undefined;
  readonly values: Readonly<Record<string, number>>;
  readonly seconds: number;
}

interface Target {
  readonly compiled: CompiledSpace;
  readonly space: ReturnType<typeof layoutSpace>;
  /** Ids of stored quantities. */
  readonly objectives: readonly string[];
}

/** @throws UserError where the file is none of the three, or names no layouts */
export function earlierNetworks(file: string, target: Target): EarlierNetworks {
  const found = inFractions(foundIn(file, target), target.objectives);
  const results: EarlierResult[] = [];
  let [outside, incomplete] = [0, 0];
  for (const { architecture, values, seconds } of found) {
    const candidate = architecture && target.space.withArchitecture(architecture);
    if (!candidate) {
      outside++;
      continue;
    }
    const all = { ...values, ...target.space.exact(candidate) };
    if (target.objectives.every((name) => Number.isFinite(all[name])))
      results.push({ genes: candidate.genes, values: all, seconds });
    else incomplete++;
  }
  return { results, outside, incomplete };
}

function foundIn(file: string, target: Target): FoundResult[] {
  if (isStagecraftDatabase(file)) return fromDatabase(file, target);
  if (isOptunaStudy(file)) return fromOptuna(file, target);
  return fromCsv(file, target);
}

/** Networks of every experiment, each with the intervals' values of its latest device. */
function fromDatabase(file: string, { objectives }: Target): FoundResult[] {
  const store = openStore(file, { readonly: true });
  try {
    return listExperiments(store).flatMap(({ id }) =>
      readExperimentResult(store, id).candidates.map((candidate) => ({
        architecture: candidate.architecture,
        values: Object.fromEntries(
          objectives.flatMap((name) => {
            const value = parseObjective(name)?.read(candidate)?.value;
            return value === undefined ? [] : [[name, value] as const];
          }),
        ),
        seconds: 0,
      })),
    );
  } finally {
    store.close();
  }
}

/** Values by the names that the study gave them, else in the order of the objectives. */
function fromOptuna(file: string, target: Target): FoundResult[] {
  const study = readOptunaStudy(file);
  const names = study.objectives.map(({ name }, index) =>
    target.objectives.includes(name) ? name : (target.objectives[index] ?? name),
  );
  return study.trials.map(({ choices, values, seconds }) => ({
    architecture: memberOf(layoutFrom(new Map(Object.entries(choices)), file), target),
    values: Object.fromEntries(names.map((name, index) => [name, values[index]!])),
    seconds,
  }));
}

function fromCsv(file: string, target: Target): FoundResult[] {
  const table = csvTable(readTextFile(file), basename(file));
  return [...table.space.enumerate()].flatMap((member) => {
    const choices = new Map(
      table.space.genes.map(({ name, labels }, gene) => [name, labels![member.genes[gene]!]!]),
    );
    const architecture = memberOf(layoutFrom(choices, file), target);
    return table.runs(member).map(({ values, seconds = 0 }) => ({ architecture, values, seconds }));
  });
}

/** From a choice `layout`, `stage N` of a stage's letters each, or `stage N block M` of one letter each. */
function layoutFrom(choices: ReadonlyMap<string, string>, file: string): string {
  const whole = choices.get('layout');
  if (whole !== undefined) return whole;
  const stages: string[] = [];
  for (const [name, text] of choices) {
    const stage = name.match(/^stage (\d+)(?: block \d+)?$/)?.[1];
    if (stage !== undefined) stages[Number(stage) - 1] = (stages[Number(stage) - 1] ?? '') + text;
  }
  if (stages.length === 0)
    throw new UserError(
      `${file}: networks must be named by choices layout or stage N, ` +
        `got ${[...choices.keys()].join(', ')}`,
    );
  return Array.from(stages, (letters = '') => letters.replaceAll('.', '')).join('-');
}

/** Undefined where no member, or more than one, has the layout. */
function memberOf(layout: string, { compiled }: Target): Architecture | undefined {
  try {
    return memberWithLayout(compiled, layout);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** Scores are fractions here; other tools often store percent. */
function inFractions(found: readonly FoundResult[], objectives: readonly string[]): readonly FoundResult[] {
  const percent = objectives.filter(
    (name) => scoreNames.includes(name) && name !== 'loss' && found.some(({ values }) => values[name]! > 1),
  );
  if (percent.length === 0) return found;
  return found.map((result) => ({
    ...result,
    values: Object.fromEntries(
      Object.entries(result.values).map(([name, value]) => [
        name,
        percent.includes(name) ? value / 100 : value,
      ]),
    ),
  }));
}
