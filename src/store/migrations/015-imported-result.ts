/** Results that came from bundles: each record is taken once, by the hash of its content. */
export const importedResult = `
CREATE TABLE imported_result (
  id TEXT PRIMARY KEY,                                     -- SHA-256 of the record
  bundle_id TEXT NOT NULL,                                 -- SHA-256 of the bundle's plan
  trial_id TEXT NOT NULL REFERENCES trial (id),
  session_id INTEGER NOT NULL REFERENCES session (id),
  imported_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER imported_result_no_update BEFORE UPDATE ON imported_result BEGIN SELECT RAISE(ABORT, 'imported_result is append-only'); END;
CREATE TRIGGER imported_result_no_delete BEFORE DELETE ON imported_result BEGIN SELECT RAISE(ABORT, 'imported_result is append-only'); END;
`;
