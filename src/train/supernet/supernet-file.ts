/** The shared weights of a trained supernet as a safetensors file, with its space and data as metadata. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { WeightSet } from '../../runtime/runtime.js';
import { UserError } from '../../util/errors.js';
import { replaceFile } from '../weights/replace-file.js';
import { decodeTensors, encodeTensors, jsonMetadata } from '../weights/safetensors.js';
import { pathStrategies, type SupernetRequest } from './supernet-request.js';

export interface TrainedSupernet extends SupernetRequest {
  readonly weights: WeightSet;
  readonly datasetHash: string;
}

const format = 'stagecraft-supernet-1';
const supernetForm = z.object({
  space: z.object({ text: z.string(), file: z.string(), conditions: z.array(z.string()) }),
  paths: z.enum(pathStrategies),
  datasetHash: z.string(),
});

/** Replaces the file atomically. @returns the SHA-256 of its bytes */
export function writeSupernetFile(file: string, { weights, ...rest }: TrainedSupernet): string {
  const bytes = encodeTensors({ tensors: weights, metadata: { format, supernet: JSON.stringify(rest) } });
  replaceFile(file, bytes);
  return createHash('sha256').update(bytes).digest('hex');
}

/** @throws UserError where the file is damaged, of another kind, or not what `sha256` says */
export function readSupernetFile(file: string, sha256: string): TrainedSupernet {
  const bytes = readFileSync(file);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256)
    throw new UserError(
      `${file}: must be the supernet that was trained (SHA-256 ${sha256.slice(0, 12)}), ` +
        `got ${found.slice(0, 12)}`,
    );
  const { tensors, metadata } = decodeTensors(bytes, file);
  if (metadata['format'] !== format)
    throw new UserError(
      `${file}: format must be ${JSON.stringify(format)}, got ${JSON.stringify(metadata['format'] ?? null)}`,
    );
  return { weights: tensors, ...jsonMetadata(metadata, 'supernet', supernetForm, file) };
}
