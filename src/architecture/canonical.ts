/**
 * The text form of an architecture: RFC 8785 canonical JSON, one text per value. `parseArchitecture` reads
 * it back to an equal, frozen value. It checks the form alone; `network/architecture-problem` checks whether
 * the parts exist and fit together.
 */
import { z } from 'zod';
import { canonicalJson, textHash } from '../util/canonical-json.js';
import { UserError } from '../util/errors.js';
import type { Architecture, BlockSpec } from './architecture.js';

const size = (max: number): z.ZodNumber => z.number().int().min(1).max(max);
const params = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]));
const part = z.strictObject({ type: z.string().min(1), params });
/** The form of one block. */
export const blockForm: z.ZodType<BlockSpec> = z.strictObject({
  type: z.string().min(1),
  params,
  letter: z.string().regex(/^[A-Z][^-\d\sA-Z]*$/u, 'must be one upper-case letter and an optional mark'),
});
/** Of one stage. */
export const mostBlocks = 1024;
export const mostStages = 64;
/** The form of an architecture, for values inside other files. */
export const architectureForm: z.ZodType<Architecture> = z.strictObject({
  input: z.strictObject({ height: size(8192), width: size(8192), channels: size(1024) }),
  classes: size(1_000_000),
  stem: z.strictObject({ type: z.string().min(1), params, width: size(65536) }),
  stages: z
    .array(
      z.strictObject({
        width: size(65536),
        downsample: part.nullable(),
        firstStride: z.union([z.literal(1), z.literal(2)]),
        blocks: z.array(blockForm).max(mostBlocks),
      }),
    )
    .min(1)
    .max(mostStages),
  head: part,
});

function deepFreeze<V>(value: V): V {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

/** The canonical text of an architecture. */
export const canonicalText = (architecture: Architecture): string => canonicalJson(architecture);

/** First 12 hex digits of SHA-256 over the canonical text. */
export const architectureId = (architecture: Architecture): string => textHash(canonicalText(architecture));

/** Path in JavaScript notation, e.g. `stages[1].blocks[0].letter`. */
const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

/** `:line:column`, from 1, of a JSON.parse error; empty where its message has no position. */
function jsonPlace(text: string, message: string): string {
  const position = /position (\d+)/.exec(message)?.[1];
  if (position === undefined) return '';
  const before = text.slice(0, Number(position)).split('\n');
  return `:${before.length}:${before.at(-1)!.length + 1}`;
}

/** An architecture inside what `show --json`, `sample --json` or `list --json` prints of one network. */
const printedForm = z.looseObject({ id: z.string(), architecture: z.looseObject({}) });

/**
 * Parses an architecture, in canonical form or not, or the object that `show --json` prints of one.
 * @param where name of the text in messages: a file name, or `architecture`
 * @throws UserError with the path of the value, e.g. `a.json: stages[1].width: expected number, got "64"`
 */
export function parseArchitecture(text: string, where = 'architecture'): Architecture {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UserError(`${where}${jsonPlace(text, message)}: an architecture must be JSON, got ${message}`, {
      cause: error,
    });
  }
  const printed = printedForm.safeParse(value);
  if (printed.success) value = printed.data.architecture;
  const parsed = architectureForm.safeParse(value);
  if (parsed.success) return deepFreeze(parsed.data);
  const issue = parsed.error.issues[0]!;
  const got = JSON.stringify(valueAt(value, issue.path)) ?? 'nothing';
  const rule = issue.message.replace(/^Invalid input: /, '').replace(/, received .*$/, '');
  const path = pathText(issue.path) || 'architecture';
  const short = got.length > 80 ? `${got.slice(0, 77)}...` : got;
  throw new UserError(`${where}: ${path}: ${rule.charAt(0).toLowerCase()}${rule.slice(1)}, got ${short}`);
}
