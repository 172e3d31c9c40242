/** Batches measured beside an anchor network keep the ratio to it and the anchor's own blocks. */
export const anchor = `
ALTER TABLE profile_batch ADD COLUMN anchor_ratio TEXT CHECK (json_valid(anchor_ratio));  -- {value, low, high, samples}: time over the anchor's
ALTER TABLE profile_batch ADD COLUMN anchor_samples_ms BLOB;                              -- beside samples_ms: little-endian float64
`;
