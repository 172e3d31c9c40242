/** `fidelities {fidelity(…), …}`: cheaper trainings of the same networks, beside the full ones. */
import type { Architecture } from '../../architecture/architecture.js';
import { layoutOf } from '../../architecture/layout.js';
import { architectureProblem } from '../../network/architecture-problem.js';
import type { Recipe } from '../../train/recipe/recipe.js';
import { atResolution } from '../../train/recipe/recipe-stages.js';
import {
  atFidelity,
  type Fidelity,
  fidelityFrom,
  fidelityParams,
  fidelityText,
} from '../../train/recipe/training-fidelity.js';
import { UserError } from '../../util/errors.js';
import { asCall, lookUp, readParams, singleTerm, termItems } from './read-terms.js';
import { sampleSetting } from './sample-setting.js';
import type { Setting } from './setting.js';
import { trainSetting } from './train-setting.js';

export const fidelitiesSetting: Setting<readonly Fidelity[]> = {
  keyword: 'fidelities',
  summary: 'cheaper trainings beside the full ones: {fidelity(epochs: 1), fidelity(data: 0.25, width: 0.5)}',
  example: 'fidelities  {fidelity(epochs: 1), fidelity(data: 0.25, width: 0.5)}',
  reference:
    'Default: none. `npx stagecraft fidelity` and the report show the rank correlation of each ' +
    'with the full training, and its cost.',
  calls: { fidelity: fidelityParams },
  needs: 'train',
  read(source, context) {
    if (!source) return undefined;
    const { diagnostics } = context;
    const recipe = context.get(trainSetting)?.recipe;
    const architectures = context.get(sampleSetting)?.architectures ?? [];
    const items = termItems(singleTerm(source, diagnostics));
    const fidelities = items.map((item) => {
      const call = asCall(item, 'fidelities', diagnostics);
      const params = call && lookUp(call, { fidelity: fidelityParams }, 'fidelities', diagnostics);
      const values = params && readParams(call, params, diagnostics);
      const fidelity = values && fidelityFrom(values);
      if (values && !fidelity)
        return diagnostics.error(
          item.span,
          'a fidelity must be cheaper than the training, got nothing that differs',
          'fidelity(epochs: 1)',
        );
      const problem = fidelity && recipe && fidelityProblem(fidelity, recipe, architectures);
      return problem === undefined ? fidelity : diagnostics.error(item.span, problem);
    });
    const valid = fidelities.filter((fidelity) => fidelity !== undefined);
    return valid.length > 0 && valid.length === items.length ? valid : undefined;
  },
  meaning: (fidelities) => (fidelities ? { fidelities } : {}),
};

/** Why some architecture cannot be trained at this fidelity; undefined where all can. */
function fidelityProblem(
  fidelity: Fidelity,
  recipe: Recipe,
  architectures: readonly Architecture[],
): string | undefined {
  try {
    for (const architecture of architectures) {
      const at = atFidelity(architecture, recipe, fidelity);
      const problem = architectureProblem(atResolution(at.architecture, fidelity.resolution));
      if (problem)
        return (
          `fidelity(${fidelityText(fidelity)}) of ${layoutOf(architecture)}: ${problem.part}: ` +
          `${problem.message}`
        );
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
}
