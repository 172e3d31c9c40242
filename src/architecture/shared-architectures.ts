/**
 * Reads the texts of many architectures whose stages are alike: each distinct stage is parsed, checked and
 * kept once, so that 50,000 networks take the memory and time of their few thousand stages.
 */
import type { z } from 'zod';
import type { Architecture, BlockSpec, Stage } from './architecture.js';
import { architectureForm, blockForm, mostBlocks, mostStages } from './canonical.js';

interface WithStages {
  readonly stages: readonly { readonly blocks: readonly unknown[] }[];
}
/** Distinct values that are kept, of each kind: 50,000 networks of one space have some 12,000 stages. */
const mostKept = 20_000;

/**
 * How a stage begins in canonical text. It occurs nowhere else: texts escape their quotes, and no other value
 * of an architecture is an array under this name.
 */
const stageStart = '{"blocks":[';

/** What the pieces of canonical texts mean. */
interface Pieces {
  /** What precedes the stages. */
  readonly first: Map<string, Pick<Architecture, 'classes' | 'head' | 'input'>>;
  readonly middle: Map<string, Stage>;
  /** The last stage, and what follows the stages. */
  readonly last: Map<string, Pick<Architecture, 'stem'> & { readonly stage: Stage }>;
}
/** Members of an architecture in canonical order; the pieces cover all of them. */
const members = 'classes head input stages stem';

/**
 * A reader with its own memory of parts.
 * @returns of a JSON text the architecture, or undefined where `architectureForm` refuses it
 */
export function sharedArchitectures(): (text: string) => Architecture | undefined {
  const pieces: Pieces = { first: new Map(), middle: new Map(), last: new Map() };
  const read = sharedValues();
  return (text) => {
    const parts = text.split(stageStart);
    const known = fromPieces(pieces, parts);
    if (known) return known;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return undefined;
    }
    const architecture = read(value);
    if (architecture && isInOrder(value as object, text)) keepPieces(pieces, parts, architecture);
    return architecture;
  };
}

/** Whether the text is compact, names every member once, and in the order that the pieces assume. */
const isInOrder = (value: object, text: string): boolean =>
  Object.keys(value).join(' ') === members && JSON.stringify(value) === text;

/** Pieces of canonical texts, joined in their roles, are the canonical text of the joined values. */
function fromPieces({ first, middle, last }: Pieces, parts: readonly string[]): Architecture | undefined {
  const [before, after] = [first.get(parts[0]!), last.get(parts.at(-1)!)];
  if (!before || !after || parts.length < 2 || parts.length > mostStages + 1) return undefined;
  const stages: Stage[] = [];
  for (const part of parts.slice(1, -1)) {
    const stage = middle.get(part);
    if (!stage) return undefined;
    stages.push(stage);
  }
  stages.push(after.stage);
  const { input, classes, head } = before;
  return { input, classes, stem: after.stem, stages, head };
}

function keepPieces({ first, middle, last }: Pieces, parts: readonly string[], found: Architecture): void {
  const { input, classes, stem, stages, head } = found;
  if (parts.length !== stages.length + 1) return;
  const keep = <V>(known: Map<string, V>, key: string, value: V): void => {
    if (known.size < mostKept && !known.has(key)) known.set(ownText(key), value);
  };
  keep(first, parts[0]!, { input, classes, head });
  for (const [index, stage] of stages.slice(0, -1).entries()) keep(middle, parts[index + 1]!, stage);
  keep(last, parts.at(-1)!, { stage: stages.at(-1)!, stem });
}

/** A copy: a part of a text keeps all of it in memory. */
const ownText = (text: string): string => JSON.parse(JSON.stringify(text)) as string;

/** A reader of parsed values, whose equal stages and blocks become one object. */
function sharedValues(): (value: unknown) => Architecture | undefined {
  const blocks = new Map<string, BlockSpec>();
  const stages = new Map<string, Stage>();
  const outlines = new Map<string, Architecture>();
  const kept = <V>(known: Map<string, V>, key: string, read: () => V | undefined): V | undefined => {
    const found = known.get(key);
    if (found) return found;
    const value = read();
    if (value && known.size < mostKept) known.set(key, value);
    return value;
  };
  const checked = <V>(known: Map<string, V>, value: unknown, form: z.ZodType<V>): V | undefined =>
    kept(known, JSON.stringify(value), () => form.safeParse(value).data);
  const withBlocks = (outline: Stage, values: readonly unknown[]): Stage | undefined => {
    if (values.length > mostBlocks) return undefined;
    const shared = values.map((block) => checked(blocks, block, blockForm));
    return shared.every((block) => block !== undefined) ? { ...outline, blocks: shared } : undefined;
  };
  return (value) => {
    if (!hasStages(value)) return undefined;
    const outline = { ...value, stages: value.stages.map((stage) => ({ ...stage, blocks: [] })) };
    const frame = checked(outlines, outline, architectureForm);
    if (!frame) return undefined;
    const shared = value.stages.map((stage, index) =>
      kept(stages, JSON.stringify(stage), () => withBlocks(frame.stages[index]!, stage.blocks)),
    );
    return shared.every((stage) => stage !== undefined) ? { ...frame, stages: shared } : undefined;
  };
}

/** Cheaper than a schema, which every architecture would pay for. */
function hasStages(value: unknown): value is WithStages {
  const stages = (value as { stages?: unknown } | null)?.stages;
  return (
    Array.isArray(stages) &&
    stages.every((stage) => Array.isArray((stage as { blocks?: unknown } | null)?.blocks))
  );
}
