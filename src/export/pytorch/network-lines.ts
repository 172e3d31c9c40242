/** The lines of a generated network's `__init__` and `forward_features`. */
import { conditionSizeOf } from '../../network/network-cost.js';
import { type NetworkPart, stageOf } from '../../network/network-parts.js';
import { UserError } from '../../util/errors.js';
import { sizeLines } from './map-sizes.js';
import type { PlacedPart } from './network-site.js';
import { wrapInModifiers } from './parts/modifier-calls.js';
import { partCallTable } from './parts/part-call-table.js';
import { lineLength } from './python-text.js';

export interface NetworkLines {
  readonly init: readonly string[];
  readonly forward: readonly string[];
  readonly hasCondition: boolean;
}

/** Columns before the body of a method. */
const bodyIndent = 8;

interface Written {
  readonly code: string;
  readonly indexed?: string;
}

/** Channels that leave a part; classes of a head. */
function widthOf(part: NetworkPart): number {
  if (part.kind === 'head') return part.classes;
  return part.kind === 'block' ? part.context.width : part.width;
}

/** @throws UserError naming a part that has no PyTorch form */
function callOf({ part, input }: PlacedPart): Written {
  const make = partCallTable[part.kind][part.spec.type];
  if (!make)
    throw new UserError(
      `${part.name}: ${part.kind} must have a PyTorch form, got ${JSON.stringify(part.spec.type)}`,
    );
  const width = widthOf(part);
  const { stride, index } = part.kind === 'block' ? part.context : ({ stride: 1, index: 0 } as const);
  const made = make(part.spec.params as never, { input, width, stride, index });
  const call = typeof made === 'string' ? { code: made } : made;
  if (part.kind !== 'block') return call;
  const wrapped = (code: string): string => wrapInModifiers(code, part.spec.params, width);
  return { code: wrapped(call.code), ...(call.indexed && { indexed: wrapped(call.indexed) }) };
}

/** Splits `Name(a, b)` before its arguments where the line is too long. */
function wrapped(prefix: string, code: string, suffix: string): string[] {
  const line = `${prefix}${code}${suffix}`;
  if (line.length <= lineLength - bodyIndent) return [line];
  const open = code.indexOf('(');
  const indent = ' '.repeat(prefix.length - prefix.trimStart().length);
  if (open < 0 || !code.endsWith(')')) return [line];
  const parts: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let at = open + 1; at < code.length - 1; at++) {
    if ('([{'.includes(code[at]!)) depth++;
    if (')]}'.includes(code[at]!)) depth--;
    if (code[at] === ',' && depth === 0) {
      parts.push(code.slice(from, at).trim());
      from = at + 1;
    }
  }
  parts.push(code.slice(from, -1).trim());
  return [
    `${prefix}${code.slice(0, open + 1)}`,
    ...parts.map((part) => `${indent}    ${part},`),
    `${indent})${suffix}`,
  ];
}

/** Equal blocks in a row as one comprehension. */
function runLines(text: string, loop: string): string[] {
  const short = `    *[${text} ${loop}],`;
  if (short.length <= lineLength - bodyIndent) return [short];
  return ['    *[', ...wrapped('        ', text, ''), `        ${loop}`, '    ],'];
}

/** Blocks of a stage, runs of equal calls as comprehensions. */
function stageLines(calls: readonly Written[]): string[] {
  const textOf = ({ code, indexed }: Written): string => indexed ?? code;
  const lines: string[] = [];
  for (let from = 0; from < calls.length; ) {
    const text = textOf(calls[from]!);
    let to = from + 1;
    while (to < calls.length && textOf(calls[to]!) === text) to++;
    const counts = from === 0 || !calls[from]!.indexed ? String(to - from) : `${from}, ${to}`;
    const variable = calls[from]!.indexed ? 'i' : '_';
    if (to - from === 1) lines.push(...wrapped('    ', calls[from]!.code, ','));
    else lines.push(...runLines(text, `for ${variable} in range(${counts})`));
    from = to;
  }
  return lines;
}

/** `NAME = nn.Sequential(…)`, on one line where it fits. */
function sequence(head: string, lines: readonly string[]): string[] {
  const only = lines[0]!.trim().replace(/,$/, '');
  const short = `${head}(${only})`;
  return lines.length === 1 && short.length <= lineLength - bodyIndent
    ? [short]
    : [`${head}(`, ...lines, ')'];
}

/** What a part is called with, and what becomes of `x`. */
function step(placed: PlacedPart, name: string, tracksPrevious: boolean): string {
  const more = [
    ...(placed.needsPrevious ? ['previous'] : []),
    ...(placed.needsCondition ? ['time', 'tokens'] : []),
    ...(placed.part.kind === 'downsample' ? placed.stages.map((stage) => `stage${stage}`) : []),
  ];
  const call = `${name}(${['x', ...more].join(', ')})`;
  return tracksPrevious && !placed.passesPrevious ? `x, previous = ${call}, x` : `x = ${call}`;
}

const isPlain = (placed: PlacedPart): boolean => !placed.needsCondition && !placed.needsPrevious;

function stageForward(stage: number, blocks: readonly PlacedPart[], tracksPrevious: boolean): string[] {
  if (!tracksPrevious && blocks.every(isPlain)) return [`x = self.stage${stage}(x)`];
  const steps = blocks.map((block) => step(block, 'block', tracksPrevious));
  if (steps.every((text) => text === steps[0]))
    return [`for block in self.stage${stage}:`, `    ${steps[0]}`];
  return blocks.map((block, index) => step(block, `self.stage${stage}[${index}]`, tracksPrevious));
}

/** Joins `size = input_size` with the assignment that follows it at once. */
function startOfSize(lines: readonly string[]): string[] {
  const [first, second, ...rest] = lines;
  if (first !== 'size = input_size' || !second?.startsWith('size = ')) return [...lines];
  return [second.replace(/\bsize\b(?! =)/g, 'input_size'), ...rest];
}

export function networkLines(placed: readonly PlacedPart[]): NetworkLines {
  const calls = placed.map(callOf);
  const usesSize = /\bsize\b(?!=)/;
  const lastSized = calls.findLastIndex(({ code }) => usesSize.test(code.replace(/_size/g, '')));
  const readStages = new Set(placed.flatMap(({ stages }) => stages));
  const sizedStages = new Set(
    placed.flatMap(({ part, stages }, index) =>
      part.kind === 'downsample' && index <= lastSized ? stages : [],
    ),
  );
  const tracksPrevious = placed.some(({ needsPrevious }) => needsPrevious);
  const hasCondition = conditionSizeOf(placed[0]!.part) !== undefined;
  const init: string[] = lastSized < 0 ? [] : ['size = input_size'];
  const forward: string[] = [];
  const resize = (index: number): void => {
    const { part, input, output, stages } = placed[index]!;
    const skip = part.kind === 'downsample' ? input.stageOutputs?.[stages[0] ?? 0] : undefined;
    if (index <= lastSized) init.push(...sizeLines(part, input, output, skip));
  };
  for (let index = 0; index < placed.length; ) {
    const { part, stages } = placed[index]!;
    const stage = stageOf(part);
    if (part.kind !== 'block') {
      const name = part.kind === 'downsample' ? `downsample${stage}` : part.kind;
      resize(index);
      init.push(...wrapped(`self.${name} = `, calls[index]!.code, ''));
      if (part.kind === 'stem' && hasCondition)
        forward.push('time, tokens = self.stem.condition(x, time, given)');
      if (part.kind !== 'head')
        forward.push(step(placed[index]!, `self.${name}`, tracksPrevious && part.kind !== 'stem'));
      else if (stages.length > 0) forward.push(`return [${stages.map((each) => `stage${each}`).join(', ')}]`);
      if (part.kind === 'stem' && tracksPrevious) forward.push('previous = None');
      index++;
      if (part.kind !== 'downsample' || placed[index]?.part.kind === 'block') continue;
    }
    let to = index;
    while (placed[to]?.part.kind === 'block' && stageOf(placed[to]!.part) === stage) to++;
    if (to > index) {
      resize(index);
      init.push(...sequence(`self.stage${stage} = nn.Sequential`, stageLines(calls.slice(index, to))));
      forward.push(...stageForward(stage, placed.slice(index, to), tracksPrevious));
    }
    if (sizedStages.has(stage)) init.push(`size${stage} = size`);
    if (readStages.has(stage)) forward.push(`stage${stage} = x`);
    index = to;
  }
  if (!forward.at(-1)!.startsWith('return')) forward.push('return x');
  return { init: startOfSize(init), forward, hasCondition };
}
