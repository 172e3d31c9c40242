/**
 * What the checks of stored rows cost: reading 100,000 rows of a table with them, against the bare query whose JSON columns
 * are parsed, in processor time. Rounds are interleaved.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { soundRows } from '../../src/store/damage/sound-rows.js';
import { openStore } from '../../src/store/open-store.js';
import { queryBuilder, rows, type Store } from '../../src/store/store.js';
import { type EpochTable, epochSchema, epochsByTraining } from '../../src/store/tables/epoch-table.js';
import {
  batchesByProfile,
  type ProfileBatchRow,
  profileBatchSchema,
} from '../../src/store/tables/profile-batch-table.js';
import { seededRandom } from '../../src/util/random.js';
import { median } from '../../src/util/statistics/order-statistics.js';
import type { Bench } from '../benchmark.js';

const db = queryBuilder<{ epoch: EpochTable; profile_batch: ProfileBatchRow }>();
const jsonColumns = [
  'flags',
  'step_ms',
  'images_per_second',
  'latency_ms',
  'anchor_ratio',
  'outliers',
] as const;

function fill({ sqlite }: Store, count: number): void {
  const random = seededRandom(1);
  const epoch = sqlite.prepare(
    'INSERT INTO epoch (training_id, epoch, train_loss, validation_loss, validation_top1, learning_rate, ' +
      'images_per_second, seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const batch = sqlite.prepare(
    'INSERT INTO profile_batch (profile_id, batch, status, reason, flags, step_ms, images_per_second, latency_ms, ' +
      "outliers, samples_ms, build_ms, first_run_ms, warmup_ms) VALUES (?, ?, 'ok', '', '[]', ?, ?, ?, '[3]', ?, ?, ?, ?)",
  );
  const estimate = (value: number): string =>
    JSON.stringify({ value, low: 0.99 * value, high: 1.01 * value, samples: 20 });
  sqlite.pragma('foreign_keys = OFF');
  sqlite.transaction(() => {
    for (let index = 0; index < count; index++) {
      const value = 10 * (1 + random.next());
      const [training, number] = [Math.floor(index / 50) + 1, (index % 50) + 1];
      epoch.run(training, number, value, value, 0.5, 1e-3, 100 * value, value);
      const latency = JSON.stringify({ p50: value, p90: value, p99: value, samples: 100 });
      const samples = Buffer.from(Float64Array.from({ length: 20 }, () => value).buffer);
      const [profile, size] = [Math.floor(index / 4) + 1, 4 ** (index % 4)];
      batch.run(profile, size, estimate(value), estimate(1e3 / value), latency, samples, value, value, value);
    }
  })();
}

/** Processor milliseconds of each side, the medians of interleaved rounds. */
function cpuMs(sides: readonly (() => unknown)[], rounds: number): number[] {
  const samples = sides.map((): number[] => []);
  for (let round = 0; round <= rounds; round++)
    sides.forEach((side, index) => {
      const before = process.cpuUsage();
      side();
      const { user, system } = process.cpuUsage(before);
      if (round > 0) samples[index]!.push((user + system) / 1000);
    });
  return samples.map((each) => median(each));
}

export const rowChecksBench: Bench = {
  summary: 'what the checks of stored rows cost, at 100,000 rows; about a minute',
  onlyByName: true,
  needsEngine: false,
  run({ quick, note }) {
    const count = quick ? 10_000 : 100_000;
    const folder = mkdtempSync(join(tmpdir(), 'stagecraft-rows-'));
    const store = openStore(join(folder, 'rows.sqlite'));
    try {
      note(`writing ${count} rows of each table`);
      fill(store, count);
      const epochs = db.selectFrom('epoch').selectAll();
      const batches = db.selectFrom('profile_batch').selectAll();
      const parsed = (): unknown =>
        rows(store, batches).map((row) => {
          const values = row as unknown as Record<string, unknown>;
          for (const name of jsonColumns)
            if (values[name] !== null) values[name] = JSON.parse(values[name] as string);
          return row;
        });
      const ids = Array.from({ length: count }, (_, index) => index + 1);
      const tables = {
        epoch: [
          () => rows(store, epochs),
          () => soundRows(store, epochs, epochSchema),
          () => epochsByTraining(store, ids),
        ],
        profile_batch: [
          parsed,
          () => soundRows(store, batches, profileBatchSchema),
          () => batchesByProfile(store, ids),
        ],
      };
      const lines = Object.entries(tables).map(([table, sides]) => {
        const [bare, checked, whole] = cpuMs(sides, quick ? 3 : 7) as [number, number, number];
        const share = (checked - bare) / whole;
        return [table, bare, checked, whole, share].map((value, at) => {
          if (typeof value === 'string') return value;
          return at === 4 ? `${(100 * value).toFixed(1)} %` : value.toFixed(0);
        });
      });
      return Promise.resolve([
        {
          title: 'Checks of stored rows',
          columns: [
            'table',
            'bare query, ms',
            'with checks, ms',
            'reading as values, ms',
            'checks of the reading',
          ],
          rows: lines,
          notes: [`${count} rows each; processor time, medians of interleaved rounds`],
        },
      ]);
    } finally {
      store.close();
      rmSync(folder, { recursive: true });
    }
  },
};
