/**
 * The script of a served page: loads it again when its version changes. The view state is in the address and
 * stays.
 */

const everyMs = 3000;

/** @param version of the page that holds the script */
export const liveScript = (version: string): string =>
  `setInterval(async () => {
  try {
    const answer = await fetch('version', { cache: 'no-store' });
    if (answer.ok && (await answer.text()) !== ${JSON.stringify(version)}) location.reload();
  } catch { /* the server is gone: the page stays as it is */ }
}, ${everyMs});`;
