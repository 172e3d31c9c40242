/**
 * Expands a part as written (`fused-mbconv(expand: {2, 4})`) to all its variants, checked against the table
 * of its kind.
 */

import { type PartKind, partTables } from '../../blocks/block-table.js';
import { modifierParams } from '../../blocks/modifiers/modifier-table.js';
import { ownPartHint } from '../../blocks/own-parts.js';
import type { Argument, Call } from '../../language/ast.js';
import type { DiagnosticCollector } from '../../language/diagnostic-collector.js';
import { limits } from '../../language/limits.js';
import { nameHint } from '../../util/nearest-name.js';
import { type ParamSpec, type ParamValue, paramProblem } from '../../util/params.js';
import { type Choice, type ChoiceResolver, combinations } from './choices.js';

export interface PartVariant {
  readonly type: string;
  /**
   * Parameters in the order of the table; `extra` has arguments that are no parameters (the width of a stem).
   */
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly extra: Readonly<Record<string, ParamValue>>;
  readonly masks: readonly { readonly group: number; readonly mask: bigint }[];
  readonly weight: number;
}

const widthSpec: ParamSpec = { kind: 'int', min: 1, max: 65536, doc: 'output channels' };

/** A choice, checked so that every value fits `spec`; empty after an error. */
export function checkedChoice(
  name: string,
  spec: ParamSpec,
  { value }: Pick<Argument, 'value'>,
  choices: ChoiceResolver,
  diagnostics: DiagnosticCollector,
): Choice {
  const choice = choices.resolve(value);
  for (const one of choice.values) {
    const problem = paramProblem(name, spec, one);
    if (problem !== undefined) {
      const known = spec.kind === 'choice' && typeof one === 'string' ? nameHint(one, spec.oneOf) : undefined;
      diagnostics.error(value.span, problem, known);
      return { values: [], tie: undefined };
    }
  }
  return choice;
}

/** The nearest name, or the known ones, and how a part of one's own becomes known. */
function unknownPartHint(kind: PartKind, type: string): string | undefined {
  const hint = nameHint(type, Object.keys(partTables[kind]));
  return hint?.startsWith('did you mean') ? hint : `${hint}; ${ownPartHint(kind)}`;
}

/** @param overrides arguments that replace those of the call: the own arguments of a letter in a layout */
export function expandPart(
  kind: PartKind,
  call: Call,
  choices: ChoiceResolver,
  diagnostics: DiagnosticCollector,
  overrides: readonly Argument[] = [],
): PartVariant[] {
  const table = partTables[kind];
  const type = call.name.name;
  if (!Object.hasOwn(table, type)) {
    diagnostics.error(call.name.span, `unknown ${kind} ${JSON.stringify(type)}`, unknownPartHint(kind, type));
    return [];
  }
  const specs: Readonly<Record<string, ParamSpec>> = {
    ...(kind === 'stem' && { width: widthSpec }),
    ...table[type]!.params,
    ...(kind === 'block' && modifierParams),
  };
  const given = new Map<string, Argument>();
  for (const args of [call.args, overrides]) {
    const seen = new Set<string>();
    for (const argument of args) {
      const { name, span } = argument.name;
      if (!Object.hasOwn(specs, name))
        diagnostics.error(
          span,
          `${type} has no parameter ${JSON.stringify(name)}`,
          nameHint(name, Object.keys(specs)),
        );
      else if (seen.has(name))
        diagnostics.error(span, `a parameter may be given once, got ${JSON.stringify(name)} again`);
      seen.add(name);
      given.set(name, argument);
    }
  }
  const wanted = Object.entries(specs).filter(
    ([name]) => given.has(name) || kind !== 'block' || !Object.hasOwn(modifierParams, name),
  ); // a modifier not given is not there
  const resolved = wanted.map(([name, spec]): [string, Choice] => {
    const argument = given.get(name);
    if (argument) return [name, checkedChoice(name, spec, argument, choices, diagnostics)];
    if (spec.default === undefined) {
      diagnostics.error(call.span, `${type} needs a value for ${name}, got none`, spec.doc);
      return [name, { values: [], tie: undefined }];
    }
    return [name, { values: [spec.default], tie: undefined }];
  });
  const all = combinations(resolved);
  if (all.length > limits.choices) {
    diagnostics.error(
      call.span,
      `one part may have at most ${limits.choices} assignments of its parameters, got more`,
    );
    return [];
  }
  return all.map(({ values, masks, weight }) => {
    const { width, ...rest } = values;
    return kind === 'stem'
      ? { type, params: rest, extra: { width: width! }, masks, weight }
      : { type, params: values, extra: {}, masks, weight };
  });
}
