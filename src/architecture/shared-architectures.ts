/**
 * Reads many architectures whose blocks are alike: each distinct block is checked and kept once, so that
 * 50,000 networks take the memory and time of their few dozen blocks.
 */
import type { z } from 'zod';
import type { Architecture, BlockSpec } from './architecture.js';
import { architectureForm, blockForm, mostBlocks } from './canonical.js';

interface WithStages {
  readonly stages: readonly { readonly blocks: readonly unknown[] }[];
}
/** Distinct blocks and outlines that are kept; a space has dozens. */
const mostKept = 10_000;

/**
 * A reader with its own memory of parts.
 * @returns of a parsed JSON value the architecture, or undefined where `architectureForm` refuses it
 */
export function sharedArchitectures(): (value: unknown) => Architecture | undefined {
  const blocks = new Map<string, BlockSpec>();
  const outlines = new Map<string, Architecture>();
  const kept = <V>(known: Map<string, V>, value: unknown, form: z.ZodType<V>): V | undefined => {
    const key = JSON.stringify(value);
    const found = known.get(key);
    if (found) return found;
    const { success, data } = form.safeParse(value);
    if (success && known.size < mostKept) known.set(key, data);
    return success ? data : undefined;
  };
  return (value) => {
    if (!hasStages(value)) return undefined;
    const outline = { ...value, stages: value.stages.map((stage) => ({ ...stage, blocks: [] })) };
    const checked = kept(outlines, outline, architectureForm);
    if (!checked) return undefined;
    const stages = [];
    for (const [index, stage] of value.stages.entries()) {
      if (stage.blocks.length > mostBlocks) return undefined;
      const shared = stage.blocks.map((block) => kept(blocks, block, blockForm));
      if (!shared.every((block) => block !== undefined)) return undefined;
      stages.push({ ...checked.stages[index]!, blocks: shared });
    }
    return { ...checked, stages };
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
