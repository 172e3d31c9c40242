/**
 * Peak memory of a list of operations (liveness analysis). A buffer is live from the operation that produces
 * it to the last one that reads it. While an operation runs, its inputs and its output are live together. No
 * operation works in place; a reshape is a view.
 */
/** One executed operation; tensors are numbered. */
export interface Operation {
  readonly kind: string;
  /** Path of the scope it ran in. */
  readonly scope: string;
  readonly inputs: readonly number[];
  readonly output: number;
  readonly shape: readonly number[];
  /** Multiply-accumulates: convolutions, linear layers and matrix products only. */
  readonly macs: number;
}

/**
 * @param bufferOf tensor → buffer that holds it; undefined: not counted (weights and what derives from
 * weights alone)
 * @param bytesOf buffer → bytes
 * @param inputs tensors that are there at the beginning @param kept tensors that live to the end (the result)
 */
export function peakLiveBytes(
  operations: readonly Operation[],
  inputs: readonly number[],
  kept: readonly number[],
  bufferOf: (tensor: number) => number | undefined,
  bytesOf: (buffer: number) => number,
): number {
  const lastUse = new Map<number, number>();
  operations.forEach(({ inputs, output }, step) => {
    for (const tensor of [...inputs, output]) {
      const buffer = bufferOf(tensor);
      if (buffer !== undefined) lastUse.set(buffer, step);
    }
  });
  for (const tensor of kept) {
    const end = bufferOf(tensor);
    if (end !== undefined) lastUse.set(end, operations.length);
  }

  const live = new Set<number>();
  let bytes = 0;
  let peak = 0;
  const enter = (buffer: number | undefined): void => {
    if (buffer === undefined || live.has(buffer)) return;
    live.add(buffer);
    bytes += bytesOf(buffer);
    peak = Math.max(peak, bytes);
  };
  inputs.forEach((input) => enter(bufferOf(input)));
  operations.forEach(({ inputs, output }, step) => {
    enter(bufferOf(output));
    for (const tensor of [...inputs, output]) {
      const buffer = bufferOf(tensor);
      if (buffer !== undefined && live.has(buffer) && lastUse.get(buffer) === step) {
        live.delete(buffer);
        bytes -= bytesOf(buffer);
      }
    }
  });
  return peak;
}
