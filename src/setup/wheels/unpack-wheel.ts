/** Extracts the kept members of a wheel with Python's zipfile; pip needs Python anyway. */
import { mkdirSync } from 'node:fs';
import type { Tool } from '../host/host-facts.js';
import { runProgram } from '../host/run-program.js';
import { setupFailure } from '../host/setup-failure.js';
import type { OnProgress } from '../host/setup-progress.js';
import type { Wheel } from './wheel-table.js';

/**
 * Arguments: wheel, target folder, JSON of the rules `[[from, ending, to], …]`; the first rule that matches a
 * member decides its path. Refuses paths outside the target. Prints `done total` in bytes repeatedly.
 */
const script = `
import fnmatch, json, os, sys, zipfile
wheel, target, rules = sys.argv[1], os.path.realpath(sys.argv[2]), json.loads(sys.argv[3])
archive, chosen = zipfile.ZipFile(wheel), []
for member in archive.infolist():
    name = member.filename
    for start, ending, to in rules:
        if name.startswith(start) and not name.endswith("/") and fnmatch.fnmatch(name, "*" + ending):
            path = os.path.realpath(os.path.join(target, to + name[len(start):]))
            if not path.startswith(target + os.sep):
                sys.exit("a member would leave the folder: " + name)
            chosen.append((member, path))
            break
total, done, shown = sum(m.file_size for m, _ in chosen), 0, 0
for member, path in chosen:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with archive.open(member) as source, open(path, "wb") as sink:
        while True:
            block = source.read(1 << 22)
            if not block:
                break
            sink.write(block)
            done += len(block)
            if done - shown > 20000000:
                shown = done
                print(done, total, flush=True)
    mode = member.external_attr >> 16
    if mode & 0o111:
        os.chmod(path, 0o755)
print(done, total, flush=True)
if not chosen:
    sys.exit("the wheel holds none of the files that are needed")
`;

export interface UnpackOptions {
  readonly python: Tool;
  readonly target: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: OnProgress;
}

/**
 * Extracts the members that `wheel.keep` selects into `options.target`.
 * @throws UserError; InterruptedError
 */
export async function unpackWheel(wheel: Wheel, file: string, options: UnpackOptions): Promise<void> {
  mkdirSync(options.target, { recursive: true });
  const text = `unpack ${wheel.name} ${wheel.version}`;
  const rules = JSON.stringify(wheel.keep.map(({ from, ending, to }) => [from, ending, to]));
  const result = await runProgram(options.python.command, ['-c', script, file, options.target, rules], {
    signal: options.signal,
    onLine: (line) => {
      const match = /^(\d+) (\d+)$/.exec(line);
      if (match !== null)
        options.onProgress({
          kind: 'bytes',
          text,
          done: Number(match[1]),
          total: Math.max(1, Number(match[2])),
        });
    },
  });
  if (result.code !== 0)
    throw setupFailure(
      `unpacking ${wheel.name} ${wheel.version}`,
      result.tail || `python ended with ${result.signal || result.code}`,
    );
}
