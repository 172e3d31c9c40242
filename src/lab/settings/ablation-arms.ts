/** The arms of an ablation file: baseline, factors, design and what is held equal, taken together. */
import { UserError } from '../../util/errors.js';
import { type Arms, buildArms } from './ablation/ablation.js';
import { baselineSetting } from './baseline-setting.js';
import { designSetting } from './design-setting.js';
import { factorsSetting } from './factors-setting.js';
import { guideSetting } from './guide-setting.js';
import { holdSetting } from './hold-setting.js';
import type { ReadContext } from './setting.js';
import { recipeCallOf, trainSetting } from './train-setting.js';

/** Undefined where a part is missing or wrong: an error is then reported. */
export function readArms(context: ReadContext): Arms | undefined {
  const [baseline, factors] = [context.get(baselineSetting), context.get(factorsSetting)];
  const [design, hold] = [context.get(designSetting), context.get(holdSetting)];
  const trains = context.has(trainSetting.keyword);
  const train = context.get(trainSetting);
  if (!baseline || !factors || !design || !hold || (trains && !train)) return undefined;
  const call = recipeCallOf(context);
  try {
    const arms = buildArms({
      baseline,
      factors,
      design,
      hold,
      recipeWith: call && ((values) => call.recipe(values)),
    });
    if (arms.arms.some(({ recipe }) => recipe?.guidance) && !context.has(guideSetting.keyword))
      throw new UserError('guidance needs a guide network, got none', { fix: guideSetting.example });
    return arms;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const source = context.file.settings.find(({ keyword }) => keyword === factorsSetting.keyword)!;
    return context.diagnostics.error(source.keywordSpan, error.message, error.fix);
  }
}
