/**
 * The final weights of a training as a safetensors file: float32 tensors by path; architecture, classes and
 * normalisation as metadata.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Architecture } from '../../architecture/architecture.js';
import { canonicalText, parseArchitecture } from '../../architecture/canonical.js';
import type { WeightSet } from '../../runtime/runtime.js';
import { UserError } from '../../util/errors.js';
import { noSuchFile } from '../../util/read-text-file.js';
import { replaceFile } from './replace-file.js';
import { decodeTensors, encodeTensors, jsonMetadata } from './safetensors.js';

export interface FinalWeights {
  readonly weights: WeightSet;
  readonly architecture: Architecture;
  /** Per channel of the training images, fractions: what inputs are normalised by. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly classes: readonly string[];
  readonly datasetHash: string;
}

const format = 'stagecraft-weights-1';

/** Replaces the file atomically. @returns the SHA-256 of its bytes */
export function writeWeightsFile(file: string, { weights, architecture, ...rest }: FinalWeights): string {
  const bytes = encodeTensors({
    tensors: weights,
    metadata: { format, architecture: canonicalText(architecture), data: JSON.stringify(rest) },
  });
  replaceFile(file, bytes);
  return createHash('sha256').update(bytes).digest('hex');
}

/** @throws UserError where the file is not there */
export function weightsHash(file: string): string {
  return createHash('sha256').update(readBytes(file)).digest('hex');
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw noSuchFile(file, error);
    throw new UserError(
      `${file}: no weights can be read there ` +
        `(${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`,
      { cause: error },
    );
  }
}

const dataForm = z.object({
  mean: z.array(z.number()),
  std: z.array(z.number()),
  classes: z.array(z.string()),
  datasetHash: z.string(),
});

/** @throws UserError where the file is missing, damaged or of another kind */
export function readWeightsFile(file: string): FinalWeights {
  const { tensors, metadata } = decodeTensors(readBytes(file), file);
  if (metadata['format'] !== format)
    throw new UserError(
      `${file}: format must be ${JSON.stringify(format)}, got ${JSON.stringify(metadata['format'] ?? null)}`,
    );
  return {
    weights: tensors,
    architecture: parseArchitecture(metadata['architecture'] ?? '', `${file}: metadata architecture`),
    ...jsonMetadata(metadata, 'data', dataForm, file),
  };
}
