/** Writes figures as `.svg`, or as `.png` rendered from the SVG at 300 dots an inch, without a browser. */
import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Objective } from '../analysis/objectives/objectives.js';
import type { ExperimentResult } from '../store/experiment-result.js';
import { UserError } from '../util/errors.js';
import { chartSvg } from './charts/chart-svg.js';
import type { Figure } from './figures/figure.js';
import { type FigureName, figures } from './figures/figure-table.js';
import type { ThemeName } from './report-theme.js';
import { forestSvg } from './svg/forest-svg.js';
import { type FrontSvgOptions, frontSvg } from './svg/front-svg.js';

export interface FigureOptions {
  /** Default light. */
  readonly theme?: ThemeName;
  /** Cost of the front; default: the main cost of the result. */
  readonly cost?: Objective;
  /** Of the file, in millimetres; default: pixels of a screen. */
  readonly widthMm?: number;
}

export const figureNames = Object.keys(figures) as readonly FigureName[];

/** Of the screen, an inch. */
const pixelsPerInch = 96;
const mmPerInch = 25.4;
/** Drawing width of a column of 89 mm, so that letters print at 7 to 8 points. */
const pixelsPerMm = 5;

/**
 * A figure of the report from the values that its page shows.
 * @throws UserError where the result has no data for it
 */
export function figureSvg(result: ExperimentResult, name: FigureName, options: FigureOptions = {}): string {
  const { theme = 'light', cost, widthMm } = options;
  const width = widthMm === undefined ? undefined : Math.round(widthMm * pixelsPerMm);
  const sized = { theme, ...(width !== undefined && { width }) };
  return inMillimetres(drawn(result, name, sized, cost), widthMm);
}

function drawn(
  result: ExperimentResult,
  name: FigureName,
  sized: { readonly theme: ThemeName; readonly width?: number },
  cost: Objective | undefined,
): string {
  if (name === 'front') {
    const height = sized.width === undefined ? {} : { height: Math.round(0.66 * sized.width) };
    return frontSvg(result, { ...sized, ...height, ...(cost && { cost }) });
  }
  const figure = figures[name] as Figure<unknown>;
  const info = figure.info(result);
  if (info === undefined)
    throw new UserError(`figure: ${name} needs data that this result does not have`, {
      fix: `name another figure: ${availableFigures(result).join(', ') || 'none has data yet'}`,
    });
  if (name === 'effects') return forestSvg(info as Parameters<typeof forestSvg>[0], sized);
  return chartSvg(figure.chart!(info), sized);
}

/** Figures that this result has data for. */
export const availableFigures = (result: ExperimentResult): FigureName[] =>
  figureNames.filter((name) => figures[name].info(result) !== undefined);

/** Width and height of the root element in millimetres; the drawing stays as it is. */
function inMillimetres(svg: string, widthMm: number | undefined): string {
  if (widthMm === undefined) return svg;
  const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg)!;
  const heightMm = ((widthMm * Number(height)) / Number(width)).toFixed(2);
  return svg
    .replace(/(<svg[^>]*?) width="[\d.]+"/, `$1 width="${widthMm}mm"`)
    .replace(/(<svg[^>]*?) height="[\d.]+"/, `$1 height="${heightMm}mm"`);
}

/**
 * Writes the front.
 * @throws UserError for another file extension, a file that cannot be written, or a result without points
 */
export async function writeFigure(
  result: ExperimentResult,
  file: string,
  options: FrontSvgOptions = {},
): Promise<void> {
  await writePicture(file, () => frontSvg(result, options));
}

/**
 * @param svg called after the file extension is checked
 * @param where names the caller in messages
 */
export async function writePicture(
  file: string,
  svg: () => string,
  where = 'report',
  widthMm?: number,
): Promise<void> {
  const ending = extname(file).toLowerCase();
  if (ending !== '.svg' && ending !== '.png')
    throw new UserError(`${where}: a figure is written as .svg or .png, got ${JSON.stringify(file)}`);
  const text = svg();
  try {
    await writeFile(file, ending === '.svg' ? text : await pngOf(text, widthMm));
  } catch (error) {
    throw new UserError(
      `${where}: ${file} must be a file that can be written, ` +
        `got ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
      { cause: error },
    );
  }
}

/** Twice the pixels of the screen; of a figure in millimetres 300 dots an inch. */
async function pngOf(svg: string, widthMm: number | undefined): Promise<Buffer> {
  const { default: sharp } = await import('sharp'); // only pictures need it
  if (widthMm === undefined)
    return sharp(Buffer.from(svg), { density: 1.5 * pixelsPerInch })
      .png()
      .toBuffer();
  const width = Math.round((widthMm / mmPerInch) * 300);
  return sharp(Buffer.from(svg), { density: 300 })
    .resize({ width })
    .withMetadata({ density: 300 })
    .png()
    .toBuffer();
}
