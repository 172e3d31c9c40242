/** Findings of `verify-device` for a terminal: one line per mode and group, then what failed. */
import { deviceText } from '../../lab/device-text.js';
import type { Check, Verification } from '../../profile/verify/verification.js';
import { groupBy } from '../../store/group-by.js';
import type { Io } from './io.js';
import { table } from './text-format.js';

const short = (value: number | undefined): string => (value === undefined ? '' : value.toPrecision(2));

function rangeText({ low, high }: Check): string {
  if (low !== undefined && high !== undefined) return `${low.toPrecision(3)} to ${high.toPrecision(3)}`;
  return high === undefined ? `at least ${low}` : `at most ${high}`;
}

/** What a check found, with its range. */
const checkText = (check: Check): string =>
  check.measured === undefined ? check.text : `${check.text}: ${short(check.measured)} (${rangeText(check)})`;

/** Checks of blocks by mode and quantity: how many passed, and the largest value of its bound. */
function blockRows(checks: readonly Check[]): string[][] {
  const quantity = ({ text }: Check): string => text.replace(/ of \S+, the worst/, ' of the worst tensor');
  const groups = groupBy(
    checks.filter(
      ({ group, outcome }) => (group === 'forward' || group === 'training') && outcome !== 'unknown',
    ),
    (check) => `${check.mode}\n${check.measured === undefined ? 'ran to its end' : quantity(check)}`,
  );
  return [...groups].map(([key, members]) => {
    const [mode, text] = key.split('\n') as [string, string];
    const passed = members.filter(({ outcome }) => outcome === 'passed').length;
    const worst = members.reduce((a, b) => ((b.measured ?? 0) > (a.measured ?? 0) ? b : a));
    return [
      mode,
      text,
      `${passed} of ${members.length}`,
      short(worst.measured),
      worst.high === undefined ? '' : String(worst.high),
      worst.name,
    ];
  });
}

export function verificationText(found: Verification, { colours }: Io): string {
  const { checks, deviceKey, modes, reference, passed, seconds } = found;
  const failures = checks.filter(({ outcome }) => outcome === 'failed').length;
  const single = checks.filter(({ group }) => group === 'timing' || group === 'memory');
  const failed = checks.filter(
    ({ outcome, group }) => outcome === 'failed' && !['timing', 'memory'].includes(group),
  );
  const marks = { passed: colours.green('✓'), failed: colours.red('✗'), unknown: colours.yellow('?') };
  return [
    `device     ${deviceText(deviceKey)}`,
    `modes      ${modes.join(', ')}`,
    `reference  ${reference}`,
    '',
    table(
      [
        { title: 'mode' },
        { title: 'quantity, against the reference' },
        { title: 'blocks', align: 'right' },
        { title: 'largest', align: 'right' },
        { title: 'allowed', align: 'right' },
        { title: 'at' },
      ],
      blockRows(checks),
    ),
    '',
    ...single.map((check) => `${marks[check.outcome]} ${check.name}: ${checkText(check)}`),
    ...failed.map((check) => `${marks.failed} ${check.name}, ${check.mode}: ${checkText(check)}`),
    '',
    passed
      ? `${colours.green('passed')}: ${checks.length} checks in ${seconds} s`
      : `${colours.red('failed')}: ${failures} of ${checks.length} checks in ${seconds} s`,
  ].join('\n');
}
