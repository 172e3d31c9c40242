/** What the doctor says of the engine's own kernels. Pure. */
import type { Finding } from './gpu-findings.js';
import { enabledKernels, type KernelTable, kernelNames, mostDifference } from './kernel-table.js';
import type { KernelState } from './processor-kernels.js';

const warning = (id: string, text: string, fix: string): Finding => ({ id, level: 'warning', text, fix });
const note = (id: string, text: string): Finding => ({ id, level: 'note', text, fix: '' });

/** For an engine that runs on the CPU. */
export function kernelFindings(
  kernels: KernelState,
  env: Readonly<Record<string, string | undefined>>,
): Finding[] {
  if (env['STAGECRAFT_KERNELS'] === 'off')
    return [note('kernels-off', "the engine's own kernels are off: STAGECRAFT_KERNELS=off")];
  switch (kernels.state) {
    case 'built':
      return trialFindings(kernels.table);
    case 'unproven':
      return [
        warning(
          'kernels-unproven',
          `the engine's own kernels are not used: ${kernels.reason}`,
          'run `npx stagecraft setup`',
        ),
      ];
    case 'broken':
      return [
        warning(
          'kernels-broken',
          `the engine's own kernels are not used: ${kernels.reason}`,
          `delete ${kernels.file} and run \`npx stagecraft setup\``,
        ),
      ];
    case 'absent':
      return [
        warning(
          'kernels-absent',
          "the engine's own kernels are not built for this processor: training and inference are slower",
          'run `npx stagecraft setup`',
        ),
      ];
    case 'failed':
      return [
        warning(
          'kernels-failed',
          `the engine's own kernels could not be built: ${kernels.reason}`,
          'run `npx stagecraft setup --force` with a C++ 17 compiler (GCC 9, clang 10 or later)',
        ),
      ];
    default:
      return kernels satisfies never;
  }
}

/** Which kernels are on and what each gains, and those that are off with the reason. */
function trialFindings(table: KernelTable): Finding[] {
  const enabled = enabledKernels(table);
  const gains = [...enabled].map((name) => `${name} ${table.results[name]!.gain.toFixed(2)}×`);
  const off = kernelNames.flatMap((name) => {
    const result = table.results[name];
    if (enabled.has(name) || result === undefined) return [];
    if (result.error !== '') return [`${name} (${result.error})`];
    if (result.difference > mostDifference)
      return [`${name} (differs by ${result.difference.toPrecision(2)})`];
    return [`${name} ${result.gain.toFixed(2)}×`];
  });
  return [
    enabled.size > 0
      ? {
          id: 'kernels-used',
          level: 'ok' as const,
          text: `own kernels that beat TensorFlow's here: ${gains.join(', ')}`,
          fix: '',
        }
      : note('kernels-none', "no own kernel beats TensorFlow's here: TensorFlow's ops are used"),
    ...(off.length > 0 ? [note('kernels-left-out', `own kernels left out: ${off.join(', ')}`)] : []),
  ];
}
