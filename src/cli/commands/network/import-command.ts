/**
 * `import ARCH FILE`: brings weights of a network's PyTorch module, or of timm's own, back as a weights file
 * of the lab. `import BUNDLE`: takes the results of a bundle.
 */
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { architectureId } from '../../../architecture/canonical.js';
import { isCounter, weightsFromTorch } from '../../../export/pytorch/weights-from-torch.js';
import { timmFamilyOf, weightsFromTimm } from '../../../export/timm/weights-from-timm.js';
import { databaseName } from '../../../lab/database-name.js';
import { UserError } from '../../../util/errors.js';
import { architectureHelp, findArchitecture } from '../../options/architecture-argument.js';
import { examples } from '../../options/option-parsers.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { importBundle } from './import-results.js';

interface Options {
  readonly out?: string;
  readonly db?: string;
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  readonly classes?: string;
  readonly json?: boolean;
}

function fractions(text: string): number[] {
  const values = text.split(',').map(Number);
  if (text.trim() === '' || !values.every(Number.isFinite))
    throw new InvalidArgumentError('must be numbers joined by commas');
  return values;
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(`${file}: no weights can be read there (${code ?? message})`, { cause: error });
  }
}

/** Names of the classes: lines of a file, or their numbers. */
function classNames(file: string | undefined, count: number): string[] {
  if (file === undefined) return Array.from({ length: count }, (_, index) => String(index));
  const names = read(file)
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '');
  if (names.length !== count)
    throw new UserError(`${file}: must name ${count} classes, one a line, got ${names.length}`);
  return names;
}

async function importWeights(argument: string, file: string, out: string, options: Options): Promise<string> {
  const architecture = await findArchitecture(argument, options.db);
  const { channels } = architecture.input;
  const mean = options.mean ?? Array.from({ length: channels }, () => 0);
  const std = options.std ?? Array.from({ length: channels }, () => 1);
  for (const [name, values] of Object.entries({ mean, std }))
    if (values.length !== channels)
      throw new UserError(`--${name}: must have ${channels} values, one a channel, got ${values.length}`);
  const [{ decodeTensors }, { writeWeightsFile }] = await Promise.all([
    import('../../../train/weights/safetensors.js'),
    import('../../../train/weights/weights-file.js'),
  ]);
  const { tensors } = decodeTensors(read(file), file, { skip: isCounter });
  const family = timmFamilyOf(tensors);
  writeWeightsFile(out, {
    weights: family
      ? weightsFromTimm(architecture, family, tensors, file)
      : weightsFromTorch(architecture, tensors, file),
    architecture,
    mean,
    std,
    classes: classNames(options.classes, architecture.classes),
    datasetHash: '',
  });
  return architectureId(architecture);
}

export function configure(command: Command, io: Io): void {
  command
    .argument('<subject>', `${architectureHelp}; of results: a bundle’s folder, or its results.jsonl`)
    .argument('[file]', 'safetensors of the state dict of its PyTorch module, or of timm’s own')
    .option('--out <file>', 'of weights: the weights file to write')
    .option('--mean <values>', 'means that images are normalised by, one a channel (default: 0)', fractions)
    .option('--std <values>', 'standard deviations, one a channel (default: 1)', fractions)
    .option('--classes <file>', 'names of the classes, one a line (default: their numbers)')
    .option(
      '--db <file>',
      'database to look an id up in (default: newest under reports/); ' +
        `of results: to fill (default: reports/NAME/${databaseName})`,
    )
    .option('--json', 'print one object: architecture, file; of results: database, added, known, missing')
    .addHelpText(
      'after',
      examples(
        'import d3c8a4 trained.safetensors --out weights.safetensors --mean 0.5,0.5,0.5 --std 0.2,0.2,0.2',
        'import quickstart.bundle',
      ),
    )
    .action(async (argument: string, file: string | undefined, options: Options) => {
      const { out, json } = options;
      if (file === undefined) return importBundle(argument, options, io);
      if (out === undefined)
        throw new UserError('--out: must name the weights file to write, got none', {
          fix: '--out weights.safetensors',
        });
      const architecture = await importWeights(argument, file, out, options);
      print(io, json ? jsonLine({ architecture, file: out }) : `wrote ${out}`);
    });
}
