/** What a pass must move at least, and its share of the device's measured copy ceiling. */
export const copyCeiling = `
ALTER TABLE profile_batch ADD COLUMN bytes_per_pass REAL;
ALTER TABLE profile_batch ADD COLUMN copy_share REAL;
`;
