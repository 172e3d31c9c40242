/**
 * Temporary folders whose names say which process they belong to, so that what a killed process left behind
 * can be removed by the next one: `stagecraft-KIND-PLACE-PID-XXXXXX`. PLACE stands for the machine and its
 * namespace of process ids: a container that shares the folder has processes of the same numbers, and those
 * cannot be asked about from here.
 */
import { createHash } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

const namePattern = /^stagecraft-[a-z]+-([0-9a-f]{8})-(\d+)-[A-Za-z0-9]{6}$/;
/** A folder of a process that cannot be asked about is taken for forgotten after this long. */
const forgottenMs = 24 * 3600 * 1000;

/** Tells this machine's process ids from those of other machines and containers. */
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
 * Makes a folder of this process. Whoever makes it removes it; `removeStaleFolders` does where the process
 * was killed. @param kind lower-case letters
 */
export const temporaryFolder = (kind: string): string =>
  mkdtempSync(join(tmpdir(), `stagecraft-${kind}-${machineId()}-${process.pid}-`));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // EPERM: somebody else's, and alive
  }
}

/**
 * Removes this user's folders whose process is dead. Those of live processes, of other users and of other
 * machines or containers stay, the last for a day. Never throws: what cannot be removed stays too.
 * @param dead a process that is known to be dead, though its id may still be taken by its remains
 * @returns names of the folders that were removed
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
    // no temporary folder: nothing is in it
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
      // another process was faster, or it is not ours to remove
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
