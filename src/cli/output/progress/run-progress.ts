/** Shows the progress of a run: a bar with rate and time left on a terminal, plain lines elsewhere. */
import type { Io } from '../io.js';
import { BarProgress } from './bar-progress.js';
import { LineProgress } from './line-progress.js';
import type { ProgressView } from './progress-view.js';
import { SearchProgressView } from './search-progress.js';

/**
 * @param objectives of a search; undefined for jobs that are planned beforehand
 * @param now milliseconds, monotonic
 */
export function progressView(
  io: Io,
  objectives?: readonly string[],
  now: () => number = () => performance.now(),
): ProgressView {
  if (objectives) return new SearchProgressView(io, objectives);
  return io.isInteractive ? new BarProgress(io, now) : new LineProgress(io, now);
}
