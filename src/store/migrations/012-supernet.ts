/**
 * Weight-sharing supernets and scores of their members by inherited weights. Such a score is a proxy: it has
 * a table of its own and never stands beside that of a training.
 */
export const supernet = `
CREATE TABLE supernet (
  id TEXT PRIMARY KEY,                                     -- hash of the settings
  settings TEXT NOT NULL CHECK (json_valid(settings)),     -- space, paths, recipe, seed, data, runtime
  device_id TEXT NOT NULL REFERENCES device (id),
  dataset_hash TEXT NOT NULL,
  curve TEXT NOT NULL CHECK (json_valid(curve)),           -- one entry an epoch; validation of the member with most MACs
  steps INTEGER NOT NULL,
  seconds REAL NOT NULL,
  weights_file TEXT NOT NULL,                              -- relative to the database's folder
  weights_sha256 TEXT NOT NULL,
  trained_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE supernet_score (
  supernet_id TEXT NOT NULL REFERENCES supernet (id),
  architecture_id TEXT NOT NULL REFERENCES architecture (id),
  loss REAL NOT NULL,
  top1 REAL,
  miou REAL,
  seconds REAL NOT NULL,
  scored_at TEXT NOT NULL,
  PRIMARY KEY (supernet_id, architecture_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER supernet_no_update BEFORE UPDATE ON supernet BEGIN SELECT RAISE(ABORT, 'supernet is append-only'); END;
CREATE TRIGGER supernet_no_delete BEFORE DELETE ON supernet BEGIN SELECT RAISE(ABORT, 'supernet is append-only'); END;
CREATE TRIGGER supernet_score_no_update BEFORE UPDATE ON supernet_score BEGIN SELECT RAISE(ABORT, 'supernet_score is append-only'); END;
CREATE TRIGGER supernet_score_no_delete BEFORE DELETE ON supernet_score BEGIN SELECT RAISE(ABORT, 'supernet_score is append-only'); END;
`;
