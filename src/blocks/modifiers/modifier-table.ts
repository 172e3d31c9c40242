/**
 * The modifiers that every block takes, from the innermost outwards. Adding one = its file and its line here.
 */
import type { ParamTable, ParamValues } from '../../util/params.js';
import { withCalls } from './calls.js';
import { withDropPath } from './drop-path.js';
import { withLayerScale } from './layer-scale.js';
import type { Modifier, Run } from './modifier.js';
import { withParallel } from './parallel.js';
import { withReparam } from './reparam.js';
import { withScse } from './scse.js';
import { withSqueezeExcite } from './squeeze-excite.js';

export const modifiers = {
  'with-drop-path': withDropPath,
  'with-reparam': withReparam,
  'with-se': withSqueezeExcite,
  'with-layer-scale': withLayerScale,
  'with-scse': withScse,
  'with-parallel': withParallel,
  'with-calls': withCalls,
} as const satisfies Record<string, Modifier<never>>;

const all = Object.values(modifiers) as unknown as readonly Modifier[];

/** The parameters that every block has beside its own; none has a default. */
export const modifierParams: ParamTable = Object.fromEntries(all.map(({ name, spec }) => [name, spec]));

export const given = (params: ParamValues): readonly (readonly [Modifier, ParamValues[string]])[] =>
  all.flatMap((modifier) =>
    Object.hasOwn(params, modifier.name) ? [[modifier, params[modifier.name]!] as const] : [],
  );

/** A block with the modifiers that its parameters name. */
export const modified = <T>(run: Run<T>, params: ParamValues): Run<T> =>
  given(params).reduce((inner, [modifier, value]) => modifier.wrap(inner, value), run);
