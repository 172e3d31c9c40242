/** Reads the result file of a bundle, and refuses what is cut, doubled, changed, foreign or newer. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { UserError } from '../../util/errors.js';
import { type BundleJob, type BundlePlan, parseBundlePlan } from './bundle-plan.js';
import { profileRecordForm, sessionRecordForm, trainRecordForm } from './result-forms.js';

const resultsFormat = 'stagecraft-results';
const resultsVersion = 1;
const linePattern = /^\{"sha256":"([0-9a-f]{64})","record":(.*)\}$/s;

export type SessionRecord = z.infer<typeof sessionRecordForm>;
export type ProfileRecord = z.infer<typeof profileRecordForm>;
export type TrainRecord = z.infer<typeof trainRecordForm>;

export interface BundleResults {
  readonly plan: BundlePlan;
  /** SHA-256 of the plan's text. */
  readonly bundleId: string;
  /** By checksum. */
  readonly sessions: ReadonlyMap<string, SessionRecord>;
  /** In the order in which they ended. */
  readonly results: readonly {
    readonly id: string;
    readonly job: BundleJob;
    readonly record: ProfileRecord | TrainRecord;
  }[];
}

const resultForm = z.discriminatedUnion('kind', [profileRecordForm, trainRecordForm]);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

interface Line {
  readonly number: number;
  readonly id: string;
  readonly record: Readonly<Record<string, unknown>>;
}

/** Lines whose checksums hold and follow on each other. */
function chainedLines(text: string, where: string): Line[] {
  if (!text.endsWith('\n'))
    throw new UserError(`${where}: must end in a whole record, got one that is cut`, {
      fix: 'run `python run.py` of the bundle again: it removes the incomplete record and repeats its job',
    });
  const seen = new Map<string, number>();
  let previous = '';
  return text
    .slice(0, -1)
    .split('\n')
    .map((line, index) => {
      const number = index + 1;
      const [, id, recordText] = linePattern.exec(line) ?? [];
      if (id === undefined || recordText === undefined || sha256(recordText) !== id)
        throw new UserError(
          `${where}:${number}: a record must be as it was written, got ${JSON.stringify(line.slice(0, 40))}`,
        );
      const earlier = seen.get(id);
      if (earlier !== undefined)
        throw new UserError(
          `${where}:${number}: a record must stand once, got that of line ${earlier} again`,
        );
      seen.set(id, number);
      const record = JSON.parse(recordText) as Line['record'];
      if (record['previous'] !== previous)
        throw new UserError(
          `${where}:${number}: a record must follow the one that was written before it, got another`,
        );
      previous = id;
      return { number, id, record };
    });
}

/**
 * @param where names the file in errors
 * @throws UserError naming the line, for a file that is cut, doubled, changed, foreign or of a newer version
 */
export function readResultFile(text: string, where: string): BundleResults {
  const [first, ...rest] = chainedLines(text, where);
  const { plan, bundleId } = headOf(first!, where);
  const jobs = new Map(plan.jobs.map((job) => [job.id, job]));
  const sessions = new Map<string, SessionRecord>();
  const done = new Map<string, number>();
  const results: BundleResults['results'][number][] = [];
  for (const { number, id, record } of rest) {
    const at = `${where}:${number}`;
    if (record['kind'] === 'session') {
      sessions.set(id, checked(sessionRecordForm, record, at));
      continue;
    }
    const result = checked(resultForm, record, at);
    const job = jobs.get(result.job);
    if (!job || job.kind !== result.kind)
      throw new UserError(`${at}: a ${result.kind} must be a job of the plan, got ${result.job}`);
    if (!sessions.has(result.session))
      throw new UserError(`${at}: a result must follow its session, got ${result.session.slice(0, 12)}`);
    const once = isDone(result) ? `${result.job} ${JSON.stringify(result.facts)}` : '';
    if (once !== '' && done.has(once))
      throw new UserError(
        `${at}: a job must be done once on a device, got ${result.job} again after line ${done.get(once)}`,
      );
    done.set(once, number);
    results.push({ id, job, record: result });
  }
  return { plan, bundleId, sessions, results };
}

function headOf({ record }: Line, where: string): { plan: BundlePlan; bundleId: string } {
  const { kind, format, version, plan: planText } = record;
  if (kind !== 'plan' || format !== resultsFormat || typeof planText !== 'string')
    throw new UserError(`${where}:1: must be the plan of a bundle, got ${JSON.stringify(kind ?? null)}`);
  if (version !== resultsVersion)
    throw new UserError(`${where}:1: version must be ${resultsVersion}, got ${JSON.stringify(version)}`, {
      fix: 'update stagecraft; the file is unchanged',
    });
  return { plan: parseBundlePlan(planText, `${where}:1: plan`), bundleId: sha256(planText) };
}

function checked<V>(form: z.ZodType<V>, value: unknown, at: string): V {
  const parsed = form.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new UserError(`${at}: ${path.map(String).join('.') || 'record'}: ${message}`);
}

export const isDone = (record: ProfileRecord | TrainRecord): boolean =>
  record.kind === 'train'
    ? record.result.status === 'ok'
    : record.rows.every(({ status }) => status === 'measured');
