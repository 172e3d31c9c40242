/** `initial weights(…)`: weights that every training starts from. */
import { resolve } from 'node:path';
import type { TrainRequest } from '../../train/train-request.js';
import { type InheritMode, inheritModes } from '../../train/weights/inherit/inherit.js';
import { weightsHash } from '../../train/weights/weights-file.js';
import { UserError } from '../../util/errors.js';
import type { ParamTable } from '../../util/params.js';
import { readCall } from './read-terms.js';
import { pathIn, type Setting } from './setting.js';

export type InitialWeights = NonNullable<TrainRequest['initial']>;

const initialParams = {
  file: { kind: 'text', doc: 'weights of a trained network, as `train --weights` and runs write them' },
  mode: {
    kind: 'choice',
    oneOf: inheritModes,
    default: 'grow',
    doc:
      'grow: preserve the function while blocks are inserted and widths grow; cut: a part of a supernet; ' +
      'match: equal names and shapes',
  },
} as const satisfies ParamTable;

export const initialSetting: Setting<InitialWeights> = {
  keyword: 'initial',
  summary: 'initial weights of trainings: weights(file: parent.safetensors, mode: grow)',
  example: 'initial  weights(file: parent.safetensors, mode: grow)',
  reference: 'Default: random weights from the seed. The hash covers the content of the file, not its path.',
  calls: { weights: initialParams },
  needs: 'train',
  read(source, { namedFolder, diagnostics }) {
    const read = source && readCall(source, { weights: initialParams }, diagnostics);
    if (!read) return undefined;
    const file = pathIn(namedFolder, String(read.values.file));
    try {
      return { file: resolve(file), sha256: weightsHash(file), mode: read.values.mode as InheritMode };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return diagnostics.error(read.call.span, error.message, error.fix);
    }
  },
  meaning: (initial) => (initial ? { initial: { sha256: initial.sha256, mode: initial.mode } } : {}),
};
