/** `objectives {…}`: the axes of the Pareto front, the score first. */
import { parseObjective, quantityMeanings, scoreNames } from '../../analysis/objectives/objectives.js';
import { taskScores } from '../../analysis/objectives/result-score.js';
import type { Term } from '../../language/experiment-file.js';
import { taskOf } from '../../network/task.js';
import { strategies } from '../../search/strategy-table.js';
import { profileSetting } from './profile-setting.js';
import { singleTerm, termItems, termText } from './read-terms.js';
import { sampleSetting } from './sample-setting.js';
import type { ReadContext, Setting } from './setting.js';
import { spaceSetting } from './space-setting.js';
import { strategySetting } from './strategy-setting.js';
import { trainSetting } from './train-setting.js';

/** Objectives of a search, of which hypervolume is exact and fast enough. */
export const mostSearched = 5;

export const objectivesSetting: Setting<readonly string[]> = {
  keyword: 'objectives',
  summary:
    'axes of the front, the score first: {top-1, images-per-second@16}, {miou, latency@1}, {loss, macs}',
  example: 'objectives  {top-1, images-per-second@64}',
  reference:
    "Two or three; one to five of a search. Default: the task's score (`params` without training), " +
    'and throughput at the largest batch (`macs` without profiling).',
  words: quantityMeanings,
  read(source, context) {
    const { diagnostics } = context;
    const term = source && singleTerm(source, diagnostics);
    if (!term) return defaultObjectives(context);
    const items = termItems(term);
    const problem = numberProblem(items.length, context);
    if (problem !== undefined) diagnostics.error(term.span, problem);
    for (const item of items) checkObjective(item, context);
    return items.map((item) => parseObjective(termText(item))?.id ?? termText(item));
  },
  meaning: (objectives) => ({ objectives }),
};

/** Why the number of objectives is wrong; undefined where it is right. */
function numberProblem(count: number, context: ReadContext): string | undefined {
  const strategy = context.get(strategySetting);
  if (!strategy) return count < 2 || count > 3 ? `objectives must be two or three, got ${count}` : undefined;
  const most = Math.min(strategies[strategy.name].mostObjectives, mostSearched);
  const range = most === 1 ? 'one' : `one to ${most}`;
  return count > most ? `objectives of strategy ${strategy.name} must be ${range}, got ${count}` : undefined;
}

/** The task of the first architecture's head; scores depend on it. */
function taskIn(context: ReadContext): keyof typeof taskScores {
  const first = context.get(sampleSetting)?.architectures[0] ?? context.get(spaceSetting)?.first();
  return first ? taskOf(first) : 'classification';
}

function defaultObjectives(context: ReadContext): string[] {
  const profile = context.get(profileSetting);
  return [
    context.has(trainSetting.keyword) ? taskScores[taskIn(context)][0] : 'params',
    profile ? `images-per-second@${Math.max(...profile.batches)}` : 'macs',
  ];
}

/** Where a batch size is missing, or one too many. */
function batchHint(text: string): string | undefined {
  if (parseObjective(`${text}@16`)) return `add the batch size: ${text}@16`;
  const [name = ''] = text.split('@');
  return parseObjective(name) ? `it has no batch size: ${name}` : undefined;
}

function checkObjective(item: Term, context: ReadContext): undefined {
  const { diagnostics } = context;
  const objective = item.kind === 'text' ? parseObjective(item.value) : undefined;
  if (!objective)
    return diagnostics.error(
      item.span,
      `an objective must be a stored one, got ${JSON.stringify(termText(item))}`,
      batchHint(termText(item)) ?? 'e.g. top-1, images-per-second@16, latency@1, params, macs, peak-bytes@64',
    );
  const profile = context.get(profileSetting);
  if (objective.batch !== undefined && profile && !profile.batches.includes(objective.batch))
    return diagnostics.error(
      item.span,
      `an objective's batch must be one that profile measures (${profile.batches.join(', ')}), ` +
        `got ${objective.batch}`,
    );
  if (!scoreNames.includes(objective.name)) return undefined;
  if (!context.has(trainSetting.keyword))
    return diagnostics.error(item.span, `${objective.name} needs a train setting, got none`);
  const task = taskIn(context);
  if (context.get(sampleSetting) && !taskScores[task].some((name) => name === objective.name))
    return diagnostics.error(
      item.span,
      `a score of ${task} must be ${taskScores[task].join(' or ')}, got ${objective.name}`,
    );
  return undefined;
}
