/** Canonical JSON text (RFC 8785) and its hash: the source of every id. */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** Canonical JSON text of a plain value. @throws on values without a JSON form (NaN, functions, cycles) */
export function canonicalJson(value: unknown): string {
  const text = (canonicalize as unknown as (value: unknown) => string | undefined)(value);
  if (text === undefined) throw new TypeError(`canonicalJson: a JSON value is needed, got ${typeof value}`);
  return text;
}

/** First `length` hex digits of SHA-256 over `text` (12 are enough for ids within a database). */
export function textHash(text: string, length = 12): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
