/** The live report over real HTTP requests. */
import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkRequest } from '../../../src/report/serve/request-check.js';
import { type LiveReport, serveReport } from '../../../src/report/serve/serve-report.js';
import { UserError } from '../../../src/util/errors.js';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const ask = (url: string, options: RequestOptions = {}): Promise<Answer> =>
  new Promise((done, fail) => {
    const asked = request(url, options, (response) => {
      let body = '';
      response.on('data', (data: Buffer) => {
        body += data.toString();
      });
      response.on('end', () => done({ status: response.statusCode!, headers: response.headers, body }));
    });
    asked.on('error', fail);
    asked.end();
  });

describe('serveReport', () => {
  const token = 'abc-DEF_123';
  let [version, isThere] = [1, true];
  let report: LiveReport;
  let port = '';
  beforeAll(async () => {
    const page = {
      version: () => String(version),
      html: () => {
        if (!isThere) throw new UserError('r.sqlite: no such database');
        return `<p>${version}</p>`;
      },
    };
    report = await serveReport(page, 0, token);
    port = new URL(report.url).port;
  });
  afterAll(() => report.close());

  it('answers the page and its version, which follow the database', async () => {
    expect(await ask(report.url)).toMatchObject({ status: 200, body: '<p>1</p>' });
    version = 2;
    expect((await ask(`${report.url}version`)).body).toBe('2');
    expect((await ask(report.url)).body).toBe('<p>2</p>');
  });
  it('forbids caches, frames and guesses of the type', async () => {
    const { headers } = await ask(report.url);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-type': 'text/html; charset=utf-8',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });
  it('listens on the loopback address alone', () => expect(new URL(report.url).hostname).toBe('127.0.0.1'));
  it.each(['', 'wrong', `${token}x`, token.toLowerCase(), `x/${token}`])(
    'refuses the token %j without the page',
    async (given) => {
      const { status, body } = await ask(`http://127.0.0.1:${port}/${given}/`);
      expect([status, body]).toEqual([403, 'the token of the address is wrong']);
    },
  );
  it.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1.evil.example', '0.0.0.0'])(
    'refuses the host %s, as DNS rebinding sends it',
    async (host) => {
      const { status, body } = await ask(report.url, { headers: { host } });
      expect(status).toBe(421);
      expect(body).not.toContain('<p>');
    },
  );
  it.each(['localhost', '[::1]', 'LOCALHOST'])('answers the host %s', async (name) => {
    expect((await ask(report.url, { headers: { host: `${name}:${port}` } })).status).toBe(200);
  });
  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('refuses the method %s', async (method) => {
    expect(await ask(report.url, { method })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });
  it('answers HEAD without a body', async () => {
    const { status, headers, body } = await ask(report.url, { method: 'HEAD' });
    expect([status, headers['content-length'], body]).toEqual([200, '8', '']);
  });
  it('refuses requests of other pages', async () => {
    expect((await ask(report.url, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
    expect((await ask(report.url, { headers: { origin: `http://127.0.0.1:${port}` } })).status).toBe(200);
  });
  it.each(['version/', '../etc/passwd', '%2e%2e/secret', 'index.html'])('has no page %j', async (path) => {
    const { status } = await ask(report.url, { path: `/${token}/${path}` });
    expect(status).toBe(404);
  });
  it('says 503 while the database cannot be read', async () => {
    isThere = false;
    expect(await ask(report.url)).toMatchObject({ status: 503, body: 'r.sqlite: no such database' });
    isThere = true;
  });
  it('a port that is taken is a clear error', async () => {
    const second = serveReport({ version: () => '', html: () => '' }, Number(port), token);
    await expect(second).rejects.toThrow(/serve: port \d+ must be free, got EADDRINUSE/);
  });
});

it('checkRequest needs a host', () =>
  expect(
    checkRequest({ method: 'GET', url: '/t/', host: undefined, origin: undefined }, { port: 1, token: 't' }),
  ).toMatchObject({ status: 421 }));
