/** `layout(to: {C-CCTT-CCTT-TTTT})`: the layouts of all stages, or of one. */
import type { Architecture, BlockSpec } from '../../../../architecture/architecture.js';
import { layoutOf } from '../../../../architecture/layout.js';
import { UserError } from '../../../../util/errors.js';
import { termText } from '../../read-terms.js';
import { type FactorKind, stageParam } from '../factor.js';

const stageLayouts = ({ stages }: Architecture, stage: unknown): string =>
  stage === 0 ? layoutOf({ stages }) : layoutOf({ stages: stages.slice(Number(stage) - 1, Number(stage)) });

/** The blocks that a layout spells, each as the baseline has its letter. */
function blocksFor(layout: string, { stages }: Architecture): BlockSpec[] {
  const known = new Map(
    stages.flatMap(({ blocks }) => blocks.map((block) => [block.letter, block] as const)),
  );
  return (layout.match(/[A-Z][^-A-Z]*/gu) ?? []).map((letter) => {
    const block = known.get(letter);
    if (block) return block;
    throw new UserError(
      `layout: letters must be those of the baseline (${[...known.keys()].join(', ')}), ` +
        `got ${JSON.stringify(letter)}`,
    );
  });
}

export const layoutFactor: FactorKind = {
  doc: 'layouts of the stages: to: {C-CCTT-CCTT-TTTT}',
  params: { stage: stageParam },
  nameOf: ({ stage }) => (stage === 0 ? 'layout' : `layout ${stage}`),
  current: ({ architecture }, { stage }) => stageLayouts(architecture, stage),
  level(term, { stage }, { diagnostics }) {
    const layout = termText(term);
    if (term.kind !== 'text')
      return diagnostics.error(term.span, `layout: to must be layouts, got ${JSON.stringify(layout)}`);
    return {
      label: layout,
      meaning: layout,
      apply(variant) {
        const { architecture } = variant;
        const layouts = layout.split('-');
        const expected = stage === 0 ? architecture.stages.length : 1;
        if (layouts.length !== expected)
          throw new UserError(
            `layout: ${expected} ${expected === 1 ? 'stage is' : 'stages are'} needed, ` +
              `got ${JSON.stringify(layout)}`,
          );
        const stages = architecture.stages.map((each, index) => {
          if (stage === 0) return { ...each, blocks: blocksFor(layouts[index]!, architecture) };
          return stage === index + 1 ? { ...each, blocks: blocksFor(layout, architecture) } : each;
        });
        return { ...variant, architecture: { ...architecture, stages } };
      },
    };
  },
};
