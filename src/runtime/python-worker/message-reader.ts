/** Cuts a stream of bytes into messages. */
import { type RawMessage, tensorHeaders } from './worker-messages.js';

/** Longest line that is read before the stream counts as garbage, bytes. */
const longestLine = 2 ** 22;
const newline = 0x0a;

export class MessageReader {
  private chunks: Uint8Array[] = [];
  private held = 0;
  private pending: { readonly line: string; readonly bytes: number } | undefined;
  private broken = false;

  /** @param onInvalid gets the beginning of what is no message; nothing is read after it */
  constructor(
    private readonly onMessage: (message: RawMessage) => void,
    private readonly onInvalid: (text: string) => void,
  ) {}

  add(chunk: Uint8Array): void {
    if (this.broken) return;
    this.chunks.push(chunk);
    this.held += chunk.length;
    // a payload of many chunks is joined once, when it is whole
    while (!this.broken && (this.pending ? this.held >= this.pending.bytes : this.held > 0))
      if (!this.next()) return;
  }

  /** Takes one line or payload. @returns whether there was one */
  private next(): boolean {
    const bytes = this.joined();
    if (this.pending) {
      const { line, bytes: size } = this.pending;
      this.pending = undefined;
      this.rest(bytes.subarray(size));
      this.onMessage({ line, payload: bytes.slice(0, size) });
      return true;
    }
    const end = bytes.indexOf(newline);
    if (end < 0) {
      if (bytes.length > longestLine) this.refuse(bytes);
      return false;
    }
    const line = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('utf8');
    const headers = tensorHeaders(line);
    if (!headers) {
      this.refuse(bytes.subarray(0, end));
      return false;
    }
    this.pending = { line, bytes: headers.reduce((sum, header) => sum + header.bytes, 0) };
    this.rest(bytes.subarray(end + 1));
    return true;
  }

  private joined(): Uint8Array {
    if (this.chunks.length !== 1) this.chunks = [Buffer.concat(this.chunks)];
    return this.chunks[0]!;
  }

  private rest(bytes: Uint8Array): void {
    this.chunks = [bytes];
    this.held = bytes.length;
  }

  private refuse(bytes: Uint8Array): void {
    this.broken = true;
    this.onInvalid(Buffer.from(bytes.subarray(0, 200)).toString('utf8'));
  }
}
