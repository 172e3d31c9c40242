/** `parameter(of: T, parameter: mlp, to: {2, 8})`: a parameter of the blocks of a letter, of stem or head. */
import type { Architecture, PartSpec } from '../../../../architecture/architecture.js';
import { UserError } from '../../../../util/errors.js';
import type { ParamValue, ParamValues } from '../../../../util/params.js';
import { printTerm } from '../../../print-experiment.js';
import { type FactorKind, mapStages, type Variant } from '../factor.js';

/** The parts that `of` names: `stem`, `head`, `downsample`, or a letter. */
function mapParts(
  architecture: Architecture,
  of: ParamValue | undefined,
  map: <P extends PartSpec>(part: P) => P,
): Architecture {
  if (of === 'stem') return { ...architecture, stem: map(architecture.stem) };
  if (of === 'head') return { ...architecture, head: map(architecture.head) };
  return mapStages(architecture, 0, (stage) => {
    if (of === 'downsample') return { ...stage, downsample: stage.downsample && map(stage.downsample) };
    return { ...stage, blocks: stage.blocks.map((block) => (block.letter === of ? map(block) : block)) };
  });
}

function withParam(variant: Variant, { of, parameter }: ParamValues, value: ParamValue): Variant {
  let [changed, wrong] = [0, ''];
  const architecture = mapParts(variant.architecture, of, (part) => {
    if (!Object.hasOwn(part.params, String(parameter))) {
      wrong = `${part.type} has ${Object.keys(part.params).join(', ') || 'none'}`;
      return part;
    }
    changed++;
    return { ...part, params: { ...part.params, [String(parameter)]: value } };
  });
  if (changed === 0)
    throw new UserError(
      `parameter: ${of} must have the parameter in the baseline${wrong && ` (${wrong})`}, ` +
        `got ${JSON.stringify(parameter)}`,
    );
  return { ...variant, architecture };
}

export const parameterFactor: FactorKind = {
  doc: 'a parameter of a part: of: a letter, stem, head or downsample; to: {2, 8}',
  params: {
    of: { kind: 'text', doc: 'letter of the blocks, or stem, head, downsample' },
    parameter: { kind: 'text', doc: 'name of the parameter' },
  },
  nameOf: ({ of, parameter }) => `${of} ${parameter}`,
  current({ architecture }, { of, parameter }) {
    const found: ParamValue[] = [];
    mapParts(architecture, of, (part) => {
      const value = part.params[String(parameter)];
      if (value !== undefined) found.push(value);
      return part;
    });
    return found.length > 0 ? String(found[0]) : '';
  },
  level(term, params, { diagnostics }) {
    if (term.kind === 'set' || term.kind === 'call')
      return diagnostics.error(term.span, `parameter: to must be plain values, got ${printTerm(term)}`);
    const isBool = term.kind === 'text' && !term.quoted && /^(true|false)$/.test(term.value);
    const value = isBool ? term.value === 'true' : term.value;
    return {
      label: printTerm(term),
      meaning: value,
      apply: (variant) => withParam(variant, params, value),
    };
  },
};
