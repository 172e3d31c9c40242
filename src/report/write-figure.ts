/** Writes figures as `.svg`, or as `.png` rendered from the SVG at twice its size. */
import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { ExperimentResult } from '../store/experiment-result.js';
import { UserError } from '../util/errors.js';
import { type FrontSvgOptions, frontSvg } from './svg/front-svg.js';

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
export async function writePicture(file: string, svg: () => string, where = 'report'): Promise<void> {
  const ending = extname(file).toLowerCase();
  if (ending !== '.svg' && ending !== '.png')
    throw new UserError(`${where}: a figure is written as .svg or .png, got ${JSON.stringify(file)}`);
  const text = svg();
  try {
    await writeFile(file, ending === '.svg' ? text : await pngOf(text));
  } catch (error) {
    throw new UserError(
      `${where}: ${file} must be a file that can be written, ` +
        `got ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
      { cause: error },
    );
  }
}

async function pngOf(svg: string): Promise<Buffer> {
  const { default: sharp } = await import('sharp'); // only pictures need it
  return sharp(Buffer.from(svg), { density: 144 }).png().toBuffer();
}
