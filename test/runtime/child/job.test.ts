import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { childJob, compileFactor, runJob, startJob } from '../../../src/runtime/child/job.js';
import { temporaryFolder } from '../../data/temporary-files.js';

type Message =
  | { readonly type: 'echo'; readonly text: string }
  | { readonly type: 'sum'; readonly sum: number };
interface Request {
  readonly threads: number;
  readonly text: string;
}
const job = childJob<Request, Message, { readonly type: 'add'; readonly value: number }>({
  name: 'echo',
  entry: 'no/such.js',
  silenceLimitMs: 20_000,
});
const folder = await temporaryFolder();
const dist = (path: string): string =>
  JSON.stringify(pathToFileURL(resolve(import.meta.dirname, '../../../dist', path)).href);
const entry = join(folder, 'echo-child.mjs');
writeFileSync(
  entry,
  `import { writeSync } from 'node:fs';
import { jobHandler, serve } from ${dist('runtime/child/serve.js')};
await serve([jobHandler({ name: 'echo' }, async ({ text }, send, commands) => {
  if (text === 'throw') throw new Error('made to fail');
  if (text === 'unknown type') send({ type: 'other' });
  if (text === 'no JSON') writeSync(3, 'free text\\n');
  if (text === 'hang') await new Promise((resolve) => setTimeout(resolve, 60_000));
  send({ type: 'echo', text });
  let sum = 0;
  for await (const { value } of commands) send({ type: 'sum', sum: (sum += value) });
})]);`,
);

const echo = async (text: string, more: { name?: string; silenceLimitMs?: number } = {}) => {
  const echoed: string[] = [];
  const failure = await runJob(
    { ...job, name: more.name ?? job.name } as unknown as ReturnType<typeof childJob<Request, Message>>,
    { threads: 1, text },
    { echo: (message) => echoed.push(message.text), sum: () => {} },
    { entry, silenceLimitMs: more.silenceLimitMs },
  );
  return { echoed, failure };
};

it('compileFactor: torch.compile may be silent for longer', () => {
  expect(compileFactor({ runtime: 'pytorch', execution: 'compiled' })).toBe(10);
  expect(compileFactor({ runtime: 'pytorch', execution: 'eager' })).toBe(1);
  expect(compileFactor({ runtime: 'tensorflow', execution: 'compiled' })).toBe(1);
  expect(compileFactor({})).toBe(1);
});

describe('runJob', () => {
  it('hands each message to the function of its type and resolves to undefined', async () => {
    expect(await echo('hello')).toEqual({ echoed: ['hello'], failure: undefined });
  });

  it('resolves to the failure that the handler threw', async () => {
    expect(await echo('throw')).toEqual({
      echoed: [],
      failure: { status: 'failed', reason: 'made to fail' },
    });
  });

  it.each(['unknown type', 'no JSON'])('ends a child that sends an invalid message: %s', async (text) => {
    const { echoed, failure } = await echo(text);
    expect(echoed).toEqual([]);
    expect(failure).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/^child: invalid message /),
    });
  });

  it('ends a child that is silent for longer than the limit', async () => {
    expect((await echo('hang', { silenceLimitMs: 1500 })).failure).toMatchObject({ status: 'timed-out' });
  });

  it('fails where the entry script has no handler of that name', async () => {
    expect((await echo('hello', { name: 'no-such-job' })).failure!.reason).toBe(
      'child: the job must be one of "echo", got "no-such-job"',
    );
  });
});

describe('startJob', () => {
  it('sends commands until finish, and answers come in order', async () => {
    const sums: number[] = [];
    const child = startJob(
      job,
      { threads: 1, text: 'hello' },
      {
        echo: () => {},
        sum: ({ sum }) => {
          sums.push(sum);
          if (sums.length === 2) child.finish();
        },
      },
      { entry },
    );
    child.send({ type: 'add', value: 2 });
    child.send({ type: 'add', value: 3 });
    expect(await child.ended).toBeUndefined();
    expect(sums).toEqual([2, 5]);
  });
});
