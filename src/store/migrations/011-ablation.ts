/** Ablations: the plan, frozen before the first trial, and the arms in the order in which they were planned. */
export const ablation = `
CREATE TABLE ablation (
  experiment_id TEXT PRIMARY KEY REFERENCES experiment (id),
  name TEXT NOT NULL,                                               -- of the experiment: a plan is frozen under it
  plan_hash TEXT NOT NULL,
  plan TEXT NOT NULL CHECK (json_valid(plan)),
  frozen_at TEXT NOT NULL
) STRICT;
CREATE TABLE ablation_arm (
  experiment_id TEXT NOT NULL REFERENCES ablation (experiment_id),
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  levels TEXT NOT NULL CHECK (json_valid(levels)),                   -- level of every factor, 0 the baseline's
  architecture_id TEXT NOT NULL REFERENCES architecture (id),
  settings TEXT NOT NULL,                                           -- of its trainings, as in trial
  PRIMARY KEY (experiment_id, position)
) STRICT;
`;
