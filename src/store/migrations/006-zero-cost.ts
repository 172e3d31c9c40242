/** Scores of untrained networks: one per architecture, measure and settings; append-only. */
export const zeroCost = `
CREATE TABLE zero_cost (
  architecture_id TEXT NOT NULL REFERENCES architecture (id),
  measure TEXT NOT NULL,
  settings TEXT NOT NULL CHECK (json_valid(settings)),     -- canonical JSON of data, batch, seed and runtime
  device_id TEXT NOT NULL REFERENCES device (id),
  dataset_hash TEXT NOT NULL,
  value REAL,                                              -- null: there is none, for the reason beside it
  reason TEXT NOT NULL,
  seconds REAL NOT NULL,
  scored_at TEXT NOT NULL,
  PRIMARY KEY (architecture_id, measure, settings)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER zero_cost_no_update BEFORE UPDATE ON zero_cost BEGIN SELECT RAISE(ABORT, 'zero_cost is append-only'); END;
CREATE TRIGGER zero_cost_no_delete BEFORE DELETE ON zero_cost BEGIN SELECT RAISE(ABORT, 'zero_cost is append-only'); END;
`;
