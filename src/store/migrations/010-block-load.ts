/** What the machine did to each timed block, and which estimator gave the step time. */
export const blockLoad = `
ALTER TABLE profile_batch ADD COLUMN estimator TEXT;            -- of step_ms; null: the median of all blocks
ALTER TABLE profile_batch ADD COLUMN cpu_samples_ms BLOB;       -- beside samples_ms, ms per pass: float64, little-endian
ALTER TABLE profile_batch ADD COLUMN steal_samples_ms BLOB;     -- time of the hypervisor
ALTER TABLE profile_batch ADD COLUMN wait_samples_ms BLOB;      -- run-queue wait of own threads
ALTER TABLE profile_batch ADD COLUMN pressure_samples_ms BLOB;  -- time in which some process waited for a processor
`;
