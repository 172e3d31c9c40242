/** The PyTorch forms of the modifiers, and the places of the wrapped block's weights in them. */
import { activeModifiers, type modifiers } from '../../../blocks/modifiers/modifier-table.js';
import type { ParamValue, ParamValues } from '../../../util/params.js';
import { py, pythonCall } from '../python-text.js';

interface ModifierCall {
  /** The wrapped call. @param width output channels of the block */
  wrap(inner: string, value: ParamValue, width: number): string;
  /**
   * Prefix of a weight's name in the wrapper, and the path inside the wrapped block; no path where the weight
   * is the wrapper's own. Absent: the wrapper adds no level.
   */
  locate?(path: readonly string[]): { readonly prefix: string; readonly inner?: readonly string[] };
}

const beside = (name: string): NonNullable<ModifierCall['locate']> => {
  return (path) => (path[0] === name ? { prefix: '' } : { prefix: 'block.', inner: path });
};

const modifierCalls = {
  'with-drop-path': { wrap: (inner, rate) => pythonCall('with_drop_path', [py(inner), rate]) },
  'with-reparam': {
    wrap: (inner, form) => pythonCall('with_reparam', [py(inner)], { merged: [form === 'merged', false] }),
  },
  'with-se': {
    wrap: (inner, ratio, width) => pythonCall('WithSqueezeExcite', [py(inner), width, ratio]),
    locate: beside('with-se'),
  },
  'with-layer-scale': {
    wrap: (inner, start, width) => pythonCall('WithLayerScale', [py(inner), width, start]),
    locate: beside('with-layer-scale'),
  },
  'with-scse': {
    wrap: (inner, combine, width) =>
      pythonCall('WithChannelPixelGate', [py(inner), width], { combine: [combine, 'maximum'] }),
    locate: beside('with-scse'),
  },
  'with-parallel': {
    wrap: (inner, copies) => `Parallel(*[${inner} for _ in range(${String(copies)})])`,
    locate: ([first, ...rest]) => ({
      prefix: `blocks.${Number(first!.slice('parallel'.length)) - 1}.`,
      inner: rest,
    }),
  },
  'with-calls': {
    wrap: (inner, calls) => pythonCall('Repeated', [py(inner), calls]),
    locate: (path) => ({ prefix: 'block.', inner: path }),
  },
} as const satisfies { readonly [Name in keyof typeof modifiers]: ModifierCall };

const callOf = (name: string): ModifierCall => modifierCalls[name as keyof typeof modifierCalls];

/** The call of a block inside the calls of its modifiers. */
export const wrapInModifiers = (call: string, params: ParamValues, width: number): string =>
  activeModifiers(params).reduce((inner, [{ name }, value]) => callOf(name).wrap(inner, value, width), call);

/** Prefix that the modifiers give a weight of the block, and the rest of its path. */
export function locateInModifiers(
  path: readonly string[],
  params: ParamValues,
): { readonly prefix: string; readonly rest: readonly string[] } {
  let prefix = '';
  let rest = path;
  for (const [{ name }] of [...activeModifiers(params)].reverse()) {
    const place = callOf(name).locate?.(rest);
    if (!place) continue;
    prefix += place.prefix;
    if (!place.inner) break;
    rest = place.inner;
  }
  return { prefix, rest };
}
