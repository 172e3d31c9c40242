/** The clock and event loop of this process, as the measuring loop needs them. */
import type { MeasurementHost } from './measure.js';

export const processHost: Pick<MeasurementHost, 'now' | 'pause'> = {
  now: () => performance.now(),
  pause: () =>
    new Promise((resolve) => {
      setImmediate(resolve);
    }),
};
