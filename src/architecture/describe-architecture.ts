/** An architecture in one line: `32×32×3 → conv 16 → C 16 | CCCT 24 | CCTT 40 | CTTT 64 → pool-linear 10`. */
import type { Architecture } from './architecture.js';

/** Layouts with their widths; `canonicalText` also has types and parameters. */
export function describeArchitecture({ input, stem, stages, head, classes }: Architecture): string {
  const body = stages
    .map((stage) => `${stage.blocks.map((block) => block.letter).join('') || '–'} ${stage.width}`)
    .join(' | ');
  const size = `${input.height}×${input.width}×${input.channels}`;
  return `${size} → ${stem.type} ${stem.width} → ${body} → ${head.type} ${classes}`;
}
