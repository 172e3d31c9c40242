/**
 * Serves the page of a database while a run writes it: on this machine alone, to those who have the address
 * with its token. Enters: a page and its version, read for each request. Leaves: HTTP answers. Callers: the
 * cli.
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UserError } from '../../util/errors.js';
import { allowedMethods, checkRequest } from './request-check.js';

export interface LivePage {
  /** Differs whenever the page does. */
  version(): string;
  html(): string;
}

export interface LiveReport {
  /** With the token: whoever knows it can read the page. */
  readonly url: string;
  close(): Promise<void>;
}

const headers = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
} as const;

/**
 * Listens on the loopback address.
 * @param port 0: any free one
 * @param token a text of letters, digits, `-` and `_`
 * @throws UserError where the port is taken or may not be used
 */
export async function serveReport(page: LivePage, port: number, token: string): Promise<LiveReport> {
  const server = createServer({ maxHeaderSize: 16_384, requestTimeout: 10_000 });
  await listening(server, port);
  const { port: bound } = server.address() as AddressInfo;
  server.on('request', (request, response) => {
    const { method = '', url = '/' } = request;
    const { host, origin } = request.headers;
    const found = checkRequest({ method, url, host, origin }, { port: bound, token });
    if (typeof found !== 'string') return answer(response, method, found.status, 'text/plain', found.reason);
    try {
      if (found === 'version') answer(response, method, 200, 'text/plain', page.version());
      else answer(response, method, 200, 'text/html', page.html());
    } catch (error) {
      // the database may be missing for a moment; the page asks again
      answer(
        response,
        method,
        503,
        'text/plain',
        error instanceof UserError ? error.message : 'not readable',
      );
    }
  });
  return {
    url: `http://127.0.0.1:${bound}/${token}/`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        new UserError(`serve: port ${port} must be free, got ${error.code ?? error.message}`, {
          cause: error,
          fix: 'leave --port out for any free port',
        }),
      ),
    );
    server.listen(port, '127.0.0.1', done);
  });
}

function answer(response: ServerResponse, method: string, status: number, type: string, text: string): void {
  const body = Buffer.from(text);
  response.writeHead(status, {
    ...headers,
    'Content-Type': `${type}; charset=utf-8`,
    'Content-Length': body.length,
    ...(status === 405 && { Allow: allowedMethods.join(', ') }),
  });
  response.end(method === 'HEAD' ? undefined : body);
}
