/** Times of a search's networks on devices other than the one that runs it. */
export const otherDeviceTime = `
CREATE TABLE other_device_time (
  experiment_id TEXT NOT NULL REFERENCES experiment (id),
  architecture_id TEXT NOT NULL REFERENCES architecture (id),
  device_id TEXT NOT NULL REFERENCES device (id),
  quantity TEXT NOT NULL,                                   -- objective: latency@1
  value REAL NOT NULL,                                      -- in the unit of the objective
  source TEXT NOT NULL CHECK (source IN ('measured', 'predicted')),
  PRIMARY KEY (experiment_id, architecture_id, device_id, quantity)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER other_device_time_no_update BEFORE UPDATE ON other_device_time BEGIN SELECT RAISE(ABORT, 'other_device_time is append-only'); END;
CREATE TRIGGER other_device_time_no_delete BEFORE DELETE ON other_device_time BEGIN SELECT RAISE(ABORT, 'other_device_time is append-only'); END;
`;
