/** `verify-device`: whether a device and runtime compute, time and report memory as rows claim. */
import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { Check, Verification } from '../../../profile/verify/verification.js';
import { verifyDevice } from '../../../profile/verify/verify-device.js';
import { recordVerified } from '../../../setup/verified/verified-devices.js';
import { UserError } from '../../../util/errors.js';
import { interruptible } from '../../interruptible.js';
import { addRuntime, probeRequest, type RuntimeFlags } from '../../options/compute-options.js';
import { examples, wholeNumber } from '../../options/option-parsers.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { verificationText } from '../../output/verification-text.js';

interface Options extends RuntimeFlags {
  readonly threads: number;
  readonly json?: boolean;
  readonly out?: string;
}

export function configure(command: Command, io: Io): void {
  addRuntime(command)
    .option('-t, --threads <count>', 'threads of the engine; 0 for all cores', wholeNumber(0), 0)
    .option('--json', 'print one object: deviceKey, modes, passed, checks, …')
    .addOption(new Option('--out <file>', 'write that object to a file, which holds nothing personal'))
    .addHelpText(
      'after',
      `
Takes about two minutes. Runs every block of the table in every precision of the runtime, forward and one
training step, and compares with float32 results that another runtime computes on the CPU. Then checks
that time scales with work, that a read-back waits, that the clock resolves, and that memory is seen.
A pass is kept in the user's cache; until then rows of GPUs and of runtimes other than TensorFlow on the
CPU are marked as not verified. Exits with 2 where a check fails.
${examples(
  'verify-device',
  'verify-device --runtime wasm --json',
  'verify-device --precision float32 --out findings.json',
)}`,
    )
    .action((options: Options) => verify(options, io));
}

async function verify(options: Options, io: Io): Promise<void> {
  const request = probeRequest(options);
  const { packageVersion } = await import('../../../setup/host/package-version.js');
  const progress = progressLine(io);
  const found = await interruptible((signal) =>
    verifyDevice(request, {
      signal,
      stagecraft: packageVersion(),
      now: () => new Date(),
      onProgress: progress.show,
    }),
  ).finally(progress.clear);
  if (options.out !== undefined) write(options.out, found);
  if (found.passed)
    recordVerified({ ...found.deviceKey, modes: found.modes, verifiedAt: found.createdAt }, io.env);
  print(io, options.json ? jsonLine(found) : verificationText(found, io));
  if (!found.passed)
    throw new UserError(`verify-device: every check must pass, got ${failures(found)} failed`);
}

const failures = ({ checks }: Verification): number =>
  checks.filter(({ outcome }: Check) => outcome === 'failed').length;

function write(file: string, found: Verification): void {
  try {
    writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
  } catch (error) {
    throw new UserError(`--out: the file must be writable, got ${JSON.stringify(file)}`, { cause: error });
  }
}

/** One line that changes in place on a terminal; elsewhere a line per mode. */
function progressLine(io: Io): { show(what: string): void; clear(): void } {
  let last = '';
  return {
    show(what) {
      if (io.isInteractive) io.stderr.write(`\r\u001B[2K${what.slice(0, io.width - 1)}`);
      else {
        const mode = /^(reference \S+|compiled \S+|eager \S+)/.exec(what)?.[1] ?? what;
        if (mode !== last) io.stderr.write(`${mode}\n`);
        last = mode;
      }
    },
    clear() {
      if (io.isInteractive) io.stderr.write('\r\u001B[2K');
    },
  };
}
