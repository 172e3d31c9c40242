/** `recipe(parameter: weight-decay, to: {0, 0.1})`: a parameter of the training recipe. */
import { nameHint } from '../../../../util/nearest-name.js';
import { paramProblem } from '../../../../util/params.js';
import { printTerm } from '../../../print-experiment.js';
import type { FactorKind } from '../factor.js';

export const recipeFactor: FactorKind = {
  doc: 'a parameter of the recipe: to: {0, 0.1}',
  params: { parameter: { kind: 'text', doc: 'name of the parameter' } },
  nameOf: ({ parameter }) => String(parameter),
  current: (variant, { parameter }, { recipe }) =>
    String(variant.recipe[String(parameter)] ?? recipe?.values[String(parameter)] ?? ''),
  level(term, { parameter }, { diagnostics, recipe }) {
    const name = String(parameter);
    if (!recipe) return diagnostics.error(term.span, 'recipe: a factor of the recipe needs train, got none');
    const spec = Object.hasOwn(recipe.params, name) ? recipe.params[name] : undefined;
    if (!spec)
      return diagnostics.error(
        term.span,
        `recipe: unknown parameter, got ${JSON.stringify(name)}`,
        nameHint(name, Object.keys(recipe.params)),
      );
    if (term.kind === 'set' || term.kind === 'call')
      return diagnostics.error(term.span, `recipe: to must be plain values, got ${printTerm(term)}`);
    const isBool = spec.kind === 'bool' && term.kind === 'text' && /^(true|false)$/.test(term.value);
    const value = isBool ? term.value === 'true' : term.value;
    const problem = paramProblem(name, spec, value);
    if (problem !== undefined) return diagnostics.error(term.span, `recipe: ${problem}`, spec.doc);
    return {
      label: printTerm(term),
      meaning: value,
      apply: (variant) => ({ ...variant, recipe: { ...variant.recipe, [name]: value } }),
    };
  },
};
