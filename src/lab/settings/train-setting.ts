/** `train RECIPE(…) seeds {…}`: how networks are trained, once per seed. */
import { augmentationWarnings } from '../../data/dataset-table.js';
import { DiagnosticCollector } from '../../language/diagnostic-collector.js';
import type { Term } from '../../language/experiment-file.js';
import type { Recipe } from '../../train/recipe/recipe.js';
import { withStages } from '../../train/recipe/recipe-stages.js';
import { completeRecipe, type RecipeName, recipes } from '../../train/recipe/recipe-table.js';
import { UserError } from '../../util/errors.js';
import type { ParamTable, ParamValue, ParamValues } from '../../util/params.js';
import { dataSetting } from './data-setting.js';
import { type ReadCall, readCall, readWholeNumbers, termText } from './read-terms.js';
import { callDocs, callTables, type ReadContext, type Setting, type SettingSource } from './setting.js';
import { stagesSetting } from './stages-setting.js';

export interface TrainSetting {
  /** With the stages of the setting `stages`. */
  readonly recipe: Recipe;
  readonly seeds: readonly number[];
}

const recipeCalls = callTables(recipes);

export const trainSetting: Setting<TrainSetting> = {
  keyword: 'train',
  summary: 'recipe of the trainings, and seeds {1, 2, 3}',
  example: 'train  adamw(epochs: 4)  seeds {1, 2, 3}',
  reference: 'Needs `data`. One training per architecture and seed; default `seeds {1}`.',
  calls: recipeCalls,
  callDocs: callDocs(recipes),
  read(source, context) {
    const { file, diagnostics } = context;
    const data = file.settings.find(({ keyword }) => keyword === dataSetting.keyword);
    if (!source) {
      if (!data) return undefined;
      return diagnostics.error(
        data.keywordSpan,
        'data must be followed by training, got no train setting',
        trainSetting.example,
      );
    }
    const seeds = readSeeds(source, diagnostics);
    const read = readCall(source, recipeCalls, diagnostics, { term: source.terms[0] });
    if (!data)
      return diagnostics.error(
        source.keywordSpan,
        'training needs data, got no data setting',
        dataSetting.example,
      );
    const plain = read && recipeOf(read, diagnostics);
    const stages = context.get(stagesSetting);
    if (!plain || !seeds) return undefined;
    if (stages && plain.ticket)
      return diagnostics.error(read.call.span, 'ticket does not go with stages, got both');
    const recipe = stages ? withStages(plain, stages) : plain;
    const name = context.get(dataSetting)?.dataset.name;
    for (const warning of name === undefined ? [] : augmentationWarnings(name, recipe))
      diagnostics.warning(read.call.span, warning);
    return { recipe, seeds };
  },
  meaning: (train) => ({ recipe: train?.recipe, seeds: train?.seeds }),
};

export interface RecipeCall {
  readonly params: ParamTable;
  /** Complete. */
  readonly values: ParamValues;
  /** The recipe with some parameters replaced. @throws UserError where they do not fit together */
  recipe(replaced: Readonly<Record<string, ParamValue>>): Recipe;
}

/** The recipe of `train` with its parameters, for factors that replace some; `train` reports its errors. */
export function recipeCallOf(context: ReadContext): RecipeCall | undefined {
  const source = context.file.settings.find(({ keyword }) => keyword === trainSetting.keyword);
  const read = source && readCall(source, recipeCalls, new DiagnosticCollector(), { term: source.terms[0] });
  if (!read) return undefined;
  const stages = context.get(stagesSetting);
  return {
    params: recipes[read.call.name as RecipeName].params,
    values: read.values,
    recipe(replaced) {
      const plain = completeRecipe(read.call.name, { ...read.values, ...replaced });
      return stages ? withStages(plain, stages) : plain;
    },
  };
}

function recipeOf({ call, values }: ReadCall, diagnostics: DiagnosticCollector): Recipe | undefined {
  try {
    return completeRecipe(call.name, values);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return diagnostics.error(call.span, error.message, error.fix);
  }
}

/** `seeds {1, 2, 3}` after the recipe; {1} where not given. */
function readSeeds({ terms }: SettingSource, diagnostics: DiagnosticCollector): number[] | undefined {
  const [, word, value, extra] = terms as readonly (Term | undefined)[];
  if (!word) return [1];
  if (word.kind !== 'text' || word.value !== 'seeds')
    return diagnostics.error(
      word.span,
      `expected seeds, got ${JSON.stringify(termText(word))}`,
      trainSetting.example,
    );
  if (!value)
    return diagnostics.error(
      word.span,
      'seeds must be followed by numbers, got the end of the line',
      'seeds {1, 2, 3}',
    );
  if (extra)
    return diagnostics.error(
      extra.span,
      `train ends after its seeds, got ${JSON.stringify(termText(extra))} too`,
    );
  return readWholeNumbers(value, 'seeds', { min: 0, max: 0xffffffff }, diagnostics);
}
