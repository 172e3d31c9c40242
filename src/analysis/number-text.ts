/**
 * Formats numbers with the digits that their interval supports. The half-width keeps one or two significant
 * digits by the rule of the Particle Data Group (100–354 two, 355–949 one, 950–999 rounds up), and the value
 * ends at the same digit, but never before its own first one. pdg.lbl.gov, Review of Particle Physics,
 * Introduction 5.3.
 */

import { halfWidth, type Interval } from '../util/statistics/interval.js';

/** Decimal places that a half-width supports; negative: rounded to tens, hundreds… */
export function supportedDecimals(half: number): number {
  const exponent = Math.floor(Math.log10(half));
  const leading = Math.round(half / 10 ** (exponent - 2)); // 100..1000
  if (leading <= 354) return 1 - exponent;
  return -exponent; // one digit; from 950 it rounds up to 1.0 of the next decade, which shows two
}

/**
 * @param scale factor to the displayed unit, e.g. 100 for a fraction shown in %
 * @example measuredText({ value: 0.61342, low: 0.6088, high: 0.6179 }, 100) // { value: '61.3', half: '0.5' }
 */
export function measuredText(
  interval: Interval,
  scale = 1,
): { readonly value: string; readonly half?: string } {
  const value = interval.value * scale;
  const half = halfWidth(interval) * scale;
  if (!(half > 0) || !Number.isFinite(half)) return { value: significantText(value) };
  const decimals = ownDecimals(value, supportedDecimals(half));
  return { value: fixedText(value, decimals), half: fixedText(half, decimals) };
}

/**
 * A value is never rounded away by its interval: `decimals`, or the places that its first digit needs.
 */
const ownDecimals = (value: number, decimals: number): number =>
  value !== 0 && Math.abs(value) < 0.5 * 10 ** -decimals
    ? -Math.floor(Math.log10(Math.abs(value)))
    : decimals;

/** One half of an interval is this many times the other: `value ± half` would misstate it. */
const lopsided = 1.5;

/**
 * `61.3 ± 0.5`, the number alone when it is exact, or `3.3 [0.2, 44.0]` where the two halves differ much,
 * as those of logarithmic intervals and of proportions near 0 and 1 do.
 */
export function plusMinusText(interval: Interval, scale = 1): string {
  const { value, half } = measuredText(interval, scale);
  if (half === undefined) return value;
  const [below, above] = [interval.value - interval.low, interval.high - interval.value].map(
    (each) => Math.max(0, each) * scale,
  ) as [number, number];
  const narrow = Math.min(below, above) || Math.max(below, above);
  if (Math.max(below, above) < lopsided * Math.min(below, above)) return `${value} ± ${half}`;
  const wanted = Math.min(supportedDecimals(narrow), supportedDecimals(Math.max(below, above)) + 2);
  const decimals = ownDecimals(interval.value * scale, wanted);
  const text = (each: number): string => fixedText(each * scale, decimals);
  return `${text(interval.value)} [${text(interval.low)}, ${text(interval.high)}]`;
}

/**
 * Signed value with its interval, all to the same place, e.g. `+1.9 [+0.4, +3.3]`. A bound that is not zero
 * never reads as zero: up to three more places are shown for it, since the side of zero it lies on is the
 * finding.
 */
export function signedIntervalText(interval: Interval, scale = 1): string {
  const half = halfWidth(interval) * scale;
  let decimals = half > 0 ? supportedDecimals(half) : 2;
  const hidesSide = (bound: number): boolean =>
    bound !== 0 && Math.abs(bound * scale) < 0.5 * 10 ** -decimals;
  for (let more = 0; more < 3 && (hidesSide(interval.low) || hidesSide(interval.high)); more++) decimals++;
  const signed = (value: number): string => {
    const text = fixedText(Math.abs(value * scale), decimals);
    return Number(text.replaceAll(',', '')) === 0 ? text : `${value < 0 ? '−' : '+'}${text}`;
  };
  return `${signed(interval.value)} [${signed(interval.low)}, ${signed(interval.high)}]`;
}

/** A number without interval: three significant digits, whole numbers up to 999 as they are. */
export function significantText(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1000) return String(value);
  return fixedText(value, 2 - Math.floor(Math.log10(Math.abs(value))));
}

const prefixes = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** A count of operations or parameters with a decimal prefix: `1.23 M`. */
export function countText(value: number): string {
  const [factor, letter] = prefixes.find(([limit]) => Math.abs(value) >= limit * 0.9995) ?? [1, ''];
  const scaled = value / factor;
  const plainDecimals = Number.isInteger(value) ? 0 : 2;
  const decimals =
    factor === 1 ? plainDecimals : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(scaled) * 1.0005)));
  return `${scaled.toFixed(decimals)}${letter && ` ${letter}`}`;
}

/** Bytes with a binary prefix: `12.3 MiB`. */
export function bytesText(value: number): string {
  const step = value < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(value) / 10));
  const scaled = value / 1024 ** step;
  const text = step === 0 ? String(value) : scaled.toFixed(Math.max(0, 2 - Math.floor(Math.log10(scaled))));
  return `${text} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][step]}`;
}

/** Memory that passes add to what was held before the first; a dash where it was not measured. */
export const addedText = ({
  peakBytes,
  baseBytes,
}: {
  readonly peakBytes?: number | undefined;
  readonly baseBytes?: number | undefined;
}): string =>
  peakBytes === undefined || baseBytes === undefined ? '–' : bytesText(Math.max(0, peakBytes - baseBytes));

export type NumberFormat = 'measured' | 'count' | 'bytes';

/**
 * The number as displayed, with its prefix and without its unit.
 * @param scale factor to the displayed unit, for `measured`
 */
export function formatText(format: NumberFormat, interval: Interval, scale = 1): string {
  switch (format) {
    case 'measured':
      return plusMinusText(interval, scale);
    case 'count':
      return countText(interval.value);
    case 'bytes':
      return bytesText(interval.value);
    default:
      return format satisfies never;
  }
}

/** Rounded to `decimals` places, with thousands separated by commas. */
export function fixedText(value: number, decimals: number): string {
  const rounded = decimals < 0 ? Math.round(value / 10 ** -decimals) * 10 ** -decimals : value;
  const [whole, fraction] = Math.abs(rounded)
    .toFixed(Math.min(20, Math.max(0, decimals)))
    .split('.') as [string, string?];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return value < 0 && Number(text.replaceAll(',', '')) !== 0 ? `−${text}` : text;
}
