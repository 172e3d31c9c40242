/** Writes the front as a picture: `.svg`, or `.png` drawn from it at twice its size. */
import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { ExperimentResult } from '../store/result-view.js';
import { UserError } from '../util/errors.js';
import { frontSvg, type FrontSvgOptions } from './front-svg.js';

/** @throws UserError for another ending, a file that cannot be written, or a result without points */
export async function writeFigure(result: ExperimentResult, file: string, options: FrontSvgOptions = {}): Promise<void> {
  const ending = extname(file).toLowerCase();
  if (ending !== '.svg' && ending !== '.png') throw new UserError(`report: a figure is written as .svg or .png, got ${JSON.stringify(file)}`);
  const svg = frontSvg(result, options);
  try {
    await writeFile(file, ending === '.svg' ? svg : await pngOf(svg));
  } catch (error) {
    throw new UserError(`report: ${file} must be a file that can be written, got ${(error as NodeJS.ErrnoException).code ?? String(error)}`, { cause: error });
  }
}

async function pngOf(svg: string): Promise<Buffer> {
  const { default: sharp } = await import('sharp'); // only pictures need it
  return sharp(Buffer.from(svg), { density: 144 }).png().toBuffer();
}
