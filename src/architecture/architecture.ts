/**
 * An architecture: frozen plain data, complete (defaults filled in), independent of any engine. Its
 * canonical text is RFC 8785 canonical JSON, which parses back to the same value; its id is a hash of that
 * text.
 *
 * Enters: text or plain values. Leaves: architecture values, their canonical text and id, layouts and
 * differences. Callers: every layer above; this folder imports only `util`.
 */
import type { ParamValues } from '../util/params.js';

/** The type of a part with all its parameters, e.g. `conv(kernel: 3, stride: 1)`. */
export interface PartSpec {
  readonly type: string;
  readonly params: ParamValues;
}

export interface BlockSpec extends PartSpec {
  /** Letter in layouts: one upper-case letter, optionally followed by a mark without digits. */
  readonly letter: string;
}

export interface Stage {
  /** Channels at the end of the stage. */
  readonly width: number;
  /** Layer before the stage's blocks; null: none, the first block then strides by `firstStride`. */
  readonly downsample: PartSpec | null;
  /** Stride of the first block where `downsample` is null: 1 keeps the resolution, 2 halves it. */
  readonly firstStride: 1 | 2;
  readonly blocks: readonly BlockSpec[];
}

export interface Architecture {
  readonly input: { readonly height: number; readonly width: number; readonly channels: number };
  readonly classes: number;
  /** `width`: channels of the stem's output. */
  readonly stem: PartSpec & { readonly width: number };
  readonly stages: readonly Stage[];
  readonly head: PartSpec;
}
