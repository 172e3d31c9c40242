/**
 * First schema. Results (`profile`, `profile_batch`, `training`, `epoch`) are append-only: triggers refuse
 * UPDATE and DELETE. A trial is keyed by the content of its job, so that two experiments of one database
 * share what both ask for.
 */
const appendOnly = ['architecture', 'device', 'trial', 'profile', 'profile_batch', 'training', 'epoch']
  .flatMap((table) =>
    ['UPDATE', 'DELETE'].map(
      (verb) =>
        `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`,
    ),
  )
  .join('\n');

export const initial = `
CREATE TABLE experiment (
  id TEXT PRIMARY KEY,                                   -- hash of the resolved settings
  name TEXT NOT NULL,
  text TEXT NOT NULL,                                    -- the experiment file as written
  space_text TEXT NOT NULL,
  space_count TEXT NOT NULL,                             -- decimal, may pass 2^53
  dataset_name TEXT NOT NULL,
  protocol TEXT NOT NULL CHECK (json_valid(protocol)),
  recipe TEXT NOT NULL CHECK (json_valid(recipe)),
  objectives TEXT NOT NULL CHECK (json_valid(objectives)),
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE architecture (
  id TEXT PRIMARY KEY,
  text TEXT NOT NULL UNIQUE CHECK (json_valid(text)),    -- canonical JSON
  layout TEXT NOT NULL,
  symmetry TEXT NOT NULL CHECK (symmetry IN ('symmetric', 'asymmetric')),
  params INTEGER NOT NULL,
  macs INTEGER NOT NULL,
  activation_bytes INTEGER NOT NULL
) STRICT;

CREATE TABLE device (
  id TEXT PRIMARY KEY,
  key TEXT NOT NULL UNIQUE CHECK (json_valid(key))       -- canonical JSON of the device key
) STRICT;

CREATE TABLE session (
  id INTEGER PRIMARY KEY,
  experiment_id TEXT NOT NULL REFERENCES experiment (id),
  device_id TEXT NOT NULL REFERENCES device (id),        -- the key that its profiles are measured under
  started_at TEXT NOT NULL,
  environment TEXT NOT NULL CHECK (json_valid(environment))
) STRICT;

CREATE TABLE trial (
  id TEXT PRIMARY KEY,                                   -- hash of job, architecture, settings and replicate
  job TEXT NOT NULL CHECK (job IN ('profile', 'train')),
  architecture_id TEXT NOT NULL REFERENCES architecture (id),
  replicate INTEGER NOT NULL,                            -- launch of a profile, seed of a training
  settings TEXT NOT NULL CHECK (json_valid(settings))
) STRICT;

CREATE TABLE plan (                                      -- which trials an experiment asks for, in which order
  experiment_id TEXT NOT NULL REFERENCES experiment (id),
  trial_id TEXT NOT NULL REFERENCES trial (id),
  position INTEGER NOT NULL,
  PRIMARY KEY (experiment_id, trial_id),
  UNIQUE (experiment_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE profile (
  id INTEGER PRIMARY KEY,
  trial_id TEXT NOT NULL REFERENCES trial (id),
  device_id TEXT NOT NULL REFERENCES device (id),
  session_id INTEGER NOT NULL REFERENCES session (id),
  attempt INTEGER NOT NULL CHECK (attempt >= 1),
  status TEXT NOT NULL CHECK (status IN ('ok', 'partial', 'out-of-memory', 'crashed', 'timed-out', 'failed')),
  reason TEXT NOT NULL,
  cold_start_ms REAL NOT NULL,
  environment TEXT NOT NULL CHECK (json_valid(environment)),
  measured_at TEXT NOT NULL,
  UNIQUE (trial_id, device_id, attempt)
) STRICT;
CREATE UNIQUE INDEX profile_settled ON profile (trial_id, device_id) WHERE status = 'ok';

CREATE TABLE profile_batch (
  profile_id INTEGER NOT NULL REFERENCES profile (id),
  batch INTEGER NOT NULL CHECK (batch >= 1),
  status TEXT NOT NULL CHECK (status IN ('ok', 'capped', 'out-of-memory', 'crashed', 'timed-out', 'failed')),
  reason TEXT NOT NULL,
  flags TEXT NOT NULL CHECK (json_valid(flags)),
  step_ms TEXT CHECK (json_valid(step_ms)),              -- {value, low, high, samples}
  images_per_second TEXT CHECK (json_valid(images_per_second)),
  latency_ms TEXT CHECK (json_valid(latency_ms)),        -- {p50, p90, p99, samples}
  peak_bytes INTEGER,
  peak_of TEXT CHECK (peak_of IN ('device', 'process')),
  build_ms REAL,
  first_run_ms REAL,
  warmup_ms REAL,
  samples_ms BLOB,                                       -- every timed block: little-endian float64
  outliers TEXT CHECK (json_valid(outliers)),            -- indices into samples_ms: flagged, never dropped
  latency_samples_ms BLOB,                               -- every singly timed call: little-endian float64
  passes_per_block INTEGER,
  overhead_share REAL,                                   -- timer and read-back, fraction of a block
  enqueue_share REAL,                                    -- time until enqueue returned, fraction of a block
  ceiling_share REAL,                                    -- MACs per second, fraction of the device's measured ceiling
  rejected_blocks INTEGER,                               -- refused because the clock was low
  PRIMARY KEY (profile_id, batch)
) STRICT;

CREATE TABLE training (
  id INTEGER PRIMARY KEY,
  trial_id TEXT NOT NULL REFERENCES trial (id),
  device_id TEXT NOT NULL REFERENCES device (id),
  session_id INTEGER NOT NULL REFERENCES session (id),
  attempt INTEGER NOT NULL CHECK (attempt >= 1),
  status TEXT NOT NULL CHECK (status IN ('ok', 'diverged', 'out-of-memory', 'crashed', 'timed-out', 'failed')),
  reason TEXT NOT NULL,
  dataset_hash TEXT NOT NULL,
  top1 REAL,                                             -- fraction, validation split, last epoch
  loss REAL,
  validation_count INTEGER,
  steps INTEGER NOT NULL,
  seconds REAL NOT NULL,
  first_step_ms REAL NOT NULL,
  resumed_from_epoch INTEGER NOT NULL,
  trained_at TEXT NOT NULL,
  UNIQUE (trial_id, attempt)
) STRICT;
CREATE UNIQUE INDEX training_settled ON training (trial_id) WHERE status = 'ok';

CREATE TABLE epoch (
  training_id INTEGER NOT NULL REFERENCES training (id),
  epoch INTEGER NOT NULL CHECK (epoch >= 1),
  train_loss REAL,                                       -- null: not a finite number
  train_top1 REAL,
  validation_loss REAL,
  validation_top1 REAL,
  learning_rate REAL NOT NULL,
  gradient_norm REAL,
  images_per_second REAL NOT NULL,
  seconds REAL NOT NULL,
  PRIMARY KEY (training_id, epoch)
) STRICT;

${appendOnly}
`;
