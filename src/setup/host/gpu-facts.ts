/** Reads devices, driver and memory of NVIDIA GPUs without loading CUDA. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProgramResult, runProgram } from './run-program.js';

export interface GpuDevice {
  /** `GPU-…`, stable over boots and orders. */
  readonly uuid: string;
  readonly name: string;
  readonly totalBytes: number;
  readonly usedBytes: number;
  /** Compute capability, e.g. `9.0`; '' where nvidia-smi does not report it. */
  readonly computeCapability: string;
  /** Processes that hold memory on it. */
  readonly processes: readonly { readonly pid: number; readonly name: string; readonly usedBytes: number }[];
}

export interface GpuFacts {
  /** Whether the machine has NVIDIA hardware, by PCI bus, device files or nvidia-smi. */
  readonly hardware: boolean;
  /** Version of the loaded kernel driver; '' where none is loaded. */
  readonly driver: string;
  /** Whether the device files that a process needs exist (absent in containers started without the GPU). */
  readonly deviceFiles: boolean;
  readonly devices: readonly GpuDevice[];
  /** Why `nvidia-smi` failed; '' where it did not. */
  readonly smiError: string;
}

export interface GpuReadOptions {
  /** Root of `/proc`, `/sys` and `/dev`, for tests. */
  readonly root?: string;
  readonly env?: NodeJS.ProcessEnv;
}

const mebibyte = 2 ** 20;

function pciHasNvidia(root: string): boolean {
  const folder = join(root, 'sys/bus/pci/devices');
  try {
    return readdirSync(folder).some((device) => {
      const read = (file: string) => readFileSync(join(folder, device, file), 'utf8').trim();
      // 0x03: display controllers, so that NVIDIA's network and bridge chips do not count.
      return read('vendor') === '0x10de' && read('class').startsWith('0x03');
    });
  } catch {
    return false;
  }
}

function kernelDriver(root: string): string {
  try {
    return (
      /Kernel Module(?: for \S+)?\s+(\d+(?:\.\d+)+)/.exec(
        readFileSync(join(root, 'proc/driver/nvidia/version'), 'utf8'),
      )?.[1] ?? ''
    );
  } catch {
    return '';
  }
}

const splitCells = (line: string): string[] => line.split(',').map((cell) => cell.trim());
const bytesOf = (cell: string | undefined): number => (Number.parseFloat(cell ?? '') || 0) * mebibyte;

/** Reads `/proc`, `/sys`, `/dev` and `nvidia-smi`. Never throws; takes at most some seconds. */
export async function readGpus(options: GpuReadOptions = {}): Promise<GpuFacts> {
  const root = options.root ?? '/';
  const env = options.env ?? process.env;
  const query = (what: string, fields: string) =>
    runProgram('nvidia-smi', [`--query-${what}=${fields}`, '--format=csv,noheader,nounits'], {
      env,
      timeoutMs: 10_000,
    });
  const deviceFiles = existsSync(join(root, 'dev/nvidiactl'));
  const fields = 'uuid,name,driver_version,memory.total,memory.used';
  let smi = await query('gpu', `${fields},compute_cap`);
  // an old driver's tool
  if (smi.code > 0 && /not a valid field/i.test(smi.tail)) smi = await query('gpu', fields);
  const rows =
    smi.code === 0
      ? smi.stdout
          .split('\n')
          .filter((line) => line.startsWith('GPU-') || line.startsWith('MIG-'))
          .map(splitCells)
      : [];
  const holders =
    rows.length === 0
      ? []
      : (await query('compute-apps', 'gpu_uuid,pid,process_name,used_memory')).stdout
          .split('\n')
          .map(splitCells);
  const devices = rows.map(
    (row): GpuDevice => ({
      uuid: row[0]!,
      name: row[1] ?? '',
      totalBytes: bytesOf(row[3]),
      usedBytes: bytesOf(row[4]),
      computeCapability: row[5] ?? '',
      processes: holders
        .filter((cell) => cell[0] === row[0] && cell.length >= 4)
        .map((cell) => ({ pid: Number(cell[1]), name: cell[2] ?? '', usedBytes: bytesOf(cell[3]) })),
    }),
  );
  const driver = kernelDriver(root) || (rows[0]?.[2] ?? '');
  return {
    hardware: devices.length > 0 || driver !== '' || deviceFiles || pciHasNvidia(root),
    driver,
    deviceFiles,
    devices,
    smiError: smiErrorOf(smi),
  };
}

function smiErrorOf({ code, tail }: ProgramResult): string {
  if (code === 0) return '';
  if (code === -2) return 'nvidia-smi: not found';
  return tail.split('\n').find((line) => line.trim() !== '') ?? `nvidia-smi: exit ${code}`;
}

/** Compares dotted versions: negative where `a` is older. */
export function compareVersions(a: string, b: string): number {
  const parts = (version: string) => version.split('.').map(Number);
  const [left, right] = [parts(a), parts(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
