/**
 * The strip of an architecture: one small square per block, grouped by stage. C is blue, T orange, identity
 * hollow; heights are stage widths. Table, tooltip and exported figures share this drawing.
 */

export interface StripStage {
  readonly letters: readonly string[];
  readonly width: number;
}

export interface StripOptions {
  /** Widest stage that heights are relative to; default the widest of this strip. */
  readonly widest?: number;
  /** Width of a square and tallest height, in pixels; default 9 and 13. */
  readonly size?: number;
  readonly tallest?: number;
  /** Fill of a letter: a colour or a CSS variable; `none` draws a hollow square. */
  fill(letter: string): string;
  readonly stroke: string;
}

export interface StripShape {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly letter: string;
}

/** Rectangles of a strip, aligned at the bottom; `width` and `height` are of the whole strip. */
export function stripShapes(
  stages: readonly StripStage[],
  options: Pick<StripOptions, 'widest' | 'size' | 'tallest'> = {},
): { shapes: StripShape[]; width: number; height: number } {
  const { size = 9, tallest = 13 } = options;
  const widest = options.widest ?? Math.max(1, ...stages.map((stage) => stage.width));
  const shapes: StripShape[] = [];
  let x = 0;
  for (const stage of stages) {
    const height = Math.max(4, Math.round(tallest * Math.sqrt(stage.width / widest)));
    for (const letter of stage.letters) {
      shapes.push({ x, y: tallest - height, width: size, height, letter });
      x += size + 1;
    }
    x += 4;
  }
  return { shapes, width: Math.max(0, x - 5), height: tallest };
}

/** One SVG with one path per colour. It contains no text, so no name can reach the markup. */
export function stripSvg(stages: readonly StripStage[], options: StripOptions): string {
  const { shapes, width, height } = stripShapes(stages, options);
  return (
    `<svg class="strip" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `aria-hidden="true">${stripPaths(shapes, options)}</svg>`
  );
}

/** The paths of a strip, translated by `dx`, `dy`. */
export function stripPaths(
  shapes: readonly StripShape[],
  { fill, stroke }: Pick<StripOptions, 'fill' | 'stroke'>,
  dx = 0,
  dy = 0,
): string {
  const byFill = new Map<string, string>();
  for (const { x, y, width, height, letter } of shapes) {
    const colour = fill(letter);
    const inset = colour === 'none' ? 0.5 : 0; // a hollow square's outline lies inside its cell
    const path =
      `M${x + dx + inset} ` +
      `${y + dy + inset}h${width - 2 * inset}v${height - 2 * inset}h${2 * inset - width}z`;
    byFill.set(colour, (byFill.get(colour) ?? '') + path);
  }
  return [...byFill]
    .map(([colour, path]) =>
      colour === 'none'
        ? `<path d="${path}" fill="none" stroke="${stroke}"/>`
        : `<path d="${path}" fill="${colour}"/>`,
    )
    .join('');
}
