/** Published networks: parameters equal to the unit, MACs within 0.1 % or with the difference explained. */
import { describe, expect, it } from 'vitest';
import type { Architecture } from '../../src/architecture/architecture.js';
import { architectureProblem } from '../../src/network/architecture-problem.js';
import { forwardNetwork } from '../../src/network/forward-network.js';
import { networkCost } from '../../src/network/network-cost.js';
import { infer } from '../../src/tensor/infer/infer.js';
import { countedCosts } from '../fixtures/published/counted-costs.js';
import { referenceNetworks } from '../fixtures/reference-networks.js';

const known = Object.entries(countedCosts.models).map(([model, cost]) => ({ model, ...cost }));

/** MACs that the reference's counter sees and ours does not (positive), or the other way round, and why. */
const explained: Readonly<
  Record<string, { readonly macs: (architecture: Architecture) => number; readonly because: string }>
> = {
  maxvit_tiny_tf_224: {
    macs: () => 2 * (2 * 2 + 2 * 4 + 5 * 8 + 2 * 16) * (49 * 13 * 13 + 49 * 49 * 13),
    because: 'timm expands bias tables by matrix products',
  },
  wavemix_192_16_L3: {
    macs: () => 16 * 48 * 4 * (3 * 56 * 56 + 2 * 28 * 28 + 14 * 14),
    because:
      'the reference writes the wavelets as convolutions, and transforms the first levels anew for each deeper one',
  },
  hornet_tiny_gf: {
    macs: (architecture) => -frequencyMacs(architecture),
    because: 'Fourier transforms are products here and not counted there',
  },
};

const frequencyMacs = (architecture: Architecture): number =>
  infer([1, 224, 224, 3], (ops, x) => forwardNetwork(ops, architecture, x))
    .operations.filter(({ kind, scope }) => kind === 'matmul' && scope.endsWith('gnconv/filter'))
    .reduce((sum, { macs }) => sum + macs, 0);

describe('reference networks', () => {
  it.each(Object.keys(referenceNetworks))('%s can be built', (name) => {
    expect(architectureProblem(referenceNetworks[name]!())).toBeUndefined();
  });
});

/**
 * Counted in 2026-11 from modules built by timm 1.0.31 and by the authors' repositories (HorNet, SReT,
 * LowFormer, FasterViT, UniRepLKNet, PfLayer, LSNet).
 */
const counted: Readonly<Record<string, number>> = {
  convnext_small: 50223688,
  swin_small_patch4_window7_224: 49606258,
  swin_base_patch4_window7_224: 87768224,
  coatnet_1_224: 42225776,
  coatnet_2_224: 74684744,
  coatnet_3_224: 166966264,
  maxvit_small_tf_224: 68927956,
  maxvit_base_tf_224: 119467708,
  maxvit_large_tf_224: 211785560,
  maxvit_xlarge_tf_224: 474951952,
  hiera_small_224: 35008072,
  hiera_base_224: 51524968,
  hiera_base_plus_224: 69896616,
  vit_base_patch16_224: 86567656,
  convit_tiny: 5710512,
  convit_base: 86540040,
  mobilevitv2_200: 18449329,
  resnet34: 21797672,
  resnet101: 44549160,
  hornet_small_7x7: 49528264,
  hornet_base_7x7: 87256680,
  hornet_small_gf: 50401768,
  hornet_base_gf: 88421352,
  lsnet_s: 16146304,
  lsnet_b: 23313608,
  unireplknet_p: 11080520,
  pf_resnet50_hybrid: 17330600,
  SReT_LT: 4988024,
  lowformer_b1: 17936312,
  lowformer_b15: 33982028,
  faster_vit_1_224: 53366696,
  faster_vit_2_224: 75923816,
  faster_vit_3_224: 159547944,
};

describe('parameters counted from built modules', () => {
  it.each(Object.entries(counted))('%s has %i', (name, params) =>
    expect(networkCost(referenceNetworks[name]!()).total.params).toBe(params),
  );
});

describe('published counts', () => {
  it('are of networks that can be built here', () => {
    expect(known.length).toBe(40);
    expect(known.filter(({ model }) => !(model in referenceNetworks))).toEqual([]);
  });
  it.each(known)('$model has $params parameters and $macs MACs', ({ model, params, macs }) => {
    const architecture = referenceNetworks[model]!();
    const { total } = networkCost(architecture);
    const counted = total.macs + (explained[model]?.macs(architecture) ?? 0);
    expect(total.params).toBe(params);
    if (macs !== null)
      expect(Math.abs(counted / macs - 1), `MACs ${counted}, published ${macs}`).toBeLessThan(1e-3);
  });
});
