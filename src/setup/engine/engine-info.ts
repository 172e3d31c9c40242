/** The marker file `engine.json` of a published engine: its origin, and sizes that show damage. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const measuredSchema = z.object({
  /** Billions of floating-point operations per second, multiply and add counted apart. */
  matmulGflops: z.number(),
  convGflops: z.number(),
  convGradientGflops: z.number(),
  threads: z.number(),
  device: z.enum(['cpu', 'gpu']),
});

const engineInfoSchema = z.object({
  format: z.literal(1),
  /** `cpu` and `cuda` from wheels; `own` for a TensorFlow that the user named. */
  kind: z.enum(['cpu', 'cuda', 'own']),
  tfjsVersion: z.string(),
  tensorflowVersion: z.string(),
  platform: z.string(),
  arch: z.string(),
  /** Wheels by file name, or the folder of the user's TensorFlow. */
  source: z.array(z.string()),
  /** Required files, relative to the engine folder, with their sizes in bytes. */
  files: z.record(z.string(), z.number()),
  /** SHA-256 of the binding. */
  bindingSha256: z.string(),
  nodeVersion: z.string(),
  builtAt: z.string(),
  /** What the proof run measured right after the build. */
  measured: measuredSchema,
});

export type EngineMeasurement = z.infer<typeof measuredSchema>;
export type EngineInfo = z.infer<typeof engineInfoSchema>;

export const markerName = 'engine.json';

/** Reads a marker; undefined where it is missing or invalid. */
export function readEngineInfo(folder: string): EngineInfo | undefined {
  try {
    const parsed = engineInfoSchema.safeParse(JSON.parse(readFileSync(join(folder, markerName), 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** The first file that is missing or has another size than when it was published; undefined where none is. */
export function damagedFile(folder: string, info: EngineInfo): string | undefined {
  return Object.entries(info.files).find(([file, bytes]) => {
    try {
      return statSync(join(folder, file)).size !== bytes;
    } catch {
      return true;
    }
  })?.[0];
}
