/**
 * Which requests the server of a live report answers. Any page that a browser shows may send requests to this
 * machine: the token keeps others out, and the Host header those that reach it by a name of their own (DNS
 * rebinding).
 */
import { createHash, timingSafeEqual } from 'node:crypto';

export interface AskedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** The Host header. */
  readonly host: string | undefined;
  /** The Origin header. */
  readonly origin: string | undefined;
}

export interface Refusal {
  readonly status: 400 | 403 | 404 | 405 | 421;
  readonly reason: string;
}

export type Resource = 'page' | 'version';

export const allowedMethods = ['GET', 'HEAD'] as const;
const names = ['127.0.0.1', 'localhost', '[::1]'];

/** Equal in time for all texts, also of different lengths. */
function isSame(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}

/** What the request asks for, as `/TOKEN/` or `/TOKEN/version`; or why it gets nothing. */
export function checkRequest(
  { method, url, host, origin }: AskedRequest,
  { port, token }: { readonly port: number; readonly token: string },
): Resource | Refusal {
  const hosts = names.map((name) => `${name}:${port}`);
  if (!allowedMethods.includes(method as 'GET'))
    return { status: 405, reason: `method must be ${allowedMethods.join(' or ')}` };
  if (host === undefined || !hosts.includes(host.toLowerCase()))
    return { status: 421, reason: `host must be ${hosts[0]}` };
  if (origin !== undefined && !hosts.some((each) => origin === `http://${each}`))
    return { status: 403, reason: 'origin must be this server' };
  const [, given = '', rest, ...more] = (url.split('?')[0] ?? '').split('/');
  if (!isSame(given, token)) return { status: 403, reason: 'the token of the address is wrong' };
  if (rest === '' && more.length === 0) return 'page';
  if (rest === 'version' && more.length === 0) return 'version';
  return { status: 404, reason: 'there is no such page' };
}
