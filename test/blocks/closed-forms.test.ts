/** Closed forms of parameters and MACs against what is inferred, under random parameters. C: channels, P: pixels, E: hidden. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cost } from '../fixtures/block-cost.js';

const side = fc.integer({ min: 4, max: 20 });
const channelsBy = (unit: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: 6 }).map((times) => times * unit);

describe('fused-mbconv', () => {
  it('has k²CE + 2E + SE + EC + 2C parameters and (k²CE + EC)P + 2ER MACs', () => {
    fc.assert(fc.property(side, side, channelsBy(8), fc.constantFrom(1, 3, 5), fc.integer({ min: 1, max: 6 }), fc.constantFrom('hidden', 'input'), (h, w, C, kernel, expand, of) => {
      const E = expand * C;
      const R = Math.round((of === 'hidden' ? E : C) / 4);
      expect(cost('fused-mbconv', { kernel, expand, 'se-of': of }, [h, w, C])).toEqual({
        params: kernel ** 2 * C * E + 2 * E + (2 * E * R + E + R) + E * C + 2 * C, macs: (kernel ** 2 * C * E + E * C) * h * w + 2 * E * R });
    }));
  });
  it('is 48C² + 15C with the ratio read of the hidden map and 42C² + 14.25C of the input', () => {
    fc.assert(fc.property(channelsBy(8), (C) => {
      expect(cost('fused-mbconv', {}, [14, 14, C]).params).toBe(48 * C * C + 15 * C);
      expect(cost('fused-mbconv', { 'se-of': 'input' }, [14, 14, C]).params).toBe(42 * C * C + 14.25 * C);
    }));
  });
});

describe('mbconv', () => {
  it('is 10C² + 58.25C, (8C² + 36C)P + 2C² as EfficientNet’s and 10C² + 59.25C as MaxViT’s', () => {
    fc.assert(fc.property(side, channelsBy(8), (h, C) => {
      const macs = (8 * C * C + 36 * C) * h * h + 2 * C * C;
      expect(cost('mbconv', {}, [h, h, C])).toEqual({ params: 10 * C * C + 58.25 * C, macs });
      expect(cost('mbconv', { form: 'maxvit' }, [h, h, C])).toEqual({ params: 10 * C * C + 59.25 * C, macs });
    }));
  });
});

describe('transformer', () => {
  it('is 12C² + 11C + (2H−1)(2W−1)h parallel, 12C² + 13C + … sequential, 12C²N + 2N²C MACs', () => {
    fc.assert(fc.property(side, side, channelsBy(16), fc.boolean(), (h, w, C, relative) => {
      const bias = relative ? (2 * h - 1) * (2 * w - 1) * (C / 16) : 0;
      const macs = 12 * C * C * h * w + 2 * (h * w) ** 2 * C;
      const params = { 'head-dim': 16, position: relative ? 'relative' : 'none' };
      expect(cost('transformer', params, [h, w, C])).toEqual({ params: 12 * C * C + 11 * C + bias, macs });
      expect(cost('transformer', { ...params, form: 'sequential' }, [h, w, C])).toEqual({ params: 12 * C * C + 13 * C + bias, macs });
    }));
  });
});

describe('maxim', () => {
  it('is 28.5C² + 24.25C + g⁴ + g² + b⁴ + b², (28C² + C(g² + b²))P + 0.5C² MACs', () => {
    fc.assert(fc.property(fc.constantFrom(1, 2, 3), fc.constantFrom(1, 2, 4), fc.integer({ min: 1, max: 3 }), channelsBy(4), (g, b, times, C) => {
      const P = (g * b * times) ** 2;
      expect(cost('maxim', { grid: g, block: b }, [g * b * times, g * b * times, C])).toEqual({
        params: 28.5 * C * C + 24.25 * C + g ** 4 + g ** 2 + b ** 4 + b ** 2, macs: (28 * C * C + C * (g ** 2 + b ** 2)) * P + 0.5 * C * C });
    }));
  });
});

describe('nasnet', () => {
  /** Two separable halves k×k of F filters: 2(k²F + F²) weights, 4F of norms. */
  const sep = (k: number, F: number): number => 2 * (k * k * F + F * F);
  it('normal is two 1×1 with norm and five separables of F = C/6', () => {
    fc.assert(fc.property(side, channelsBy(6), (h, C) => {
      const F = C / 6;
      const maps = sep(5, F) + sep(3, F) + sep(5, F) + sep(3, F) + sep(3, F);
      expect(cost('nasnet', { form: 'normal' }, [h, h, C])).toEqual({ params: 2 * (C * F + 2 * F) + maps + 5 * 4 * F, macs: (2 * C * F + maps) * h * h });
    }));
  });
});

describe('unet-transformer', () => {
  it('without a condition is 12C² + 11C + 2d parameters, 12C²N + 2N²C MACs', () => {
    fc.assert(fc.property(side, side, channelsBy(16), (h, w, C) => {
      expect(cost('unet-transformer', { 'head-dim': 16 }, [h, w, C])).toEqual({ params: 12 * C * C + 11 * C + 2 * 16, macs: 12 * C * C * h * w + 2 * (h * w) ** 2 * C });
    }));
  });
});

describe('unet-conv', () => {
  it('without a condition is AsCAN’s block', () => {
    fc.assert(fc.property(side, channelsBy(8), (h, C) => { expect(cost('unet-conv', {}, [h, h, C])).toEqual(cost('fused-mbconv', {}, [h, h, C])); }));
  });
});

describe('identity', () => {
  it('costs nothing in place and CC′ + 2C′ where the shape changes', () => {
    expect(cost('identity', {}, [8, 8, 16])).toEqual({ params: 0, macs: 0 });
    expect(cost('identity', {}, [9, 8, 16], { width: 24, stride: 2 })).toEqual({ params: 16 * 24 + 48, macs: 16 * 24 * 20 });
  });
});
