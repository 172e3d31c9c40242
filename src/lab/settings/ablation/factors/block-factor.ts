/** `block(letter: C, to: {mbconv(expand: 4), convnext})`: the block type of a letter. */

import { layoutOf } from '../../../../architecture/layout.js';
import { partTables } from '../../../../blocks/block-table.js';
import { modifierParams } from '../../../../blocks/modifiers/modifier-table.js';
import { UserError } from '../../../../util/errors.js';
import { printTerm } from '../../../print-experiment.js';
import { asCall, lookUp, readParams } from '../../read-terms.js';
import { type FactorKind, mapStages, stageParam } from '../factor.js';

export const blockFactor: FactorKind = {
  doc: 'block of a letter: to: {mbconv(expand: 4), convnext}',
  params: { letter: { kind: 'text', doc: 'letter of the block in layouts' }, stage: stageParam },
  nameOf: ({ letter }) => `${letter}`,
  current({ architecture }, { letter }) {
    const blocksOf = architecture.stages.flatMap((stage) => stage.blocks);
    return blocksOf.find((block) => block.letter === letter)?.type ?? '';
  },
  level(term, { letter, stage }, { diagnostics }) {
    const call = asCall(term, 'block', diagnostics);
    const definition = call && lookUp(call, partTables.block, 'block', diagnostics);
    const optional = call?.args.map(({ name }) => name).filter((name) => Object.hasOwn(modifierParams, name));
    const table = definition && {
      ...definition.params,
      ...Object.fromEntries((optional ?? []).map((name) => [name, modifierParams[name]!])),
    };
    const params = call && table && readParams(call, table, diagnostics);
    if (!call || !params) return undefined;
    const type = call.name;
    return {
      label: printTerm(term),
      meaning: { type, params },
      apply(variant) {
        let replaced = 0;
        const architecture = mapStages(variant.architecture, stage, (each) => ({
          ...each,
          blocks: each.blocks.map((block) => {
            if (block.letter !== letter) return block;
            replaced++;
            return { letter: block.letter, type, params };
          }),
        }));
        const letters = [...new Set(layoutOf(variant.architecture).replaceAll('-', ''))];
        if (replaced === 0)
          throw new UserError(
            `block: the baseline must have blocks of the letter, got ${JSON.stringify(letter)}`,
            { fix: `its letters: ${letters.join(', ')}` },
          );
        return { ...variant, architecture };
      },
    };
  },
};
