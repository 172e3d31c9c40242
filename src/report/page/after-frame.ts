/** Work that may follow the frame which answers an action: figures that are not on the screen. */

/** @returns asks for the work; what was asked before the frame is done once */
export function afterFrame(work: () => void): () => void {
  let isAsked = false;
  const follow = (): void => {
    isAsked = false;
    work();
  };
  return () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => setTimeout(follow)); // runs before the frame; the timer after it
  };
}
