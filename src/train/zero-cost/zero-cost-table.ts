/** All zero-cost measures by name. To add one, write its function and a line here. */
import { networkCost } from '../../network/network-cost.js';
import { deepmadEffectiveness, deepmadEntropy, zen } from './expressivity-measures.js';
import { fisher, gradientNorm, grasp, snip, synflow } from './gradient-measures.js';
import { jacobianCovariance, naswot } from './kernel-measures.js';
import type { ZeroCostMeasure } from './zero-cost-measure.js';

export const zeroCostMeasures = {
  synflow,
  naswot,
  zen,
  grasp,
  snip,
  fisher,
  'jacobian-covariance': jacobianCovariance,
  'gradient-norm': gradientNorm,
  'deepmad-entropy': deepmadEntropy,
  'deepmad-effectiveness': deepmadEffectiveness,
  params: {
    summary: 'parameters',
    source: 'https://arxiv.org/abs/2101.08134',
    needsModel: false,
    score: ({ architecture }) => Promise.resolve(networkCost(architecture).total.params),
  },
  macs: {
    summary: 'multiply-accumulates of one image',
    source: 'https://arxiv.org/abs/2101.08134',
    needsModel: false,
    score: ({ architecture }) => Promise.resolve(networkCost(architecture).total.macs),
  },
} as const satisfies Record<string, ZeroCostMeasure>;

export type ZeroCostName = keyof typeof zeroCostMeasures;
export const zeroCostNames = Object.keys(zeroCostMeasures) as readonly ZeroCostName[];
