/** `order(to: {t-first})`: the order of C and T within stages. */
import type { BlockSpec } from '../../../../architecture/architecture.js';
import { layoutOf } from '../../../../architecture/layout.js';
import { nameHint } from '../../../../util/nearest-name.js';
import { termText } from '../../read-terms.js';
import { type FactorKind, mapStages, stageParam } from '../factor.js';

const isT = ({ letter }: BlockSpec): boolean => letter.startsWith('T');

/** C and T in turn, as long as both last. */
function alternating(blocks: readonly BlockSpec[]): BlockSpec[] {
  const [c, t] = [blocks.filter((block) => !isT(block)), blocks.filter(isT)];
  return Array.from({ length: Math.max(c.length, t.length) }, (_, index) => [c[index], t[index]])
    .flat()
    .filter((block) => block !== undefined);
}

const orders = {
  'c-first': (blocks) => [...blocks.filter((block) => !isT(block)), ...blocks.filter(isT)],
  't-first': (blocks) => [...blocks.filter(isT), ...blocks.filter((block) => !isT(block))],
  reversed: (blocks) => [...blocks].reverse(),
  alternating,
} as const satisfies Record<string, (blocks: readonly BlockSpec[]) => BlockSpec[]>;

export const orderFactor: FactorKind = {
  doc: 'order of C and T within stages: to: {c-first, t-first, reversed, alternating}',
  params: { stage: stageParam },
  nameOf: ({ stage }) => (stage === 0 ? 'order' : `order ${stage}`),
  current: ({ architecture }) => layoutOf(architecture),
  level(term, { stage }, { diagnostics }) {
    const name = termText(term);
    if (!Object.hasOwn(orders, name))
      return diagnostics.error(
        term.span,
        `order: to must be a known order, got ${JSON.stringify(name)}`,
        nameHint(name, Object.keys(orders)),
      );
    const order = orders[name as keyof typeof orders];
    return {
      label: name,
      meaning: name,
      apply: (variant) => ({
        ...variant,
        architecture: mapStages(variant.architecture, stage, (each) => ({
          ...each,
          blocks: order(each.blocks),
        })),
      }),
    };
  },
};
