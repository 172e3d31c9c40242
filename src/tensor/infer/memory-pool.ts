/**
 * TensorFlow's memory pool, simulated on sizes alone. It takes regions from the system, each twice as large
 * as the last; no chunk crosses their bounds. Freed chunks are joined and taken again, best fit first; a
 * chunk is divided only where it is at least twice as large as needed. So a pool takes more than its live
 * tensors. https://github.com/openxla/xla/blob/main/xla/tsl/framework/bfc_allocator.cc
 */
const alignment = 256;
/** A rest above it is divided off in any case. */
const mostWaste = 128 * 2 ** 20;
const firstRegion = 2 * 2 ** 20;

export interface Chunk {
  readonly region: number;
  readonly start: number;
  readonly size: number;
}
type OwnChunk = { -readonly [Member in keyof Chunk]: Chunk[Member] } & { isFree: boolean };

/** Chunks of one bin differ in size by less than a factor of two; the smallest bin that has one is taken. */
const binOf = (size: number): number => Math.floor(Math.log2(size / alignment));

export class MemoryPool {
  /** By region and start, without gaps inside a region. */
  private readonly chunks: OwnChunk[] = [];
  /** By region: bytes up to the end of the highest part that was ever used. */
  private readonly used: number[] = [];
  private nextRegion = firstRegion;

  /** Memory of regions that was never used takes none of the system's. */
  get usedBytes(): number {
    return this.used.reduce((sum, bytes) => sum + bytes, 0);
  }

  /** @returns the chunk, which `release` takes */
  take(bytes: number): Chunk {
    const needed = Math.max(1, Math.ceil(bytes / alignment)) * alignment;
    let best: OwnChunk | undefined;
    for (const chunk of this.chunks)
      if (chunk.isFree && chunk.size >= needed && (!best || isBetter(chunk, best))) best = chunk;
    best ??= this.extend(needed);
    if (best.size >= 2 * needed || best.size - needed >= mostWaste) {
      const { region, start, size } = best;
      const rest = { region, start: start + needed, size: size - needed, isFree: true };
      this.chunks.splice(this.chunks.indexOf(best) + 1, 0, rest);
      best.size = needed;
    }
    best.isFree = false;
    this.used[best.region] = Math.max(this.used[best.region]!, best.start + needed);
    return best;
  }

  release(taken: Chunk): void {
    const chunk = taken as OwnChunk;
    const at = this.chunks.indexOf(chunk);
    chunk.isFree = true;
    const [before, after] = [this.chunks[at - 1], this.chunks[at + 1]];
    if (after?.isFree && after.region === chunk.region) {
      chunk.size += after.size;
      this.chunks.splice(at + 1, 1);
    }
    if (before?.isFree && before.region === chunk.region) {
      before.size += chunk.size;
      this.chunks.splice(at, 1);
    }
  }

  private extend(needed: number): OwnChunk {
    const grows = this.nextRegion < needed;
    while (this.nextRegion < needed) this.nextRegion *= 2;
    const chunk = { region: this.used.push(0) - 1, start: 0, size: this.nextRegion, isFree: true };
    if (!grows) this.nextRegion *= 2;
    this.chunks.push(chunk);
    return chunk;
  }
}

function isBetter(chunk: Chunk, than: Chunk): boolean {
  const [bin, other] = [binOf(chunk.size), binOf(than.size)];
  return bin < other || (bin === other && chunk.size < than.size);
}
