/** Runs a command within the test's process: what it wrote, and its exit code. Needs no build. */
import pc from 'picocolors';
import { runCli } from '../../src/cli/program.js';
import type { Answer } from './run-cli.js';

export async function inProcess(args: readonly string[], width = 100): Promise<Answer> {
  const [out, err]: [string[], string[]] = [[], []];
  const collect = (lines: string[]) => ({ write: (text: string) => lines.push(text) > 0 });
  const code = await runCli(args, {
    stdout: collect(out),
    stderr: collect(err),
    env: {},
    colours: pc.createColors(false),
    isInteractive: false,
    width,
  });
  return { code, out: out.join(''), err: err.join('') };
}
