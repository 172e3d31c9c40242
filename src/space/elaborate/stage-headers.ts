/** The headers of a stage: width, downsampling layer and first stride, in every combination. */
import type { PartSpec } from '../../architecture/architecture.js';
import type { Call, StageItem } from '../../language/ast.js';
import type { DiagnosticCollector } from '../../language/diagnostic-collector.js';
import type { IntParam } from '../../util/params.js';
import type { Alphabet } from '../model/alphabet.js';
import type { Alternative } from '../model/space-model.js';
import { type Choice, type ChoiceResolver, combinations } from './choices.js';
import { checkedChoice, expandPart } from './expand-part.js';

export interface HeaderContext {
  readonly alphabet: Alphabet;
  readonly choices: ChoiceResolver;
  readonly diagnostics: DiagnosticCollector;
  /** The alternatives of the `downsample` statement, for stages without a clause of their own. */
  readonly commonDownsample: readonly Call[] | undefined;
}

interface DownsampleOption {
  readonly part: PartSpec | null;
  readonly masks: Alternative['masks'];
  readonly weight: number;
}

const widthSpec: IntParam = { kind: 'int', min: 1, max: 65536, doc: 'channels' };
const strideSpec: IntParam = { kind: 'int', min: 1, max: 2, doc: 'stride of the first block' };
const only = (value: number): Choice => ({ values: [value], tie: undefined });

function downsampleOptions(
  calls: readonly Call[],
  { choices, diagnostics }: HeaderContext,
): DownsampleOption[] {
  return calls
    .flatMap((call) => expandPart('downsample', call, choices, diagnostics))
    .map(({ type, params, masks, weight }) => ({
      part: type === 'none' ? null : { type, params },
      masks,
      weight: weight / calls.length,
    }));
}

/** @param first the first stage, which has no downsampling layer unless its clause asks for one */
export function stageHeaders(stage: StageItem, first: boolean, context: HeaderContext): Alternative[] {
  const { choices, diagnostics, commonDownsample } = context;
  if (!stage.width) {
    const message = `a stage must have a width, stage ${stage.number} has none`;
    diagnostics.error(stage.numberSpan, message, 'e.g. `stage 1 width 64 C{2}`');
    return [];
  }
  const width = checkedChoice('width', widthSpec, { value: stage.width }, choices, diagnostics);
  const calls = stage.downsample ?? (first ? undefined : commonDownsample);
  const options = optionsOf(stage, calls, first, context);
  if (stage.stride && options.every(({ part }) => part !== null))
    diagnostics.error(
      stage.stride.span,
      'stride sets that of the first block, which needs a stage without downsampling layer',
      'add `downsample none`, or give the layer its stride: `downsample conv(stride: 2)`',
    );
  const strides = stage.stride
    ? checkedChoice('stride', strideSpec, { value: stage.stride }, choices, diagnostics)
    : only(calls === undefined ? 1 : 2);
  return options.flatMap((option) => headersOf(option, width, option.part ? only(1) : strides, context));
}

/** Without a clause or statement: no layer before the first stage, `conv` before the others. */
function optionsOf(
  { numberSpan: span }: StageItem,
  calls: readonly Call[] | undefined,
  first: boolean,
  context: HeaderContext,
): DownsampleOption[] {
  if (calls) return downsampleOptions(calls, context);
  if (first) return [{ part: null, masks: [], weight: 1 }];
  return downsampleOptions([{ name: { name: 'conv', span }, args: [], span }], context);
}

function headersOf(
  { part, masks, weight }: DownsampleOption,
  width: Choice,
  stride: Choice,
  { alphabet }: HeaderContext,
): Alternative[] {
  const combined = combinations([
    ['width', width],
    ['stride', stride],
  ]);
  return combined.flatMap((combination): Alternative[] => {
    const merged = intersectMasks(masks, combination.masks);
    if (!merged) return [];
    const symbol = alphabet.intern({
      kind: 'header',
      width: combination.values['width'] as number,
      downsample: part,
      firstStride: combination.values['stride'] as 1 | 2,
    });
    return [{ symbol, masks: merged, weight: weight * combination.weight }];
  });
}

/** The assignments allowed by both; undefined where there are none. */
function intersectMasks(a: Alternative['masks'], b: Alternative['masks']): Alternative['masks'] | undefined {
  const merged = new Map(a.map(({ group, mask }) => [group, mask]));
  for (const { group, mask } of b) merged.set(group, (merged.get(group) ?? -1n) & mask);
  return [...merged.values()].includes(0n)
    ? undefined
    : [...merged].map(([group, mask]) => ({ group, mask }));
}
