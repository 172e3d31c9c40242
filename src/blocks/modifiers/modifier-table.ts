/** The modifiers that every block accepts, from the innermost to the outermost. */
import type { ParamTable, ParamValues } from '../../util/params.js';
import type { BlockForward, Modifier } from './modifier.js';
import { withCalls } from './with-calls.js';
import { withDropPath } from './with-drop-path.js';
import { withLayerScale } from './with-layer-scale.js';
import { withParallel } from './with-parallel.js';
import { withReparam } from './with-reparam.js';
import { withScse } from './with-scse.js';
import { withSqueezeExcite } from './with-squeeze-excite.js';

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

/** The optional parameters of every block; none has a default. */
export const modifierParams: ParamTable = Object.fromEntries(all.map(({ name, spec }) => [name, spec]));

export const activeModifiers = (params: ParamValues): readonly (readonly [Modifier, ParamValues[string]])[] =>
  all.flatMap((modifier) =>
    Object.hasOwn(params, modifier.name) ? [[modifier, params[modifier.name]!] as const] : [],
  );

/** A block's forward pass with the modifiers that its parameters name. */
export const applyModifiers = <T>(run: BlockForward<T>, params: ParamValues): BlockForward<T> =>
  activeModifiers(params).reduce((inner, [modifier, value]) => modifier.wrap(inner, value), run);
