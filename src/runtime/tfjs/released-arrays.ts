/**
 * Frees arrays whose values TensorFlow has copied. V8 counts their memory but waits long before it collects
 * them: 200 MB of a process that holds 100 MB of weights.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const collectAfterBytes = 32 * 2 ** 20;
let released = 0;
let collect: (() => void) | undefined;

/** Counts an array that nothing refers to any more, and collects garbage after every 32 MiB of them. */
export function releasedArray(bytes: number): void {
  released += bytes;
  if (released < collectAfterBytes) return;
  released = 0;
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
  }
  collect();
}
