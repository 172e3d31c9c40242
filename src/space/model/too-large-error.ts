/** A space exceeds a limit on states or costs; callers report it or fall back to filtering. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}
