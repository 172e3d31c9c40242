/**
 * A training that a rule of early stopping ended: settled like a finished one, and told apart by its reason.
 */
export const stopped = `
ALTER TABLE training ADD COLUMN stopped TEXT;             -- why a rule ended it early; null: it ran all its epochs
`;
