/**
 * Fronts of a search on its own device and on those of its setting `devices`: the networks on all of them,
 * and the regret of the others.
 */
import type { ExperimentResult } from '../../store/experiment-result.js';
import { type Objective, parseObjective } from '../objectives/objectives.js';
import { mainScore, type Score } from '../objectives/result-score.js';
import { type DeviceStanding, deviceFronts } from './device-fronts.js';

export interface ElsewhereFronts {
  readonly score: Score;
  readonly cost: Objective;
  /** The search's own device first; `name` tells keys apart. */
  readonly devices: readonly { readonly id: string; readonly name: string }[];
  /** Networks on the front of some device, robust ones first; `isPredicted` by device. */
  readonly standings: readonly (DeviceStanding & { readonly isPredicted: readonly boolean[] })[];
  /** Networks with a score and a time on every device. */
  readonly networks: number;
}

/** One entry per objective that is timed elsewhere; empty where the search names no other device. */
export function elsewhereFronts(result: ExperimentResult): ElsewhereFronts[] {
  const elsewhere = result.search?.elsewhere ?? [];
  const quantities = [...new Set(elsewhere.flatMap(({ times }) => times.map(({ quantity }) => quantity)))];
  return quantities.flatMap((quantity) => {
    const cost = parseObjective(quantity);
    return cost ? [frontsOf(result, cost)] : [];
  });
}

function frontsOf(result: ExperimentResult, cost: Objective): ElsewhereFronts {
  const score = mainScore(result);
  const elsewhere = result.search!.elsewhere!;
  const byDevice = elsewhere.map(
    ({ times }) =>
      new Map(times.flatMap((time) => (time.quantity === cost.id ? [[time.architectureId, time]] : []))),
  );
  const networks = result.candidates.flatMap((candidate) => {
    const { architectureId: id, layout } = candidate;
    const [merit, own] = [score.read(candidate)?.value, cost.read(candidate)?.value];
    const others = byDevice.flatMap((times) => times.get(id) ?? []);
    if (merit === undefined || own === undefined || others.length < byDevice.length) return [];
    return [{ id, layout, score: merit, costs: [own, ...others.map(({ value }) => value)] }];
  });
  const standings = deviceFronts(networks, score.better, cost.better).map((standing) => ({
    ...standing,
    isPredicted: [false, ...byDevice.map((times) => times.get(standing.id)?.source === 'predicted')],
  }));
  const devices = [result.device, ...elsewhere].map(({ id, key }) => ({
    id,
    name: `${key.device} (${id.slice(0, 6)})`,
  }));
  return { score, cost, devices, standings, networks: networks.length };
}

/** @example '3 of 12 networks are on the front of every device: C-CT, C-TT, CC-TT' */
export function robustSentence({ standings, networks }: ElsewhereFronts): string {
  const robust = standings.filter(({ isRobust }) => isRobust).map(({ layout }) => layout);
  const shown = robust.slice(0, 8).join(', ');
  const more = robust.length > 8 ? ` and ${robust.length - 8} more` : '';
  const which = robust.length === 0 ? '' : `: ${shown}${more}`;
  return `${robust.length} of ${networks} networks are on the front of every device${which}`;
}

/** Regret of a network on a device: what its score lacks to the best network of no higher cost there. */
export const regretText = (standing: DeviceStanding, device: number, score: Score): string =>
  standing.onFront[device] ? 'on the front' : `regret ${score.valueText(standing.regret[device]!)}`;
