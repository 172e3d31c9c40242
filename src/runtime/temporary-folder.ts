/**
 * Temporary folders named after their process, so that another process can remove those of a killed one:
 * `stagecraft-KIND-MACHINE-PID-XXXXXX`. MACHINE is a hash of the host and its namespace of process ids, since
 * containers that share the folder have processes with equal ids.
 */
import { createHash } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

const namePattern = /^stagecraft-[a-z]+-([0-9a-f]{8})-(\d+)-[A-Za-z0-9]{6}$/;
/** Age from which a folder of another machine is removed. */
const forgottenMs = 24 * 3600 * 1000;

/** Hash of the host and its namespace of process ids. */
function machineId(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // not Linux: one namespace per machine
  }
  return createHash('sha256').update(`${hostname()} ${namespace}`).digest('hex').slice(0, 8);
}

/**
 * Creates a folder of this process. The caller removes it; `removeStaleFolders` does where the process was
 * killed. @param kind lower-case letters
 */
export const temporaryFolder = (kind: string): string =>
  mkdtempSync(join(tmpdir(), `stagecraft-${kind}-${machineId()}-${process.pid}-`));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // EPERM: alive, of another user
  }
}

/**
 * Removes this user's folders whose process is dead, and those of other machines or containers after a day.
 * Never throws.
 * @param options.dead a process that has just died, whose id may still be in use by its zombie
 * @returns names of the removed folders
 */
export function removeStaleFolders(
  options: { readonly dead?: number | undefined; readonly folder?: string; readonly now?: number } = {},
): string[] {
  const { dead, folder = tmpdir(), now = Date.now() } = options;
  const [here, user] = [machineId(), process.getuid?.()];
  const removed: string[] = [];
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch {
    // the folder does not exist
  }
  for (const name of names) {
    const [, where, pid] = namePattern.exec(name) ?? [];
    if (pid === undefined) continue;
    try {
      const state = lstatSync(join(folder, name));
      if (!state.isDirectory() || (user !== undefined && state.uid !== user)) continue;
      const stale =
        where === here ? Number(pid) === dead || !isAlive(Number(pid)) : now - state.mtimeMs > forgottenMs;
      if (!stale) continue;
      rmSync(join(folder, name), { recursive: true, force: true });
      removed.push(name);
    } catch {
      // another process removed it, or this user may not
    }
  }
  return removed;
}

let swept = false;

/** `removeStaleFolders`, once per process. */
export function removeStaleFoldersOnce(): void {
  if (!swept) removeStaleFolders();
  swept = true;
}
