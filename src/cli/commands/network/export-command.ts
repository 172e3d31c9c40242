/**
 * `export ARCH --to FORMAT`: writes a network as a PyTorch module, an ONNX model or a SavedModel, with its
 * weights. `export DB --to parquet`: writes the tables of a result; `--to json`: the result.
 */
import { availableParallelism } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Architecture } from '../../../architecture/architecture.js';
import { architectureId } from '../../../architecture/canonical.js';
import { pytorchModule, timmName } from '../../../export/pytorch/network-module.js';
import { toTorch, weightForms } from '../../../export/pytorch/weight-names.js';
import { UserError } from '../../../util/errors.js';
import { architectureHelp, findArchitecture } from '../../options/architecture-argument.js';
import { examples, wholeNumber } from '../../options/option-parsers.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { exportResults, isResultFormat, resultFormats } from './export-results.js';

interface Options {
  readonly to: string;
  readonly db?: string;
  readonly out?: string;
  readonly weights?: string | boolean;
  readonly beside?: boolean;
  readonly seed: number;
  readonly className: string;
  readonly timm?: boolean;
  readonly experiment?: string;
  readonly device?: string;
  readonly json?: boolean;
}
type Values = ReadonlyMap<string, Float32Array>;
/** Bytes by path; undefined where they are written already. */
type Files = ReadonlyMap<string, Uint8Array | undefined>;

/** @throws UserError where the file holds weights of another architecture */
async function weightsOf(architecture: Architecture, file: string): Promise<Values> {
  const { readWeightsFile } = await import('../../../train/weights/weights-file.js');
  const { architecture: trained, weights } = readWeightsFile(file);
  const [expected, found] = [architectureId(architecture), architectureId(trained)];
  if (expected !== found)
    throw new UserError(`${file}: must hold weights of architecture ${expected}, got ${found}`);
  return new Map([...weights].map(([path, { values }]) => [path, values]));
}

/** Weights of a file of this architecture, or those that a training with `seed` starts from. */
async function valuesOf(architecture: Architecture, { weights: file, seed }: Options): Promise<Values> {
  if (typeof file === 'string') return weightsOf(architecture, file);
  const { initialWeights } = await import('../../../runtime/initial-weights.js');
  return initialWeights(weightForms(architecture), seed);
}

async function pytorchFiles(architecture: Architecture, options: Options, file: string): Promise<Files> {
  const { className, timm = false } = options;
  const source = Buffer.from(pytorchModule(architecture, { className, timm }));
  if (options.weights === false) return new Map([[file, source]]);
  const values = await valuesOf(architecture, options);
  const { encodeTensors } = await import('../../../train/weights/safetensors.js');
  const tensors = new Map(
    weightForms(architecture).map((form) => [
      form.name,
      { shape: form.torchShape, values: toTorch(form, values.get(form.path)!), trainable: form.trainable },
    ]),
  );
  const beside = file.replace(/\.py$/, '.safetensors');
  return new Map([
    [beside, encodeTensors({ tensors, metadata: { format: 'pt' } })],
    [file, source],
  ]);
}

async function onnxFiles(architecture: Architecture, options: Options, file: string): Promise<Files> {
  if (options.weights === false)
    throw new UserError('--no-weights: an ONNX model holds weights, got --to onnx', {
      fix: 'give --weights FILE, or leave both out for the initial weights',
    });
  const { onnxModel } = await import('../../../export/onnx/onnx-model.js');
  const data = `${file}.data`;
  const made = onnxModel(
    architecture,
    await valuesOf(architecture, options),
    options.beside ? { dataFile: basename(data) } : {},
  );
  return new Map([...(made.data ? ([[data, made.data]] as const) : []), [file, made.model]]);
}

/** Written by a child, since it needs the engine. */
async function savedModelFiles(architecture: Architecture, options: Options, folder: string): Promise<Files> {
  const { weights, seed } = options;
  if (weights === false)
    throw new UserError('--no-weights: a SavedModel holds weights, got --to savedmodel', {
      fix: 'give --weights FILE, or leave both out for the initial weights',
    });
  if (architecture.stem.params['condition'] === 'text')
    throw new UserError('export: a SavedModel takes images, times and classes, got a text condition', {
      fix: '--to onnx',
    });
  if (typeof weights === 'string') await weightsOf(architecture, weights);
  const [{ writeSavedModel }, { interruptible }] = await Promise.all([
    import('../../../train/saved-model/saved-model-job.js'),
    import('../../interruptible.js'),
  ]);
  const { fixedBatch } = await interruptible((signal) =>
    writeSavedModel(
      {
        architecture,
        seed,
        folder: resolve(folder),
        threads: availableParallelism(),
        ...(typeof weights === 'string' && { weights: resolve(weights) }),
      },
      { signal },
    ),
  );
  if (fixedBatch !== undefined)
    process.stderr.write(`the SavedModel takes one image at a time: ${fixedBatch}\n`);
  return new Map([[join(folder, 'saved_model.pb'), undefined]]);
}

const formats = {
  pytorch: { extension: '.py', files: pytorchFiles },
  onnx: { extension: '.onnx', files: onnxFiles },
  savedmodel: { extension: '', files: savedModelFiles },
} as const;

async function exportNetwork(architecture: Architecture, options: Options): Promise<string[]> {
  if (!Object.hasOwn(formats, options.to))
    throw new UserError(
      `--to: must be one of ${[...Object.keys(formats), ...Object.keys(resultFormats)].join(', ')}, ` +
        `got ${JSON.stringify(options.to)}`,
    );
  if (!/^[A-Za-z_]\w*$/.test(options.className))
    throw new UserError(`--class-name: must be a Python name, got ${JSON.stringify(options.className)}`);
  const { extension, files } = formats[options.to as keyof typeof formats];
  const file = options.out ?? `${timmName(architecture)}${extension}`;
  if (!file.endsWith(extension))
    throw new UserError(`--out: must end in ${extension}, got ${JSON.stringify(file)}`);
  const { replaceFile } = await import('../../../train/weights/replace-file.js');
  const made = await files(architecture, options, file);
  for (const [path, bytes] of made) if (bytes) replaceFile(path, Buffer.from(bytes));
  return [...made.keys()].reverse();
}

export function configure(command: Command, io: Io): void {
  command
    .argument(
      '<subject>',
      `${architectureHelp}; of parquet, csv and json: a database, its folder, or its experiment`,
    )
    .requiredOption(
      '--to <format>',
      'pytorch: one file of plain torch.nn; onnx: a model of opset 20; ' +
        'savedmodel: a folder for TensorFlow; parquet, csv: the tables of a result; ' +
        'json: a result as `report` writes it and `reproduce` reads it',
    )
    .option(
      '--out <path>',
      'the file or folder to write (default: stagecraft_ID, .py or .onnx); ' +
        "of a result a folder (default: the database's)",
    )
    .option('--weights <file>', 'weights of a training (default: the initial weights of --seed)')
    .option('--no-weights', 'of pytorch: write the module alone')
    .option('--beside', 'of onnx: weights in a file beside the model, FILE.data')
    .option('-s, --seed <seed>', 'seed of the initial weights', wholeNumber(0), 1)
    .option('--class-name <name>', 'of pytorch: name of the network’s class', 'Network')
    .option('--timm', 'of pytorch: register the network with timm as stagecraft_ID')
    .option('--db <file>', 'database to look an id up in (default: newest under reports/)')
    .option('--experiment <id>', 'of parquet, csv and json: which experiment (default: the latest)')
    .option('--device <id>', 'of parquet, csv and json: which device key (default: the latest)')
    .option('--json', 'print one object: architecture, files')
    .addHelpText(
      'after',
      examples(
        'export search-spaces/ascan-cpu.space@C-CCCT-CCTT-CTTT --to pytorch --out network.py',
        'export d3c8a4 --to pytorch --weights best.safetensors --timm',
        'export d3c8a4 --to onnx --weights best.safetensors --out network.onnx',
        'export d3c8a4 --to savedmodel --weights best.safetensors --out network',
        'export reports/quickstart --to parquet --out tables',
      ),
    )
    .action(async (argument: string, options: Options) => {
      if (isResultFormat(options.to)) return exportResults(argument, options, io);
      const architecture = await findArchitecture(argument, options.db);
      const files = await exportNetwork(architecture, options);
      print(
        io,
        options.json
          ? jsonLine({ architecture: architectureId(architecture), files })
          : files.map((file) => `wrote ${file}`).join('\n'),
      );
    });
}
