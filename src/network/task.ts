/** What a network is for, as its head says. */
import type { Architecture } from '../architecture/architecture.js';
import { definitionOf } from './network-parts.js';

/** classification: one class an image. dense: one class a pixel. denoising: the noise in an image. */
export type Task = 'classification' | 'dense' | 'denoising';

const tasks = { 'pixel-logits': 'dense', image: 'denoising' } as const satisfies Record<string, Task>;

export function taskOf({ head }: Pick<Architecture, 'head'>): Task {
  const { output } = definitionOf('head', head.type);
  return output === undefined ? 'classification' : tasks[output];
}

/** Classes that a denoising network is told; 0 where its condition is none. */
export function conditionClasses({ stem }: Pick<Architecture, 'stem'>): number {
  return stem.type === 'denoise' && stem.params['condition'] === 'class' ? Number(stem.params['labels']) : 0;
}
