/** The contract of a progress view. */
import type { RunEvent } from '../../../lab/run/run-event.js';

export interface ProgressView {
  onEvent(event: RunEvent): void;
  /** Leaves the terminal as it was. */
  stop(): void;
}
