/** Memory held before the first pass: with `peak_bytes` it gives what passes add. */
export const baseBytes = `
ALTER TABLE profile_batch ADD COLUMN base_bytes INTEGER;  -- runtime, weights and the built network; null in earlier rows
`;
