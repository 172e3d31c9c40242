/**
 * Closed forms of parameters and MACs against what is inferred, under random parameters. C: channels, P:
 * pixels, E: hidden.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blocks } from '../../src/blocks/block-table.js';
import { blockCost } from '../../src/network/network-cost.js';
import { type ParamValues, paramsWithDefaults } from '../../src/util/params.js';
import { cost } from '../fixtures/block-cost.js';

fc.configureGlobal({ seed: 1 });

const side = fc.integer({ min: 4, max: 20 });
const channelsBy = (unit: number): fc.Arbitrary<number> =>
  fc.integer({ min: 1, max: 6 }).map((times) => times * unit);

describe('fused-mbconv', () => {
  it('has k²CE + 2E + SE + EC + 2C parameters and (k²CE + EC)P + 2ER MACs', () => {
    fc.assert(
      fc.property(
        side,
        side,
        channelsBy(8),
        fc.constantFrom(1, 3, 5),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom('hidden', 'input'),
        (h, w, C, kernel, expand, of) => {
          const E = expand * C;
          const R = Math.round((of === 'hidden' ? E : C) / 4);
          expect(cost('fused-mbconv', { kernel, expand, 'se-of': of }, [h, w, C])).toEqual({
            params: kernel ** 2 * C * E + 2 * E + (2 * E * R + E + R) + E * C + 2 * C,
            macs: (kernel ** 2 * C * E + E * C) * h * w + 2 * E * R,
          });
        },
      ),
    );
  });
  it('is 48C² + 15C with the ratio read of the hidden map and 42C² + 14.25C of the input', () => {
    fc.assert(
      fc.property(channelsBy(8), (C) => {
        expect(cost('fused-mbconv', {}, [14, 14, C]).params).toBe(48 * C * C + 15 * C);
        expect(cost('fused-mbconv', { 'se-of': 'input' }, [14, 14, C]).params).toBe(42 * C * C + 14.25 * C);
      }),
    );
  });
});

describe('mbconv', () => {
  it('is 10C² + 58.25C, (8C² + 36C)P + 2C² as EfficientNet’s and 10C² + 59.25C as MaxViT’s', () => {
    fc.assert(
      fc.property(side, channelsBy(8), (h, C) => {
        const macs = (8 * C * C + 36 * C) * h * h + 2 * C * C;
        expect(cost('mbconv', {}, [h, h, C])).toEqual({ params: 10 * C * C + 58.25 * C, macs });
        expect(cost('mbconv', { form: 'maxvit' }, [h, h, C])).toEqual({
          params: 10 * C * C + 59.25 * C,
          macs,
        });
      }),
    );
  });
});

describe('transformer', () => {
  it('is 12C² + 11C + (2H−1)(2W−1)h parallel, 12C² + 13C + … sequential, 12C²N + 2N²C MACs', () => {
    fc.assert(
      fc.property(side, side, channelsBy(16), fc.boolean(), (h, w, C, relative) => {
        const bias = relative ? (2 * h - 1) * (2 * w - 1) * (C / 16) : 0;
        const macs = 12 * C * C * h * w + 2 * (h * w) ** 2 * C;
        const params = { 'head-dim': 16, position: relative ? 'relative' : 'none' };
        expect(cost('transformer', params, [h, w, C])).toEqual({ params: 12 * C * C + 11 * C + bias, macs });
        expect(cost('transformer', { ...params, form: 'sequential' }, [h, w, C])).toEqual({
          params: 12 * C * C + 13 * C + bias,
          macs,
        });
      }),
    );
  });
});

/** Random sides, channels in multiples of 8 and a small integer. */
const anywhere = [side, side, channelsBy(8), fc.integer({ min: 1, max: 5 })] as const;
type Costs = { params: number; macs: number };
const rule = (
  check: (h: number, w: number, C: number, m: number, P: number) => readonly [Costs, Costs],
): void =>
  fc.assert(
    fc.property(...anywhere, (h, w, C, m) => {
      const [got, expected] = check(h, w, C, m, h * w);
      expect(got).toEqual(expected);
    }),
  );
const mlp = (C: number, m: number): number => 2 * m * C * C + m * C + C;

describe('closed forms of each block', () => {
  it('convnext: k²C + 5C + MLP (8C² + 58C at 7, 4)', () =>
    rule((h, w, C, m, P) => {
      const k = 2 * m + 1;
      return [
        cost('convnext', { kernel: k, mlp: m }, [h, w, C]),
        { params: k * k * C + 4 * C + mlp(C, m), macs: (2 * m * C * C + k * k * C) * P },
      ];
    }));
  it('residual: basic 18C² + 4C, FasterViT’s 18C² + 6C, bottleneck', () =>
    rule((h, w, C, m, P) => {
      const I = C / 4;
      const bottleneck = 2 * C * I + 9 * I * I;
      if (m < 3)
        return [cost('residual', {}, [h, w, C]), { params: 18 * C * C + 4 * C, macs: 18 * C * C * P }];
      if (m < 5)
        return [
          cost('residual', { form: 'fastervit', act: 'gelu', bias: true }, [h, w, C]),
          { params: 18 * C * C + 6 * C, macs: 18 * C * C * P },
        ];
      return [
        cost('residual', { form: 'bottleneck' }, [h, w, C]),
        { params: bottleneck + 4 * I + 2 * C, macs: bottleneck * P },
      ];
    }));
  it('hornet: 3C² + 3C + (k² + 1)·C(2 − 2^(1−n)) + Σ(d_k d_k+1 + d_k+1) + 8C² + 11C', () =>
    rule((h, w, base, n, P) => {
      const C = base * 2;
      const d = Array.from({ length: n }, (_, k) => C / 2 ** (n - 1 - k));
      const D = d.reduce((sum, width) => sum + width, 0);
      const steps = d.slice(1).reduce((sum, width, k) => sum + width * d[k]!, 0);
      return [
        cost('hornet', { order: n }, [h, w, C]),
        {
          params: 3 * C * C + 3 * C + 50 * D + steps + (D - d[0]!) + 8 * C * C + 11 * C,
          macs: (3 * C * C + 49 * D + steps + 8 * C * C) * P,
        },
      ];
    }));
  it('lsnet: the LS convolution and a narrow MLP', () =>
    rule((h, w, C, m, P) => {
      const [H, S, k] = [C / 2, C / 8, 2 * m + 1];
      const maps = C * H + k * k * H + H * H + 9 * S * H;
      return [
        cost('lsnet', { alternate: false, kernel: k }, [h, w, C]),
        { params: maps + 6 * H + 27 * S + 2 * C + 4 * C * C + 6 * C, macs: (maps + 4 * C * C) * P },
      ];
    }));
  it('unireplknet merged: 8.5C² + (K² + 11.25)C', () =>
    rule((h, w, C, m, P) => {
      const K = 2 * m + 1;
      return [
        cost('unireplknet', { form: 'merged', kernel: K }, [h, w, C]),
        { params: 8.5 * C * C + (K * K + 11.25) * C, macs: (8 * C * C + K * K * C) * P + (C * C) / 2 },
      ];
    }));
  it('wavemix: C²/4 + mC² + mCF + 16FC and biases', () =>
    rule((h, w, C, m) => {
      const P = 4 * h * w;
      return [
        cost('wavemix', { mult: m }, [2 * h, 2 * w, C]),
        {
          params: (C * C) / 4 + 2 * m * C * C + 16 * C * C + C / 4 + m * C + C + C + 2 * C,
          macs: ((C * C) / 4) * P + ((2 * m * C * C + 16 * C * C) * P) / 4,
        },
      ];
    }));
  it('spartan: spatial mixer, channel mixer, scales and norms', () =>
    rule((h, w, C, m, P) => {
      const [I, e] = [C / 2, m + 1];
      const [E, R, Q] = [e * C, Math.max(1, Math.floor(C / 8)), C / 4];
      const spatial = C * I + 2 * I + 3 * 9 * I + 4 * I + 2 * (2 * I * R + R + I) + C * C + C;
      const channel = 2 * (C * E + E) + E + 9 * e * E + 2 * E + 2 * E * Q + Q + E + E * C + C;
      return [
        cost('spartan', { expand: e }, [h, w, C]),
        {
          params: spatial + channel + 6 * C,
          macs: (C * I + 27 * I + C * C + 2 * C * E + 9 * e * E + E * C) * P + 4 * I * R + 2 * E * Q,
        },
      ];
    }));
  it('pf-layer: 2rC² + rC + C, two norms, MLP', () =>
    rule((h, w, C, r, P) => [
      cost('pf-layer', { ratio: r }, [h, w, C]),
      { params: 2 * r * C * C + r * C + C + 4 * C + mlp(C, 4), macs: (2 * r + 8) * C * C * P },
    ]));
  it('scse: C² + 2.5C + 1, C² + CP', () =>
    rule((h, w, C, _, P) => [
      cost('scse', {}, [h, w, C]),
      { params: C * C + 2.5 * C + 1, macs: C * C + C * P },
    ]));
  it('plain-conv: k²C² + 2C', () =>
    rule((h, w, C, m, P) => {
      const k = 2 * m + 1;
      return [
        cost('plain-conv', { kernel: k }, [h, w, C]),
        { params: k * k * C * C + 2 * C, macs: k * k * C * C * P },
      ];
    }));
  it('swin: 12C² + 13C + (2M−1)²h, 12C²N + 2NM²C', () =>
    rule((h, w, C, m) => {
      const M = m + 1;
      const N = h * w * M * M;
      return [
        cost('swin', { window: M, 'head-dim': 8 }, [h * M, w * M, C]),
        {
          params: 12 * C * C + 13 * C + ((2 * M - 1) ** 2 * C) / 8,
          macs: 12 * C * C * N + 2 * N * M * M * C,
        },
      ];
    }));
  it('gpsa: 4C² + C + 5h with norms and MLP, 12C²N + 2N²C + 3hN²', () =>
    rule((h, w, base, _, N) => {
      const C = base * 2; // heads stand in a square: 4 of C/4 each
      return [
        cost('gpsa', { 'head-dim': C / 4 }, [h, w, C]),
        { params: 4 * C * C + C + 20 + 4 * C + mlp(C, 4), macs: 12 * C * C * N + 2 * N * N * C + 12 * N * N },
      ];
    }));
  it('fastervit without carriers: 12C² + 10C + (1536 + 512C) + (1536 + 512h)', () =>
    rule((h, w, C, m) => {
      const M = m + 1;
      const [N, heads] = [h * w * M * M, C / 8];
      return [
        cost('fastervit', { carriers: 0, 'qkv-bias': false, window: M, 'head-dim': 8 }, [h * M, w * M, C]),
        {
          params: 12 * C * C + 10 * C + 3072 + 512 * C + 512 * heads,
          macs:
            12 * C * C * N +
            2 * N * M * M * C +
            M * M * (1024 + 512 * C) +
            (2 * M - 1) ** 2 * (1024 + 512 * heads),
        },
      ];
    }));
  it('hiera: 12C² + 13C, pooling 4CC′ + 9C′² + 12C′ + 2C', () =>
    rule((h, w, C, m) => {
      const W = 2 * m;
      const [N, D] = [h * w * W * W, 2 * C];
      return m % 2 === 0
        ? [
            cost('hiera', { window: W, 'head-dim': 8 }, [h * W, w * W, C]),
            { params: 12 * C * C + 13 * C, macs: 12 * C * C * N + 2 * N * W * W * C },
          ]
        : [
            cost('hiera', { window: W, 'head-dim': 8 }, [h * W, w * W, C], { width: D, stride: 2 }),
            {
              params: 4 * C * D + 9 * D * D + 12 * D + 2 * C,
              macs: 4 * C * D * N + ((9 * D * D + 2 * W * W * D) * N) / 4,
            },
          ];
    }));
  it('maxvit: MBConv + 2(12C² + 13C + (2M−1)²h)', () =>
    rule((h, w, C, m) => {
      const M = m + 1;
      const N = h * w * M * M;
      return [
        cost('maxvit', { window: M, 'head-dim': 8 }, [h * M, w * M, C]),
        {
          params: 10 * C * C + 59.25 * C + 2 * (12 * C * C + 13 * C + ((2 * M - 1) ** 2 * C) / 8),
          macs: (8 * C * C + 36 * C) * N + 2 * C * C + 2 * (12 * C * C * N + 2 * M * M * N * C),
        },
      ];
    }));
  it('mobilevit-v2: depthwise, L times 3d² + 4d + 1 with norms and MLP, two 1×1', () =>
    rule((h, w, base, L) => {
      const C = 2 * base;
      const [d, P] = [C / 2, 4 * h * w];
      const layer = 2 * d + (3 * d * d + 4 * d + 1) - d + d + 2 * d + mlp(d, 2);
      return [
        cost('mobilevit-v2', { depth: L }, [2 * h, 2 * w, C]),
        {
          params: 9 * C + 2 * C + C * d + L * layer + 2 * d + d * C + 2 * C,
          macs: (9 * C + 2 * C * d + L * (7 * d * d + d)) * P,
        },
      ];
    }));
  it('lowformer: attention at a lower resolution, MLP, FusedMBConv', () =>
    rule((h, w, C, m, P) => {
      const s = (m % 3) + 1;
      const [k, size] = s > 1 ? [5, 2 * s] : [3, 3];
      const heads = Math.max(1, Math.floor(C / 60));
      const A = heads * Math.floor(Math.floor(C / heads) / 2);
      const R = Math.ceil(h / s) * Math.ceil(w / s);
      const attention = {
        params: 2 * C + k * k * C + 2 * C + 3 * C * A + size * size * C * A + C,
        macs: (k * k * C + 3 * C * A + size * size * C * A) * R + 2 * R * R * A,
      };
      return [
        cost('lowformer', { stride: s }, [h, w, C]),
        {
          params: attention.params + 2 * C + mlp(C, 4) + 40 * C * C + 14 * C,
          macs: attention.macs + 48 * C * C * P,
        },
      ];
    }));
  it('sret: 12C² + 13C + 4 shared, 2C² + 4C + 2 for each call', () =>
    rule((h, w, C, G) => {
      const N = h * w * G;
      const call = 14 * C * C * N;
      return [
        cost('sret', { groups: G, 'head-dim': 8 }, [h * G, w, C]),
        {
          params: 12 * C * C + 13 * C + 4 + 2 * (2 * C * C + 4 * C + 2),
          macs: 2 * call + 2 * N * (N / G) * C + 2 * N * N * C,
        },
      ];
    }));
});

describe('maxim', () => {
  it('is 28.5C² + 24.25C + g⁴ + g² + b⁴ + b², (28C² + C(g² + b²))P + 0.5C² MACs', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 3),
        fc.constantFrom(1, 2, 4),
        fc.integer({ min: 1, max: 3 }),
        channelsBy(4),
        (g, b, times, C) => {
          const P = (g * b * times) ** 2;
          expect(cost('maxim', { grid: g, block: b }, [g * b * times, g * b * times, C])).toEqual({
            params: 28.5 * C * C + 24.25 * C + g ** 4 + g ** 2 + b ** 4 + b ** 2,
            macs: (28 * C * C + C * (g ** 2 + b ** 2)) * P + 0.5 * C * C,
          });
        },
      ),
    );
  });
});

describe('nasnet', () => {
  /** Two separable halves k×k of F filters: 2(k²F + F²) weights, 4F of norms. */
  const sep = (k: number, F: number): number => 2 * (k * k * F + F * F);
  it('normal is two 1×1 with norm and five separables of F = C/6', () => {
    fc.assert(
      fc.property(side, channelsBy(6), (h, C) => {
        const F = C / 6;
        const maps = sep(5, F) + sep(3, F) + sep(5, F) + sep(3, F) + sep(3, F);
        expect(cost('nasnet', { form: 'normal' }, [h, h, C])).toEqual({
          params: 2 * (C * F + 2 * F) + maps + 5 * 4 * F,
          macs: (2 * C * F + maps) * h * h,
        });
      }),
    );
  });
});

describe('nasnet’s first reduction', () => {
  it('is a 1×1 with norm and five separables to F = C/4, three of them from the unprojected map', () => {
    fc.assert(
      fc.property(side, channelsBy(4), (h, C) => {
        const F = C / 4;
        const half = (k: number, from: number): number => k * k * from + from * F;
        const maps =
          2 * half(5, F) + 2 * (half(7, C) + half(7, F)) + half(5, C) + half(5, F) + 2 * half(3, F);
        expect(cost('nasnet', {}, [h, h, C])).toEqual({
          params: C * F + 2 * F + maps + 20 * F,
          macs: (C * F + maps) * h * h,
        });
        // halving: what strides costs a quarter, rounded up
        const small = Math.ceil(h / 2) ** 2;
        expect(cost('nasnet', {}, [h, h, C], { stride: 2 })).toEqual({
          params: C * F + 2 * F + maps + 20 * F,
          macs: C * F * h * h + maps * small,
        });
      }),
    );
  });
});

describe('unet-transformer', () => {
  it('without a condition is 12C² + 11C + 2d parameters, 12C²N + 2N²C MACs', () => {
    fc.assert(
      fc.property(side, side, channelsBy(16), (h, w, C) => {
        expect(cost('unet-transformer', { 'head-dim': 16 }, [h, w, C])).toEqual({
          params: 12 * C * C + 11 * C + 2 * 16,
          macs: 12 * C * C * h * w + 2 * (h * w) ** 2 * C,
        });
      }),
    );
  });
});

describe('unet-conv', () => {
  it('without a condition is AsCAN’s block', () => {
    fc.assert(
      fc.property(side, channelsBy(8), (h, C) => {
        expect(cost('unet-conv', {}, [h, h, C])).toEqual(cost('fused-mbconv', {}, [h, h, C]));
      }),
    );
  });
});

describe('blocks with a condition', () => {
  const condition = { width: 24, tokens: 5, tokenWidth: 12 };
  const conditioned = (
    type: 'unet-conv' | 'unet-transformer',
    params: ParamValues,
    h: number,
    w: number,
    C: number,
  ): Costs => {
    const { params: parameters, macs } = blockCost(
      { type, letter: 'X', params: paramsWithDefaults(blocks[type].params, params) },
      { height: h, width: w, channels: C, condition },
      { width: C, stride: 1, index: 0, stage: 1, dropPath: 0 },
    );
    return { params: parameters, macs };
  };
  it('unet-conv: the time through one linear layer', () =>
    rule((h, w, C) => {
      const { params, macs } = cost('fused-mbconv', {}, [h, w, C]);
      return [
        conditioned('unet-conv', {}, h, w, C),
        { params: params + 24 * 4 * C + 4 * C, macs: macs + 24 * 4 * C },
      ];
    }));
  it('unet-transformer: cross-attention of N pixels to n tokens of t channels, 2C² + 2tC + 4C + 2d, (2C² + 2nC)N + 2tnC', () =>
    rule((h, w, C, _, N) => {
      const { params, macs } = cost('unet-transformer', { 'head-dim': 8 }, [h, w, C]);
      return [
        conditioned('unet-transformer', { 'head-dim': 8 }, h, w, C),
        {
          params: params + 2 * C * C + 2 * 12 * C + 4 * C + 16,
          macs: macs + (2 * C * C + 2 * 5 * C) * N + 2 * 12 * 5 * C,
        },
      ];
    }));
});

describe('identity', () => {
  it('costs nothing in place and CC′ + 2C′ where the shape changes', () => {
    expect(cost('identity', {}, [8, 8, 16])).toEqual({ params: 0, macs: 0 });
    expect(cost('identity', {}, [9, 8, 16], { width: 24, stride: 2 })).toEqual({
      params: 16 * 24 + 48,
      macs: 16 * 24 * 20,
    });
  });
});
