/**
 * More of what a training leaves: top-5, mean IoU, memory, who was taken for whom, its weights, the splits it
 * saw; scores on the test split.
 */
const appendOnly = ['class_report', 'data_split', 'test_score']
  .flatMap((table) =>
    ['UPDATE', 'DELETE'].map(
      (verb) =>
        `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`,
    ),
  )
  .join('\n');

export const trainingDetail = `
ALTER TABLE epoch ADD COLUMN validation_top5 REAL;
ALTER TABLE epoch ADD COLUMN validation_miou REAL;
ALTER TABLE epoch ADD COLUMN peak_bytes INTEGER;
ALTER TABLE epoch ADD COLUMN data_share REAL;              -- of the training time, spent waiting for batches
ALTER TABLE training ADD COLUMN top5 REAL;
ALTER TABLE training ADD COLUMN miou REAL;
ALTER TABLE training ADD COLUMN weights_file TEXT;         -- relative to the database's folder
ALTER TABLE training ADD COLUMN weights_sha256 TEXT;

CREATE TABLE class_report (
  training_id INTEGER PRIMARY KEY REFERENCES training (id),
  classes TEXT NOT NULL CHECK (json_valid(classes)),       -- names
  confusion BLOB NOT NULL                                  -- [classes][classes] little-endian uint32, true class by predicted class
) STRICT;

CREATE TABLE data_split (
  dataset_hash TEXT NOT NULL,
  split TEXT NOT NULL CHECK (split IN ('train', 'validation', 'test')),
  count INTEGER NOT NULL,
  hash TEXT NOT NULL,                                      -- SHA-256
  PRIMARY KEY (dataset_hash, split)
) STRICT;

CREATE TABLE test_score (
  training_id INTEGER PRIMARY KEY REFERENCES training (id),
  split_hash TEXT NOT NULL,
  count INTEGER NOT NULL,
  loss REAL,
  top1 REAL,
  top5 REAL,
  miou REAL,
  tested_at TEXT NOT NULL
) STRICT;

${appendOnly}
`;
