/** `setup`: the native engine, once per user; every clone shares it. */
import { type Command, Option } from 'commander';
import { createProgressPrinter } from '../../../setup/host/setup-progress.js';
import { runSetup, type SetupResult } from '../../../setup/install/run-setup.js';
import { interruptible } from '../../interruptible.js';
import { examples } from '../../options/option-parsers.js';
import { asCalled } from '../../output/as-called.js';
import { type Io, jsonLine, print } from '../../output/io.js';

interface Options {
  readonly device: 'auto' | 'cpu' | 'gpu';
  readonly tensorflow?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

export function configure(command: Command, io: Io): void {
  command
    .addOption(
      new Option(
        '--device <kind>',
        'gpu: CUDA, for NVIDIA GPUs; auto: gpu where one has a suitable driver, else cpu',
      )
        .choices(['auto', 'cpu', 'gpu'])
        .default('auto'),
    )
    .option(
      '--tensorflow <folder>',
      'use this TensorFlow: a site-packages/tensorflow, or a folder with its libraries',
    )
    .option('--force', 'build again although an engine is installed')
    .option('--dry-run', 'print the plan, install nothing')
    .option('--verbose', 'show the output of pip, npm and the compiler')
    .option('--json', 'print one object at the end')
    .addHelpText(
      'after',
      `
Downloads TensorFlow's libraries with pip (about 300 MB; more with CUDA), builds the Node binding
against them, and proves the result by running it. After an interruption the next call resumes.
${examples('setup', 'setup --dry-run', 'setup --tensorflow ~/venv/lib/python3.12/site-packages/tensorflow')}`,
    )
    .action(async (options: Options) => {
      const printer = createProgressPrinter({
        verbose: options.verbose ?? false,
        worded: (line) => asCalled(line, io),
      });
      try {
        const result = await interruptible((signal) =>
          runSetup({ ...options, signal, onProgress: printer.onProgress }),
        );
        printer.close();
        print(io, options.json ? jsonLine(result) : describe(result));
      } finally {
        printer.close();
      }
    });
}

function describe({ state, plan, engine }: SetupResult): string {
  if (state === 'planned' || !engine) {
    const what =
      plan.kind === 'own'
        ? `link the TensorFlow in ${plan.tensorflowFolder}`
        : `download ${plan.downloadMegabytes} MB (${plan.wheels.map((wheel) => wheel.name).join(', ')})`;
    return (
      `would ${what} and build the ${plan.kind} engine; ` +
      `needs ${plan.diskMegabytes} MB while building; nothing was done`
    );
  }
  const { measured, tensorflowVersion, tfjsVersion } = engine.info;
  return [
    `${state === 'built' ? 'engine built' : 'engine is there'}: ` +
      `tfjs-node-gpu ${tfjsVersion} on TensorFlow ${tensorflowVersion} (${measured.device})`,
    `  ${engine.folder}`,
    ...(measured.matmulGflops > 0
      ? [
          `  measured: matmul ${Math.round(measured.matmulGflops / 2)} GMAC/s, ` +
            `convolution ${Math.round(measured.convGflops / 2)}, ` +
            `its gradient ${Math.round(measured.convGradientGflops / 2)} (${measured.threads} threads)`,
        ]
      : []),
  ].join('\n');
}
