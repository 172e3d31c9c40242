/** Turns the output of a failed step into an error with its cause and a fix. Pure. */
import { UserError } from '../../util/errors.js';

interface Cause {
  readonly pattern: RegExp;
  readonly message: string;
  readonly fix: string;
}

const diskFull = /no space left|ENOSPC|errno 28|disk quota exceeded|EDQUOT|errno 122/i;

/** The first match counts. */
const causes = [
  {
    pattern: diskFull,
    message: 'the disk is full',
    fix: 'free some space, or set STAGECRAFT_CACHE to a folder on another disk, and run it again',
  },
  {
    pattern: /EROFS|read-only file system/i,
    message: 'the disk is read-only',
    fix: 'set STAGECRAFT_CACHE to a folder that can be written',
  },
  {
    pattern: /EACCES|permission denied|errno 13/i,
    message: 'a file or folder may not be written',
    fix: 'add write permission, or set STAGECRAFT_CACHE to a folder that can be written',
  },
  {
    pattern: new RegExp(
      [
        'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH',
        'temporary failure in name resolution|name or service not known|network is unreachable',
        'failed to establish a new connection|connection (?:refused|timed out|reset)',
        'read timed out|ReadTimeoutError|proxyerror',
      ].join('|'),
      'i',
    ),
    message: 'the network cannot be reached',
    fix:
      'check the connection and proxy settings (HTTPS_PROXY), and run it again; ' +
      'finished downloads are kept',
  },
  {
    pattern: /CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|UNABLE_TO_(?:GET|VERIFY)|certificate verify failed/i,
    message: "the server's certificate is not trusted",
    fix: "name your company's certificate in PIP_CERT and NODE_EXTRA_CA_CERTS, and run it again",
  },
  {
    pattern: /no module named pip|No module named 'pip'/i,
    message: 'this Python has no pip',
    fix: 'install pip (Debian, Ubuntu: `apt install python3-pip`), and run it again',
  },
  {
    pattern: /no matching distribution|could not find a version/i,
    message: 'the package index has no such wheel',
    fix:
      'check the index that pip uses (`pip config list`), ' +
      'or name a TensorFlow of your own with `--tensorflow <folder>`',
  },
  {
    pattern: /GLIBC_[\d.]+' not found|GLIBCXX_[\d.]+' not found/i,
    message: 'the system libraries are too old for it',
    fix: 'use a newer distribution; until then stagecraft runs on wasm',
  },
  {
    pattern: /SIGKILL|out of memory|cannot allocate memory|virtual memory exhausted/i,
    message: 'the memory ran out',
    fix: 'close other programs and run it again',
  },
] as const satisfies readonly Cause[];

/** Whether the output of a failed step reports a full disk. */
export const isDiskFull = (output: string): boolean => diskFull.test(output);

/** The last line with an error, else the last line; notices skipped, shortened. */
function lastLine(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(npm (warn|notice)|A complete log|WARNING|\[notice\])/i.test(line));
  const error = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? '';
  return error.length > 300 ? `${error.slice(0, 300)}…` : error;
}

/** @param step e.g. `downloading TensorFlow` @param output of the program that failed */
export function setupFailure(step: string, output: string): UserError {
  const cause = causes.find(({ pattern }) => pattern.test(output));
  const line = lastLine(output);
  if (cause === undefined)
    return new UserError(`setup: ${step} failed: ${line || 'no reason given'}`, {
      fix: 'run it again with --verbose for the whole output',
    });
  const detail = line === '' ? '' : ` (${line})`;
  return new UserError(`setup: ${step} failed: ${cause.message}${detail}`, { fix: cause.fix });
}
