/** Replaces a file of a report, whose text may be larger than the memory should hold. */
import { rename, rm, writeFile } from 'node:fs/promises';

/**
 * A reader finds either the old file or the new one, whole.
 * @param text whole or in pieces, of which one at a time is in memory
 */
export async function replaceInPieces(file: string, text: string | Iterable<string>): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    await writeFile(part, typeof text === 'string' ? text : inLargePieces(text), { flush: true });
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

const pieceLength = 2 ** 20;

/** Each piece becomes one write. */
function* inLargePieces(pieces: Iterable<string>): Generator<string> {
  let waiting: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length < pieceLength) continue;
    yield waiting.join('');
    [waiting, length] = [[], 0];
  }
  yield waiting.join('');
}
