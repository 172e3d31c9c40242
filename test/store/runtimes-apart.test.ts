/** Rows of PyTorch and TensorFlow on one processor never share a ranking: in report, front and fidelity. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { objective } from '../../src/analysis/objectives/objectives.js';
import { mainScore } from '../../src/analysis/objectives/result-score.js';
import { frontOf } from '../../src/analysis/pareto/pareto-front.js';
import { rankFidelities } from '../../src/analysis/ranking/fidelity-ranks.js';
import { candidateTable } from '../../src/analysis/summary/candidate-table.js';
import { loadExperiment } from '../../src/lab/load-experiment.js';
import { planExperiment } from '../../src/lab/plan.js';
import { reportPage } from '../../src/report/write-report.js';
import type { DeviceKey } from '../../src/runtime/runtime.js';
import { readExperimentResult } from '../../src/store/open-store.js';
import {
  recordExperiment,
  recordProfile,
  recordSession,
  recordTraining,
} from '../../src/store/record-results.js';
import { deviceId } from '../../src/store/tables/device-table.js';
import { experimentText, writeTiny } from '../lab/tiny.js';
import {
  architectures,
  batchProfile,
  deviceKey,
  experiment,
  filled,
  profileResult,
  temporaryFolder,
  trainResult,
  trials,
} from './stored-experiment.js';

const pytorchKey: DeviceKey = { ...deviceKey, runtime: 'pytorch' };

describe('one experiment on TensorFlow and PyTorch, all else of the key equal', () => {
  const both = (): ReturnType<typeof filled>['store'] => {
    const { store, sessionId } = filled(join(temporaryFolder(), 'results.sqlite'));
    const other = recordSession(store, experiment.id, pytorchKey, { host: 'here' });
    const profile = (id: string, launch: number, stepMs: number, key: DeviceKey): void => {
      const session = key === deviceKey ? sessionId : other.sessionId;
      const trial = { trialId: `profile-${id}-${launch}`, sessionId: session };
      recordProfile(store, trial, { ...profileResult(batchProfile(8, stepMs)), deviceKey: key });
    };
    // by mixed rows, PyTorch's 1 and 2 ms would dominate
    profile('a0', 1, 20, deviceKey);
    profile('a1', 1, 30, deviceKey);
    profile('a0', 1, 2, pytorchKey);
    profile('a1', 1, 1, pytorchKey);
    profile('a1', 2, 1, pytorchKey);
    for (const [id, top1] of [
      ['a0', 0.5],
      ['a1', 0.7],
    ] as const)
      recordTraining(store, { trialId: `train-${id}-1`, sessionId }, trainResult(top1));
    return store;
  };
  const resultOf = (store: ReturnType<typeof both>, key: DeviceKey) =>
    readExperimentResult(store, experiment.id, deviceId(key));

  it('the result of a device key has its launches alone', () => {
    const store = both();
    const times = (key: DeviceKey): unknown =>
      resultOf(store, key).candidates.map(({ profiles }) =>
        profiles.map(({ launches }) => launches.map(({ stepMs }) => stepMs!.value)),
      );
    expect(times(deviceKey)).toEqual([[[20]], [[30]]]);
    expect(times(pytorchKey)).toEqual([[[2]], [[1, 1]]]);
    expect(resultOf(store, deviceKey).otherDevices?.map(({ key }) => key.runtime)).toEqual(['pytorch']);
    store.close();
  });

  it('the front differs by device key', () => {
    const store = both();
    const front = (key: DeviceKey): readonly number[] =>
      frontOf(resultOf(store, key).candidates, objective('latency', 8), objective('top-1')).front;
    expect(front(deviceKey)).toEqual([0, 1]);
    expect(front(pytorchKey)).toEqual([1]);
    store.close();
  });

  it('the report’s table and page hold the times of one key', () => {
    const store = both();
    const [own, other] = [deviceKey, pytorchKey].map((key) => {
      const result = resultOf(store, key);
      const [x, y] = [objective('latency', 8), objective('top-1')];
      return { table: candidateTable(result, [0, 1], x, y, () => ''), page: reportPage(result) };
    });
    const times = ({ table }: { table: string }): unknown => table.match(/\d+ ms/g);
    expect(times(own!)).toEqual(['20 ms', '30 ms']);
    expect(times(other!)).toEqual(['2 ms', '1 ms']);
    const pageTimes = ({ page }: { page: string }): unknown =>
      [...page.matchAll(/"latencyMs":\{"p50":(\d+)/g)].map(([, ms]) => Number(ms));
    expect(pageTimes(own!)).toEqual([20, 30]);
    expect(pageTimes(other!)).toEqual([2, 1]);
    store.close();
  });
});

it('fidelity ranks trainings of one runtime: those of another belong to another experiment', () => {
  const { store, sessionId } = filled(join(temporaryFolder(), 'results.sqlite'));
  const more = Array.from({ length: 6 }, (_, index) => ({
    ...architectures[0]!,
    ...{ id: `b${index}`, text: architectures[0]!.text.replace('"classes":2', `"classes":${index + 3}`) },
  }));
  const own = more.map(({ id }) => ({ ...trials[1]!, id: `own-${id}`, architecture_id: id }));
  const torch = { ...experiment, id: 'e2', name: 'torch' };
  const others = more.map(({ id }) => ({
    ...{ ...trials[1]!, id: `torch-${id}`, architecture_id: id },
    settings: '{"runtime":{"id":"pytorch"}}',
  }));
  recordExperiment(store, experiment, more, own);
  recordExperiment(store, torch, more, others);
  const session = recordSession(store, torch.id, pytorchKey, {});
  more.forEach(({ id }, index) => {
    recordTraining(store, { trialId: `own-${id}`, sessionId }, trainResult(0.1 * (index + 1)));
    const reversed = { ...trainResult(0.9 - 0.1 * index), deviceKey: pytorchKey };
    recordTraining(store, { trialId: `torch-${id}`, sessionId: session.sessionId }, reversed);
  });
  for (const { id } of [experiment, torch]) {
    const result = readExperimentResult(store, id);
    const ranks = rankFidelities(result.candidates, mainScore(result))!.ranks;
    expect(ranks[0]!.tau).toMatchObject({ value: 1, samples: 6 });
    expect(result.candidates.flatMap(({ scores }) => scores)).toHaveLength(6);
  }
  store.close();
});

it('no trial is shared by experiments that differ in their runtime alone', () => {
  const folder = temporaryFolder();
  const ids = ['tensorflow', 'pytorch', 'wasm', 'pytorch(precision: bfloat16)'].flatMap((runtime) =>
    planExperiment(loadExperiment(writeTiny(folder, experimentText(`  runtime ${runtime}\n`))), '').jobs.map(
      ({ id }) => id,
    ),
  );
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThan(12);
});
