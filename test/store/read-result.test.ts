import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readExperimentResult, type Store } from '../../src/store/open-store.js';
import { recordProfile, recordTraining } from '../../src/store/record-results.js';
import {
  batchProfile,
  failedBatch,
  filled,
  profileResult,
  temporaryFolder,
  trainResult,
  trials,
} from './stored-experiment.js';

describe('the number of queries of readExperimentResult', () => {
  /** Statements of one reading after every trial with a replicate of at most `replicates` is recorded. */
  function queriesOf(replicates: number, epochs: number): number {
    const { store, sessionId } = filled(join(temporaryFolder(), 'r.sqlite'));
    const [row] = trainResult(0.5).epochs;
    const curve = Array.from({ length: epochs }, (_, index) => ({ ...row!, epoch: index + 1 }));
    for (const { id: trialId, job } of trials.filter(({ replicate }) => replicate <= replicates)) {
      if (job === 'profile')
        recordProfile(store, { trialId, sessionId }, profileResult(batchProfile(1, 2), failedBatch(16)));
      else recordTraining(store, { trialId, sessionId }, trainResult(0.5, { epochs: curve }));
    }
    let queries = 0;
    const { sqlite } = store;
    const counting: Store = {
      ...store,
      statements: new Map(),
      sqlite: new Proxy(sqlite, {
        get: (_, name) => {
          if (name === 'prepare')
            return (text: string) => {
              const statement = sqlite.prepare(text);
              const counted = <V>(method: (...values: unknown[]) => V) => {
                const bound = method.bind(statement);
                return (...values: unknown[]): V => {
                  queries++;
                  return bound(...values);
                };
              };
              const { all, iterate } = statement;
              return Object.assign(statement, { all: counted(all), iterate: counted(iterate) });
            };
          const value: unknown = Reflect.get(sqlite, name);
          return typeof value === 'function' ? value.bind(sqlite) : value;
        },
      }),
    };
    const result = readExperimentResult(counting);
    expect(result.candidates[0]!.profiles[0]!.launches).toHaveLength(replicates);
    expect(result.candidates[0]!.scores.map((score) => score.curve.length)).toEqual(
      Array.from({ length: replicates }, () => epochs),
    );
    return queries;
  }

  it('does not grow with launches, seeds and epochs', () => {
    const queries = queriesOf(1, 1);
    expect(queries).toBeGreaterThan(8);
    expect(queries).toBeLessThan(20);
    expect(queriesOf(2, 30)).toBe(queries);
  });
});
