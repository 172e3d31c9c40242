/**
 * Runs code before it is needed, while the browser is idle: what runs for the first time takes two to three
 * times as long, since the engine has not compiled it yet.
 */

/** Enough that loops over tens of thousands of points are compiled. */
const rounds = 8;

/**
 * @param work leaves no trace; of the whole in the last round, of little in the first, which is slow: an
 *   input waits for it
 */
export function rehearse(work: (share: number) => void, round = 1): void {
  if (typeof requestIdleCallback !== 'function' || round > rounds) return; // not in every browser
  requestIdleCallback(() => {
    work(round / rounds);
    rehearse(work, round + 1);
  });
}
