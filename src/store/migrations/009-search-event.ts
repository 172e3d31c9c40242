/**
 * The log of a search, in order of arrival: what was asked, what was answered. The proposals of a resumed search
 * follow from it, so a trial is asked once and answered at most once.
 */
export const searchEvent = `
CREATE TABLE search_event (
  experiment_id TEXT NOT NULL REFERENCES experiment (id),
  position INTEGER NOT NULL CHECK (position >= 0),         -- order of arrival, from 0
  type TEXT NOT NULL CHECK (type IN ('asked', 'told', 'failed')),
  trial INTEGER NOT NULL CHECK (trial >= 0),               -- numbered in the order asked, from 0
  content TEXT NOT NULL CHECK (json_valid(content)),       -- asked: {key, genes, replicate, ..}; told: {values}; failed: {reason}
  seconds REAL NOT NULL,                                   -- of the evaluation; 0 of a question
  at TEXT NOT NULL,
  PRIMARY KEY (experiment_id, position)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX search_question ON search_event (experiment_id, trial) WHERE type = 'asked';
CREATE UNIQUE INDEX search_answer ON search_event (experiment_id, trial) WHERE type <> 'asked';
CREATE TRIGGER search_event_no_update BEFORE UPDATE ON search_event BEGIN SELECT RAISE(ABORT, 'search_event is append-only'); END;
CREATE TRIGGER search_event_no_delete BEFORE DELETE ON search_event BEGIN SELECT RAISE(ABORT, 'search_event is append-only'); END;
`;
