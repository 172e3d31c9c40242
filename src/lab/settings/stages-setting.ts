/** `stages {stage(…), …}`: training in several stages, each with its own epochs, resolution or data. */

import type { RecipeStage } from '../../train/recipe/recipe.js';
import { stageFrom, stageParams } from '../../train/recipe/recipe-stages.js';
import { datasetCalls } from './data-setting.js';
import { asCall, lookUp, readCall, readParams, singleTerm, termItems } from './read-terms.js';
import type { Setting } from './setting.js';

export const stagesSetting: Setting<readonly RecipeStage[]> = {
  keyword: 'stages',
  summary: 'training in stages: {stage(epochs: 2, resolution: 16), stage(epochs: 2)}',
  example: 'stages  {stage(epochs: 2, resolution: 16), stage(epochs: 2)}',
  reference:
    'Default: one stage, as the recipe has it. An earlier stage may take `data: NAME(…)`; ' +
    "the last one trains on the experiment's data. The recipe's epochs become the sum over stages.",
  calls: { stage: stageParams },
  needs: 'train',
  read(source, { diagnostics }) {
    if (!source) return undefined;
    const items = termItems(singleTerm(source, diagnostics));
    const stages = items.map((item) => {
      const call = asCall(item, 'stages', diagnostics);
      const params = call && lookUp(call, { stage: stageParams }, 'stages', diagnostics);
      const values = params && readParams(call, params, diagnostics, ['data']);
      const given = call?.args.find(({ name }) => name === 'data');
      const data = given && readCall(source, datasetCalls, diagnostics, { term: given.value });
      return values && (given === undefined || data)
        ? stageFrom(values, data && { name: data.call.name, args: data.values })
        : undefined;
    });
    const last = stages.at(-1);
    if (last?.dataset)
      return diagnostics.error(
        items.at(-1)!.span,
        "the last stage must train on the experiment's data, got data of its own",
        'give data to earlier stages',
      );
    if (items.length === 0)
      return diagnostics.error(
        source.keywordSpan,
        'stages must hold at least one stage, got none',
        stagesSetting.example,
      );
    const valid = stages.filter((stage) => stage !== undefined);
    return valid.length === items.length ? valid : undefined;
  },
  meaning: () => ({}), // part of the recipe, which `train` contributes
};
