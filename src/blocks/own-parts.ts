/**
 * Blocks, stems, downsampling layers and heads of one's own beside those of `block-table.ts`: checked, then
 * known by name wherever a built-in part is, in space files, experiments and commands. Each process registers
 * them anew.
 */
import { UserError } from '../util/errors.js';
import { type ParamTable, paramProblem } from '../util/params.js';
import type { Block, Head, StemOrDownsample } from './block.js';
import { builtInParts, knownParts, type PartKind } from './block-table.js';

interface Definitions<P extends ParamTable> {
  block: Block<P>;
  stem: StemOrDownsample<P>;
  downsample: StemOrDownsample<P>;
  head: Head<P>;
}

/** A part of one's own: its definition and the kind that it was defined as. */
export type OwnPart<K extends PartKind = PartKind, P extends ParamTable = ParamTable> = Definitions<P>[K] & {
  readonly kind: K;
};

type Defaulted = 'summary' | 'source';
/** `summary` defaults to the name, `source` (URL of a paper) to ''. */
type Given<D extends { readonly summary: string; readonly source: string }> = Omit<D, Defaulted> &
  Partial<Pick<D, Defaulted>>;

const kindNames = {
  block: 'block',
  stem: 'stem',
  downsample: 'downsampling layer',
  head: 'head',
} as const satisfies Record<PartKind, string>;

const isKebabCase = (name: unknown): boolean =>
  typeof name === 'string' && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name);

function violatedParamRule(params: ParamTable): string | undefined {
  for (const [parameter, spec] of Object.entries(params)) {
    if (!isKebabCase(parameter)) return `parameters must be kebab-case, got ${JSON.stringify(parameter)}`;
    const problem = spec.default === undefined ? undefined : paramProblem(parameter, spec, spec.default);
    if (problem !== undefined) return `default of ${problem}`;
  }
  return undefined;
}

const outputs: readonly unknown[] = [undefined, 'pixel-logits', 'image'];

function violatedRule(part: OwnPart): string | undefined {
  const { kind, name, params, forward } = part;
  if (!isKebabCase(name)) return `name must be kebab-case, got ${JSON.stringify(name)}`;
  if (Object.hasOwn(builtInParts[kind], name))
    return `name must differ from the built-in ${kindNames[kind]}s, got ${name}`;
  if (part.kind === 'block') {
    const { letter, reduces } = part as Block;
    if (typeof letter !== 'string' || !/^[A-Z]$/.test(letter))
      return `letter must be one upper-case letter, got ${JSON.stringify(letter)}`;
    if (typeof reduces !== 'boolean') return `reduces must be true or false, got ${JSON.stringify(reduces)}`;
  }
  if (kind === 'head' && !outputs.includes((part as Head).output))
    return `output must be pixel-logits or image, or absent, got ${JSON.stringify((part as Head).output)}`;
  if (typeof forward !== 'function') return `forward must be a function, got ${typeof forward}`;
  if (typeof params !== 'object' || params === null) return `params must be a table, got ${String(params)}`;
  return violatedParamRule(params);
}

function defined<K extends PartKind, P extends ParamTable>(
  kind: K,
  given: Given<Definitions<P>[K]>,
): OwnPart<K, P> {
  const { name, summary = name, source = '' } = given as Definitions<P>[K];
  const part = { ...given, kind, summary, source } as unknown as OwnPart<K, P>;
  const rule = violatedRule(part as unknown as OwnPart);
  if (rule !== undefined) throw new UserError(`define ${kindNames[kind]} ${JSON.stringify(name)}: ${rule}`);
  return part;
}

/**
 * Checks a block of one's own; parameters of `forward` get their types from `params`.
 * A module that exports the result is loaded with `--blocks FILE`, `STAGECRAFT_BLOCKS` or `loadBlocks`.
 * `summary` defaults to the name, `source` (URL of a paper) to ''.
 * @throws UserError with the rule that is violated
 * @example
 * export const gatedConv = defineBlock({
 *   name: 'gated-conv', letter: 'G', reduces: true,
 *   params: { kernel: { kind: 'int', min: 1, max: 7, odd: true, default: 3, doc: 'side in pixels' } },
 *   forward: (ops, x, { kernel }, { width, stride }) =>
 *     ops.activation(conv(ops, x, 'conv', width, { kernel, stride }), 'tanh'),
 * });
 */
export const defineBlock = <const P extends ParamTable>(block: Given<Block<P>>): OwnPart<'block', P> =>
  defined('block', block);

/**
 * Checks a stem of one's own: image `[b,h,w,c]` → first feature map `[b,h',w',width]`. In a space:
 * `stem my-stem(width: 16)`; `width` is no parameter of its own. Loaded and registered as a block is.
 * @throws UserError with the rule that is violated
 */
export const defineStem = <const P extends ParamTable>(
  stem: Given<StemOrDownsample<P>>,
): OwnPart<'stem', P> => defined('stem', stem);

/**
 * Checks a downsampling layer of one's own: `[b,h,w,c]` → `[b,h',w',width]`, before a stage. Loaded and
 * registered as a block is.
 * @throws UserError with the rule that is violated
 */
export const defineDownsample = <const P extends ParamTable>(
  layer: Given<StemOrDownsample<P>>,
): OwnPart<'downsample', P> => defined('downsample', layer);

/**
 * Checks a head of one's own: last feature map `[b,h,w,c]` → logits `[b,classes]`, or what `output` says.
 * Loaded and registered as a block is.
 * @throws UserError with the rule that is violated
 */
export const defineHead = <const P extends ParamTable>(head: Given<Head<P>>): OwnPart<'head', P> =>
  defined('head', head);

/**
 * Makes a part known in this process. Child processes, which measure and train, know it only where its
 * module is loaded (`loadBlocks`).
 * @throws UserError where another part of that kind and name is registered
 */
export function registerPart<K extends PartKind, P extends ParamTable>(part: OwnPart<K, P>): void {
  const erased = part as unknown as OwnPart;
  const kindName = kindNames[part.kind];
  const rule = violatedRule(erased);
  if (rule !== undefined) throw new UserError(`register ${kindName} ${JSON.stringify(part.name)}: ${rule}`);
  const known = knownParts[part.kind][part.name];
  if (known === erased) return;
  if (known !== undefined)
    throw new UserError(`register ${kindName}: a name must be registered once, got ${part.name} again`, {
      fix: `give the second ${kindName} another name; stored results refer to names`,
    });
  (knownParts[part.kind] as Record<string, unknown>)[part.name] = erased;
}

/** `registerPart` of a block, which may also be an object that `defineBlock` did not make. */
export const registerBlock = <P extends ParamTable>(block: Block<P> | OwnPart<'block', P>): void =>
  registerPart('kind' in block ? block : ({ ...block, kind: 'block' } as OwnPart<'block', P>));

/** What an error about an unknown part adds. */
export const ownPartHint = (kind: PartKind): string =>
  `a ${kindNames[kind]} of your own needs its module: --blocks FILE, or STAGECRAFT_BLOCKS`;
