/**
 * Devices other than the one that runs a search: their stored times, and a latency model for networks that
 * were not measured there. A search space with these times knows them without an evaluation.
 */
import { parseObjective } from '../../analysis/objectives/objectives.js';
import type { Architecture } from '../../architecture/architecture.js';
import { architectureId } from '../../architecture/canonical.js';
import { fitLatencyModel, type LatencyModel } from '../../profile/latency-model/latency-model.js';
import type { DeviceKey } from '../../runtime/runtime.js';
import type { SearchObjective } from '../../search/objective.js';
import type { LayoutSpace } from '../../search/spaces/layout-space.js';
import { openStore, readExperimentResult } from '../../store/open-store.js';
import { devicesOf } from '../../store/tables/device-table.js';
import { listExperiments } from '../../store/tables/experiment-table.js';

interface StoredTime {
  readonly architecture: Architecture;
  /** In the unit of the objective. */
  readonly value: number;
}

export interface OtherDevice {
  readonly id: string;
  readonly key: DeviceKey;
  /** By objective, such as `latency@1`, then by architecture id. */
  readonly times: ReadonlyMap<string, ReadonlyMap<string, StoredTime>>;
}

/** Fewest networks that a latency model is fitted to. */
const FEWEST = 5;

/** Name of an objective on another device. @example 'latency@1 on 3fa2b1' */
export const nameOn = (quantity: string, { id }: Pick<OtherDevice, 'id'>): string =>
  `${quantity} on ${id.slice(0, 6)}`;

/**
 * Device keys of a database with enough networks for every quantity, most networks first.
 * @param quantities ids of objectives, `latency@1` or `images-per-second@16`
 */
export function otherDevices(file: string, quantities: readonly string[]): OtherDevice[] {
  const store = openStore(file, { readonly: true });
  try {
    const found = new Map<string, { key: DeviceKey; times: Map<string, Map<string, StoredTime>> }>();
    for (const { id: experiment } of listExperiments(store))
      for (const { id, key } of devicesOf(store, experiment)) {
        const device = found.get(id) ?? {
          key,
          times: new Map(quantities.map((quantity) => [quantity, new Map<string, StoredTime>()])),
        };
        found.set(id, device);
        for (const candidate of readExperimentResult(store, experiment, id).candidates)
          for (const [quantity, times] of device.times) {
            const value = parseObjective(quantity)!.read(candidate)?.value;
            const { architectureId: own, architecture } = candidate;
            if (value !== undefined && !times.has(own)) times.set(own, { architecture, value });
          }
      }
    const least = ({ times }: Pick<OtherDevice, 'times'>): number =>
      Math.min(...[...times.values()].map(({ size }) => size));
    return [...found]
      .map(([id, device]) => ({ id, ...device }))
      .filter((device) => least(device) >= FEWEST)
      .sort((a, b) => least(b) - least(a));
  } finally {
    store.close();
  }
}

/** Objectives of a search on other devices: one per device for each that they measured. */
export const objectivesOn = (
  devices: readonly OtherDevice[],
  objectives: readonly SearchObjective[],
): SearchObjective[] =>
  devices.flatMap((device) =>
    objectives
      .filter(({ name }) => device.times.has(name))
      .map(({ name, better }) => ({ name: nameOn(name, device), better, exact: true })),
  );

export interface TimeElsewhere {
  readonly device: OtherDevice;
  /** Objective, such as `latency@1`. */
  readonly quantity: string;
  readonly value: number;
  readonly source: 'measured' | 'predicted';
}

/** The times of networks on other devices; models are fitted on first use. */
export class TimesElsewhere {
  private readonly models = new Map<string, LatencyModel>();

  constructor(private readonly devices: readonly OtherDevice[]) {}

  of(architecture: Architecture): TimeElsewhere[] {
    const own = architectureId(architecture);
    return this.devices.flatMap((device) =>
      [...device.times].map(([quantity, times]): TimeElsewhere => {
        const stored = times.get(own);
        if (stored) return { device, quantity, value: stored.value, source: 'measured' };
        return {
          device,
          quantity,
          value: this.predicted(architecture, device, quantity),
          source: 'predicted',
        };
      }),
    );
  }

  private predicted(architecture: Architecture, device: OtherDevice, quantity: string): number {
    const { name, batch = 1 } = parseObjective(quantity)!;
    // The model is one of times: a rate is turned into the time of a batch and back.
    const turned = (value: number): number => (name === 'latency' ? value : (1000 * batch) / value);
    const key = nameOn(quantity, device);
    const rows = [...device.times.get(quantity)!.values()];
    const model =
      this.models.get(key) ??
      fitLatencyModel(
        rows.map(({ architecture: each, value }) => ({ architecture: each, stepMs: turned(value) })),
        device.key,
        batch,
      );
    this.models.set(key, model);
    return turned(model.predict(architecture, device.key, batch).value);
  }
}

/** The space with times on other devices among what it knows exactly. */
export function withTimesElsewhere(space: LayoutSpace, times: TimesElsewhere): LayoutSpace {
  const known = new Map<string, Readonly<Record<string, number>>>();
  return {
    ...space,
    exact(candidate) {
      const found = known.get(candidate.key);
      if (found) return found;
      const own = times
        .of(candidate.value)
        .map(({ device, quantity, value }) => [nameOn(quantity, device), value] as const);
      const all = { ...space.exact(candidate), ...Object.fromEntries(own) };
      known.set(candidate.key, all);
      return all;
    },
  };
}
