/**
 * What a pass holds at once in TensorFlow's CPU pool, from the pool's own log: every allocation and release
 * with its size. The log costs time, so its process measures nothing else.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineWorker } from '../pytorch/workers.js';
import type { Cell } from './network-table.js';

/** Lines that the child writes around the pass. */
export const passMarks = { start: 'pass starts', end: 'pass ends' } as const;

/** TensorFlow logs each allocation at this level; the lines of the pool have no other source. */
const logged = { TF_CPP_MIN_LOG_LEVEL: '0', TF_CPP_VMODULE: 'bfc_allocator=3' };

/**
 * Bytes of a network's second pass: the highest sum of what the pool has given out, less what it had given
 * out when the pass began. The first pass keeps constants that TensorFlow computes once. Tensors under
 * 256 KiB are not the pool's.
 */
export async function heldInPass(threads: number, { network, step, batch }: Cell): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'stagecraft-pool-'));
  const path = join(folder, 'log.txt');
  const file = openSync(path, 'w');
  const worker = await engineWorker(threads, logged, join(import.meta.dirname, 'engine-side.ts'), file);
  try {
    const prepare = { do: 'prepare', name: 'one', network, batch, step, passes: 1 };
    const { error } = await worker.ask<{ error?: string }>(prepare);
    if (error !== undefined) throw new Error(`pool log: ${error}`);
    await worker.ask({ do: 'marked-pass', name: 'one' });
    return peakHeldBytes(readFileSync(path, 'utf8'));
  } finally {
    worker.end();
    closeSync(file);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws Error where the log has no pass, or none of its allocations */
export function peakHeldBytes(log: string): number {
  const start = log.indexOf(passMarks.start);
  const end = log.indexOf(passMarks.end, start);
  if (start < 0 || end < 0) throw new Error('pool log: it must hold a whole pass');
  let [heldBytes, peakBytes, allocations] = [0, 0, 0];
  const changes = /AllocateRaw mklcpu\s+(\d+) 0x|DeallocateRaw mklcpu (\d+)/g;
  for (const [, taken, given] of log.slice(start, end).matchAll(changes)) {
    if (taken !== undefined) allocations++;
    heldBytes += Number(taken ?? 0) - Number(given ?? 0);
    peakBytes = Math.max(peakBytes, heldBytes);
  }
  if (allocations === 0) throw new Error('pool log: it must hold allocations, got none');
  return peakBytes;
}
