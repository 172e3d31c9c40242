/** Times of parts in their place (`profile --parts`): the look-up table of the latency model. */
export const partTime = `
CREATE TABLE part_time (
  id INTEGER PRIMARY KEY,
  device_id TEXT NOT NULL REFERENCES device (id),
  batch INTEGER NOT NULL CHECK (batch > 0),
  part TEXT NOT NULL CHECK (json_valid(part)),                       -- kind, type, parameters, width, stride, map that enters
  architecture_id TEXT NOT NULL REFERENCES architecture (id),        -- in which it was timed
  name TEXT NOT NULL,                                               -- stage1/block1, ...
  step_ms TEXT NOT NULL CHECK (json_valid(step_ms)),                 -- {value, low, high, samples}
  share REAL NOT NULL,
  measured_at TEXT NOT NULL
) STRICT;
CREATE INDEX part_time_of ON part_time (device_id, batch);
`;
