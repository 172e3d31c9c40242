/** `test --weights FILE --data CALL`: the accuracy of weights on data of your own. */
import { architectureId } from '../../../architecture/canonical.js';
import { layoutOf } from '../../../architecture/layout.js';
import { experiment, fromOption, optionText } from '../../../lab/experiment-builder.js';
import { experimentFromOptions } from '../../../lab/load-experiment.js';
import { scoreWeights } from '../../../lab/score-weights.js';
import { readWeightsFile } from '../../../train/weights/weights-file.js';
import { UserError } from '../../../util/errors.js';
import { interruptible } from '../../interruptible.js';
import { type RuntimeFlags, runtimeValues } from '../../options/compute-options.js';
import { type Io, jsonLine, print } from '../../output/io.js';

export interface WeightsOptions extends RuntimeFlags {
  readonly weights?: string;
  readonly data?: string;
  readonly split: 'test' | 'validation';
  readonly batch: number;
  readonly threads: number;
  readonly json?: boolean;
}

export async function testWeights(
  file: string | undefined,
  options: WeightsOptions & { readonly weights: string },
  io: Io,
): Promise<void> {
  const { weights, data, split, batch, threads, json } = options;
  if (file !== undefined)
    throw new UserError(`test: an experiment or --weights must be given, got both (${file})`);
  if (data === undefined)
    throw new UserError('--weights: data to evaluate on must be given, got none', {
      fix: "--data 'folder(folder: photos, size: 224)'",
    });
  const { architecture } = readWeightsFile(weights);
  const built = experiment({
    name: 'test',
    data: optionText('--data', data),
    train: { recipe: 'adamw' },
    workers: { threads: fromOption('--threads', threads) },
    runtime: runtimeValues(options),
  });
  const found = await interruptible((signal) =>
    scoreWeights(experimentFromOptions(built, [architecture]), weights, { split, batch, signal }),
  );
  const { top1 = null, top5 = null, miou = null, loss, count } = found.score;
  const [id, layout] = [architectureId(architecture), layoutOf(architecture)];
  if (json) {
    print(io, jsonLine({ id, layout, split: found.split.split, top1, top5, miou, loss, count }));
    return;
  }
  const percent = (name: string, value: number | null): string[] =>
    value === null ? [] : [`${name} ${(100 * value).toFixed(1)} %`];
  const scores = [...percent('mIoU', miou), ...percent('top-1', top1), ...percent('top-5', top5)];
  print(io, `${io.colours.bold(layout)}  ${id}`);
  print(io, `${[...scores, `loss ${loss.toFixed(3)}`].join(', ')}`);
  print(io, io.colours.dim(`${count} images of the ${split} split; nothing was stored`));
}
