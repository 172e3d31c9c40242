/**
 * Launches of interleaved sessions (`profile A B …`) keep every round of every network, also of those that
 * are never judged.
 */
export const launch = `
CREATE TABLE launch (
  id INTEGER PRIMARY KEY,
  session TEXT NOT NULL,                                            -- when its session began, ISO 8601: what groups launches
  device_id TEXT NOT NULL REFERENCES device (id),
  batch INTEGER NOT NULL CHECK (batch > 0),
  networks TEXT NOT NULL CHECK (json_valid(networks)),              -- {name: architecture id}
  record TEXT NOT NULL CHECK (json_valid(record)),                  -- {networks: {name: {stepMs, anchorMs}}, control: [..], failures}
  ended_at TEXT NOT NULL
) STRICT;
CREATE INDEX launch_of_session ON launch (session, batch);
`;
