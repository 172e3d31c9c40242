/** Elaborates the stages of a space: numbering, mirrored layouts, depths and headers. */
import type { Expr, ItemOf, SpaceAst, StageItem } from '../../language/ast.js';
import type { DiagnosticCollector } from '../../language/diagnostic-collector.js';
import { limits } from '../../language/limits.js';
import { printExpr } from '../../language/print.js';
import type { IntParam } from '../../util/params.js';
import type { Condition } from '../conditions/condition.js';
import { depthBound } from '../conditions/depth-bound.js';
import { longestOf } from '../model/layout-length.js';
import type { LayoutExpr, StageModel } from '../model/space-model.js';
import { checkedChoice } from './expand-part.js';
import type { LayoutElaborator } from './layout-elaborator.js';
import { type HeaderContext, stageHeaders } from './stage-headers.js';

const depthSpec: IntParam = { kind: 'int', min: 0, max: limits.repetition, doc: 'blocks' };

/** The stages of a space in order, at most as many as may be; their numbers are checked. */
export function numberedStages(
  ast: SpaceAst,
  items: SpaceAst['items'],
  diagnostics: DiagnosticCollector,
): StageItem[] {
  const found = items.filter((item): item is ItemOf<'stage'> => item.kind === 'stage');
  if (found.length === 0)
    diagnostics.error(ast.name.span, 'a space must have a stage, got none', 'e.g. `stage 1 width 64 C{2}`');
  if (found.length > limits.stages) {
    const { span } = found[limits.stages]!;
    diagnostics.error(span, `a space may have at most ${limits.stages} stages, got ${found.length}`);
    return found.slice(0, limits.stages);
  }
  found.forEach(({ number, numberSpan }, index) => {
    if (number === index + 1) return;
    const message = `stages are numbered from 1 in order, expected ${index + 1}, got ${number}`;
    diagnostics.error(numberSpan, message);
  });
  return found;
}

export class StageElaborator {
  constructor(
    private readonly all: readonly StageItem[],
    private readonly layouts: LayoutElaborator,
    private readonly conditions: readonly Condition[],
    private readonly context: HeaderContext,
  ) {}

  /** The stage that this one mirrors, so that its layout is the reversed one. */
  private mirrorSource({ mirrors, number: own, pattern }: StageItem): StageItem | undefined {
    if (!mirrors) return undefined;
    const { diagnostics } = this.context;
    const source = this.all.find(
      ({ number }) => mirrors.kind === 'number' && number === mirrors.value && number < own,
    );
    if (!source)
      return diagnostics.error(
        mirrors.span,
        `a stage must mirror an earlier one, 1..${own - 1}, got ${printExpr(mirrors)}`,
      );
    if (source.mirrors)
      return diagnostics.error(
        mirrors.span,
        `a stage must mirror one with a layout of its own, stage ${source.number} mirrors another`,
      );
    if (pattern)
      return diagnostics.error(
        pattern.span,
        `stage ${own} mirrors stage ${source.number} and so cannot have a layout of its own`,
      );
    return source;
  }

  stage(written: StageItem, index: number): StageModel {
    const { diagnostics } = this.context;
    const source = this.mirrorSource(written);
    const stage: StageItem = source?.pattern
      ? { ...written, pattern: this.layouts.reversed(source.pattern), depth: written.depth ?? source.depth }
      : written;
    const headers = stageHeaders(stage, index === 0, this.context);
    if (!stage.pattern) {
      const message = `a stage must have a layout, stage ${stage.number} has none`;
      diagnostics.error(stage.numberSpan, message, 'e.g. `stage 1 width 64 C{2}`');
    }
    const layout: LayoutExpr = stage.pattern
      ? this.layouts.layout(stage.pattern)
      : { kind: 'sequence', items: [] };
    const depths = this.depths(stage, layout);
    this.checkLength(stage, layout, depths.max);
    return {
      number: stage.number,
      headers,
      layout,
      depths,
      span: stage.span,
      layoutSpan: written.pattern?.span ?? written.numberSpan,
    };
  }

  private depths(stage: StageItem, layout: LayoutExpr): StageModel['depths'] {
    const numbers = stage.depth && this.depthSet(stage.depth);
    if (numbers)
      return {
        min: Math.min(...numbers),
        max: Math.max(0, ...numbers),
        has: (depth) => numbers.has(depth),
      };
    // A condition bounds the depth only where the layout has no longest word; else it is compiled as others.
    const open = longestOf(layout, this.layouts.rules) === Infinity;
    const max = open ? depthBound(this.conditions, stage.number) : Infinity;
    return { min: 0, max, has: (depth) => depth <= max };
  }

  private depthSet(depth: Expr): ReadonlySet<number> {
    const { choices, diagnostics } = this.context;
    const value: Expr =
      depth.kind === 'range' ? { kind: 'set', items: [depth], per: undefined, span: depth.span } : depth;
    const { values, tie } = checkedChoice('depth', depthSpec, { value }, choices, diagnostics);
    if (tie)
      diagnostics.error(depth.span, 'a depth must not depend on names, got one', 'write a set or a range');
    return new Set(values as number[]);
  }

  private checkLength(stage: StageItem, layout: LayoutExpr, max: number): void {
    const longest = Math.min(max, longestOf(layout, this.layouts.rules));
    const span = stage.pattern?.span ?? stage.numberSpan;
    const { diagnostics } = this.context;
    if (longest === Infinity)
      diagnostics.error(
        span,
        'an open repetition or a recursive rule must have a length limit, got none',
        `limit the blocks: \`stage ${stage.number} depth 1..8 …\`, or \`where depth(${stage.number}) <= 8\``,
      );
    else if (longest > limits.repetition)
      diagnostics.error(span, `a stage may have at most ${limits.repetition} blocks, got up to ${longest}`);
  }
}
