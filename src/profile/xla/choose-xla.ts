/**
 * XLA as the default where it wins. On a GPU, where nobody asks for XLA or against it, the anchor network is
 * timed with and without it, in launches that take turns; the choice is kept for the device. CPUs are never
 * probed, and their default is unchanged.
 */

import type { DeviceKey } from '../../runtime/runtime.js';
import {
  recordXlaChoice,
  type XlaChoice,
  xlaChoiceOf,
  xlaChoices,
} from '../../setup/verified/xla-choices.js';
import { seededRandom } from '../../util/random.js';
import { median } from '../../util/statistics/order-statistics.js';
import { rangeOf } from '../../util/statistics/range-of.js';

/** Gain from which XLA is taken: its first passes take seconds to minutes longer. */
export const leastXlaGain = 1.05;
/** Launches of each side: autotuning picks algorithms per process. */
const launches = 3;

/** A launch of the anchor network: its time, or why there is none. */
export type XlaLaunch = { readonly stepMs: number } | { readonly failure: string };

export interface XlaProbe {
  /** Measures one launch in a process of its own. */
  measure(xla: boolean, launch: number): Promise<XlaLaunch>;
  readonly env: Readonly<Record<string, string | undefined>>;
  now(): Date;
}

/** Only compiled TensorFlow on a GPU has a choice. @param key of the device without XLA */
export const mayChooseXla = ({ kind, runtime, execution, xla }: DeviceKey): boolean =>
  kind === 'gpu' && runtime === 'tensorflow' && execution === 'compiled' && !xla;

/** `STAGECRAFT_XLA=off`: never choose XLA, and probe nothing. */
export const xlaVariable = 'STAGECRAFT_XLA';

/**
 * The kept choice, else that of a probe, which is kept.
 * @param key of the device without XLA
 */
export async function chooseXla(key: DeviceKey, probe: XlaProbe): Promise<XlaChoice> {
  const { device, driver, runtimeVersion, precision, limits = '' } = key;
  const of = { device, driver, runtimeVersion, precision, limits };
  const known = xlaChoiceOf(of, xlaChoices(probe.env));
  if (known) return known;
  const found = await timeBoth(probe);
  const choice: XlaChoice = { ...of, ...found, chosenAt: probe.now().toISOString() };
  recordXlaChoice(choice, probe.env);
  return choice;
}

/** XLA wins where it is faster in every launch, by `leastXlaGain` in the median launch. */
async function timeBoth({ measure }: XlaProbe): Promise<Pick<XlaChoice, 'xla' | 'reason' | 'stepMs'>> {
  const random = seededRandom('xla');
  const stepMs: { without: number; with: number }[] = [];
  for (let launch = 1; launch <= launches; launch++) {
    const order = random.integer(2) === 0 ? [false, true] : [true, false];
    const times = new Map<boolean, number>();
    for (const xla of order) {
      const result = await measure(xla, launch);
      if ('failure' in result)
        return { xla: false, reason: `${xla ? 'with' : 'without'} XLA: ${result.failure}`, stepMs: [] };
      times.set(xla, result.stepMs);
    }
    stepMs.push({ without: times.get(false)!, with: times.get(true)! });
  }
  const gains = stepMs.map((each) => each.without / each.with);
  const [least, most] = rangeOf(gains);
  const gain = median(gains);
  return {
    xla: least > 1 && gain >= leastXlaGain,
    reason:
      `the anchor network runs ${gain.toFixed(2)} times as fast with XLA ` +
      `(${least.toFixed(2)} to ${most.toFixed(2)})`,
    stepMs,
  };
}
