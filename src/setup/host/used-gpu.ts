/** The GPU that this process computes on and the memory that it holds there, by `nvidia-smi`. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface UsedGpu {
  readonly uuid: string;
  readonly name: string;
  readonly driver: string;
  /** E.g. `9.0`; '' where nvidia-smi does not report it. */
  readonly computeCapability: string;
}

/** Rows of a query; undefined where nvidia-smi fails. */
function query(what: 'gpu' | 'compute-apps', fields: string): string[][] | undefined {
  try {
    const text = execFileSync('nvidia-smi', [`--query-${what}=${fields}`, '--format=csv,noheader,nounits'], {
      encoding: 'utf8',
      timeout: 10_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => line.split(',').map((cell) => cell.trim()));
  } catch {
    return undefined;
  }
}

/**
 * The GPU that TensorFlow uses: the first in CUDA_VISIBLE_DEVICES, by index, UUID or its beginning; a MIG
 * slice by its own UUID. Without nvidia-smi, what `/proc` says. Undefined where there is none.
 * @param root of `/proc`, for tests
 */
export function usedGpu(
  env: Readonly<Record<string, string | undefined>> = process.env,
  root = '/',
): UsedGpu | undefined {
  const fields = 'index,uuid,name,driver_version';
  // older versions have no compute_cap
  const rows = query('gpu', `${fields},compute_cap`) ?? query('gpu', fields) ?? [];
  const wanted = env['CUDA_VISIBLE_DEVICES']?.split(',').at(0)?.trim();
  if (rows.length === 0) return gpuOfProc(wanted, root);
  const slice = wanted?.startsWith('MIG-') ? migSlices(listing()).get(wanted) : undefined;
  const row = wanted?.startsWith('MIG-')
    ? (rows.find(([, uuid]) => uuid === slice?.board) ?? rows[0])
    : rows.find(
        ([index, uuid]) =>
          wanted === undefined || wanted === index || (wanted !== '' && uuid!.startsWith(wanted)),
      );
  if (row?.[3] === undefined) return undefined;
  return {
    uuid: wanted?.startsWith('MIG-') ? wanted : row[1]!,
    name: slice === undefined ? row[2]! : `${row[2]!} MIG ${slice.profile}`,
    driver: row[3],
    computeCapability: row[4] ?? '',
  };
}

const listing = (): string => {
  try {
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    return execFileSync('nvidia-smi', ['-L'], { encoding: 'utf8', timeout: 10_000, stdio: [...stdio] });
  } catch {
    return '';
  }
};

/** MIG slices of `nvidia-smi -L` by UUID: the board's UUID and the profile, e.g. `1g.10gb`. Pure. */
export function migSlices(
  text: string,
): ReadonlyMap<string, { readonly board: string; readonly profile: string }> {
  const slices = new Map<string, { readonly board: string; readonly profile: string }>();
  let board = '';
  for (const line of text.split('\n')) {
    board = /^GPU \d+:.*UUID: (GPU-[^)]+)\)/.exec(line)?.[1] ?? board;
    const slice = /^\s+MIG (\S+)\s+Device.*UUID: (MIG-[^)]+)\)/.exec(line);
    if (slice) slices.set(slice[2]!, { board, profile: slice[1]! });
  }
  return slices;
}

/** Without nvidia-smi, as in many containers: what the driver says of its only GPU, or of the named one. */
function gpuOfProc(wanted: string | undefined, root: string): UsedGpu | undefined {
  const folder = join(root, 'proc/driver/nvidia');
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  try {
    const boards = readdirSync(join(folder, 'gpus')).map((bus) => {
      const text = read(join('gpus', bus, 'information'));
      const field = (name: string): string =>
        new RegExp(`^${name}:\\s*(.+)$`, 'm').exec(text)?.[1]?.trim() ?? '';
      return { uuid: field('GPU UUID'), name: field('Model') };
    });
    const named = boards.filter(({ uuid }) => wanted?.startsWith('GPU-') && uuid.startsWith(wanted));
    const board = boards.length === 1 ? boards[0] : named[0];
    if (board === undefined || board.uuid === '' || wanted === '' || wanted === '-1') return undefined;
    const driver = /Kernel Module(?: for \S+)?\s+(\d+(?:\.\d+)+)/.exec(read('version'))?.[1] ?? '';
    return { ...board, driver, computeCapability: '' };
  } catch {
    return undefined;
  }
}

const mebibyte = 2 ** 20;
interface Holdings {
  readonly used: number;
  readonly processes: ReadonlyMap<number, number>;
}

function holdings(uuid: string): Holdings | undefined {
  const used = Number(query('gpu', 'uuid,memory.used')?.find((row) => row[0] === uuid)?.[1]);
  if (!Number.isFinite(used)) return undefined;
  const rows = query('compute-apps', 'gpu_uuid,pid,used_memory') ?? [];
  return {
    used: used * mebibyte,
    processes: new Map(
      rows.filter((row) => row[0] === uuid).map((row) => [Number(row[1]), Number(row[2]) * mebibyte]),
    ),
  };
}

export interface DeviceMemory {
  /** Device memory that this process holds; undefined where other processes cannot be excluded. */
  peakBytes(): number | undefined;
}

/**
 * Watches the memory of a GPU; call it before TensorFlow allocates any. TensorFlow's pool never shrinks, so
 * what the process holds now is its peak so far. That includes CUDA's own part (some hundred megabytes) and
 * the unused rest of the pool. The process is found by its id, or in a container, where the driver may list
 * another id or none, by what was added since.
 */
export function watchDeviceMemory(uuid: string, pid = process.pid): DeviceMemory | undefined {
  const before = holdings(uuid);
  if (before === undefined) return undefined;
  return {
    peakBytes() {
      const now = holdings(uuid);
      if (now === undefined) return undefined;
      const own = now.processes.get(pid);
      if (own !== undefined && Number.isFinite(own)) return own;
      const added = [...now.processes].filter(([other]) => !before.processes.has(other));
      if (added.length > 1) return undefined; // another process has started too
      const [, bytes] = added[0] ?? [];
      return bytes !== undefined && Number.isFinite(bytes) ? bytes : Math.max(0, now.used - before.used);
    },
  };
}
