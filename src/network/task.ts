/** The task of a network, which its head determines. */
import type { Architecture } from '../architecture/architecture.js';
import { definitionOf } from './network-parts.js';

/**
 * classification: one class per image; dense: one class per pixel; denoising: predicts the noise in an image.
 */
export type Task = 'classification' | 'dense' | 'denoising';

const tasks = { 'pixel-logits': 'dense', image: 'denoising' } as const satisfies Record<string, Task>;

export function taskOf({ head }: Pick<Architecture, 'head'>): Task {
  const { output } = definitionOf('head', head.type);
  return output === undefined ? 'classification' : tasks[output];
}

/** Number of classes that a denoising network is conditioned on; 0 where it has no class condition. */
export function conditionClasses({ stem }: Pick<Architecture, 'stem'>): number {
  return stem.type === 'denoise' && stem.params['condition'] === 'class' ? Number(stem.params['labels']) : 0;
}
