/** The measuring child on the real engine, which limits its own memory (`prlimit`) once the engine is open. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { profileHandlers } from '../../../dist/profile/profile-handlers.js';
import { serve } from '../../../dist/runtime/child/serve.js';
import { openRuntime } from '../../../dist/runtime/open-runtime.js';

const room = Number(process.env.ROOM_BYTES);
await serve(
  profileHandlers(async (options) => {
    const runtime = await openRuntime(options);
    const used = Number(/VmData:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
    execFileSync('prlimit', ['--pid', String(process.pid), `--data=${used + room}`]);
    return runtime;
  }),
);
