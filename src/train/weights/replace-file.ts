/** Atomic, durable replacement of a file. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a file atomically: a reader finds either the old or the new one, whole. Flushes the new bytes to
 * disk before the rename, and the folder after it. Creates the folder where it is missing.
 * @throws where the disk is full or not writable
 */
export function replaceFile(file: string, bytes: Buffer): void {
  mkdirSync(dirname(file), { recursive: true });
  const beside = `${file}.tmp`;
  const handle = openSync(beside, 'w');
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(beside, file);
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
