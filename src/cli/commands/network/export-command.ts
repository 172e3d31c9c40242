/** `export ARCH --to FORMAT`: writes a network as a PyTorch module, with its weights beside it. */
import type { Command } from 'commander';
import type { Architecture } from '../../../architecture/architecture.js';
import { architectureId } from '../../../architecture/canonical.js';
import { pytorchModule, timmName } from '../../../export/pytorch/network-module.js';
import { toTorch, weightForms } from '../../../export/pytorch/weight-names.js';
import { UserError } from '../../../util/errors.js';
import { architectureHelp, findArchitecture } from '../../options/architecture-argument.js';
import { examples, wholeNumber } from '../../options/option-parsers.js';
import { type Io, jsonLine, print } from '../../output/io.js';

interface Options {
  readonly to: string;
  readonly db?: string;
  readonly out?: string;
  readonly weights?: string | false;
  readonly seed: number;
  readonly className: string;
  readonly timm?: boolean;
  readonly json?: boolean;
}

type Values = ReadonlyMap<string, Float32Array>;

/** Weights of a file, which must be of this architecture, or those that a training with `seed` starts from. */
async function valuesOf(architecture: Architecture, file: string | undefined, seed: number): Promise<Values> {
  if (file !== undefined) {
    const { readWeightsFile } = await import('../../../train/weights/weights-file.js');
    const { architecture: trained, weights } = readWeightsFile(file);
    if (architectureId(trained) !== architectureId(architecture))
      throw new UserError(
        `${file}: must hold weights of architecture ${architectureId(architecture)}, got ${architectureId(trained)}`,
      );
    return new Map([...weights].map(([path, { values }]) => [path, values]));
  }
  const { initialWeights } = await import('../../../runtime/initial-weights.js');
  return initialWeights(weightForms(architecture), seed);
}

async function exportPytorch(architecture: Architecture, options: Options): Promise<string[]> {
  const source = pytorchModule(architecture, {
    className: options.className,
    timm: options.timm === true,
  });
  const file = options.out ?? `${timmName(architecture)}.py`;
  if (!file.endsWith('.py')) throw new UserError(`--out: must end in .py, got ${JSON.stringify(file)}`);
  const { replaceFile } = await import('../../../train/weights/replace-file.js');
  if (options.weights === false) {
    replaceFile(file, Buffer.from(source));
    return [file];
  }
  const values = await valuesOf(architecture, options.weights, options.seed);
  const { encodeTensors } = await import('../../../train/weights/safetensors.js');
  const tensors = new Map(
    weightForms(architecture).map((form) => [
      form.name,
      { shape: form.torchShape, values: toTorch(form, values.get(form.path)!), trainable: form.trainable },
    ]),
  );
  const beside = file.replace(/\.py$/, '.safetensors');
  replaceFile(beside, encodeTensors({ tensors, metadata: { format: 'pt' } }));
  replaceFile(file, Buffer.from(source));
  return [file, beside];
}

export function configure(command: Command, io: Io): void {
  command
    .argument('<arch>', architectureHelp)
    .requiredOption('--to <format>', 'pytorch: one Python file of plain torch.nn')
    .option('--out <file>', 'the file; weights go beside it (default: stagecraft_ID.py)')
    .option('--weights <file>', 'weights of a training (default: the initial weights of --seed)')
    .option('--no-weights', 'write no weights')
    .option('--seed <n>', 'seed of the initial weights', wholeNumber(0), 1)
    .option('--class-name <name>', 'name of the network’s class', 'Network')
    .option('--timm', 'register the network with timm as stagecraft_ID')
    .option('--db <file>', 'database to look an id up in (default: newest under reports/)')
    .option('--json', 'print one object: architecture, files')
    .addHelpText(
      'after',
      examples(
        'export search-spaces/ascan-cpu.space@C-CCCT-CCTT-CTTT --to pytorch --out network.py',
        'export 3f9a0c --to pytorch --weights best.safetensors --timm',
      ),
    )
    .action(async (argument: string, options: Options) => {
      if (options.to !== 'pytorch')
        throw new UserError(`--to: must be pytorch, got ${JSON.stringify(options.to)}`);
      if (!/^[A-Za-z_]\w*$/.test(options.className))
        throw new UserError(`--class-name: must be a Python name, got ${JSON.stringify(options.className)}`);
      const architecture = await findArchitecture(argument, options.db);
      const files = await exportPytorch(architecture, options);
      print(
        io,
        options.json
          ? jsonLine({ architecture: architectureId(architecture), files })
          : files.map((file) => `wrote ${file}`).join('\n'),
      );
    });
}
