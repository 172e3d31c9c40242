/** Uniform draws over the members of the space: the baseline that every comparison includes. */
import type { Strategy } from '../strategy.js';

const params = {} as const;

export const uniform = {
  name: 'uniform',
  summary: 'uniform draws over the members, without repeats',
  source: 'https://www.jmlr.org/papers/v13/bergstra12a.html',
  mostObjectives: Infinity,
  params,
  create: ({ space }) => ({ propose: (_history, random) => ({ candidate: space.sample(random) }) }),
} as const satisfies Strategy<typeof params>;
