/**
 * Corrects tests that are repeated while samples arrive. Pocock's boundary holds one critical value at each
 * of K planned looks, so that all looks together err at the stated level. Pocock, Biometrika 64, 1977; the
 * recursive integral is Armitage, McPherson and Rowe, JRSS A 132, 1969; values in Jennison and Turnbull,
 * Group Sequential Methods, 2000, table 2.1.
 */
import { normalCdf, normalQuantile } from './normal.js';

const NODES = 64;
/** Beyond this many standard errors the density is nil. */
const REACH = 8.5;
/** Tail probability under which K times it stands in for the integral. */
const TINY = 1e-10;

/**
 * Probability that a standardised sum of independent normal increments of equal variance leaves ±`critical`
 * at one of its first `looks` terms.
 */
export function crossingProbability(critical: number, looks: number): number {
  if (looks === 1) return 2 * normalCdf(-critical);
  let { points, weights } = grid(critical, 1);
  let mass = points.map((at, index) => 2 * weights[index]! * density(at));
  for (let look = 2; look <= looks; look++) {
    const next = grid(critical, look);
    // The density is even: its mass at `from` stands for half at `from` and half at `-from`.
    mass = next.points.map((to, index) => {
      let sum = 0;
      for (let at = 0; at < points.length; at++)
        sum += mass[at]! * (density(to - points[at]!) + density(to + points[at]!));
      return next.weights[index]! * sum;
    });
    ({ points, weights } = next);
  }
  return 1 - mass.reduce((sum, share) => sum + share, 0);
}

/**
 * p-value of a test that is made at each of `looks` planned looks, from the p-value of a single test.
 * @param p two-sided, 0..1 @param looks at least 1
 */
export function adjustForLooks(p: number, looks: number): number {
  if (looks <= 1 || p >= 1) return p;
  if (p < TINY) return Math.min(1, p * looks);
  const crossing = crossingProbability(normalQuantile(1 - p / 2), looks);
  return Math.min(Math.max(crossing, p), looks * p, 1);
}

/** Two-sided level of each of `looks` tests which together err at `level`; by bisection. */
export function nominalLevel(level: number, looks: number): number {
  const key = `${level}/${looks}`;
  const known = levels.get(key) ?? bisectLevel(level, looks);
  levels.set(key, known);
  return known;
}

/** By level and looks, since a session asks for the same one at every look. */
const levels = new Map<string, number>();

function bisectLevel(level: number, looks: number): number {
  let [low, high] = [level / looks, level];
  while (high - low > 1e-9 * level) {
    const middle = (low + high) / 2;
    if (adjustForLooks(middle, looks) < level) low = middle;
    else high = middle;
  }
  return low;
}

/** Pocock's critical value: standard errors at each look. @example pocockConstant(0.05, 5) // 2.413 */
export const pocockConstant = (level: number, looks: number): number =>
  normalQuantile(1 - nominalLevel(level, looks) / 2);

const density = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/** Gauss-Legendre nodes over the positive half of the continuation region of a look. */
function grid(critical: number, look: number): { points: number[]; weights: number[] } {
  const half = Math.min(critical, REACH) * Math.sqrt(look);
  return {
    points: legendre.map(({ at }) => half * at),
    weights: legendre.map(({ weight }) => half * weight),
  };
}

/** Positive roots and weights of the Legendre polynomial of degree NODES, by Newton's method. */
const legendre = Array.from({ length: NODES / 2 }, (_, index) => {
  let at = Math.cos((Math.PI * (index + 0.75)) / (NODES + 0.5));
  let slope = 0;
  for (let step = 0; step < 100; step++) {
    let [before, value] = [1, at];
    for (let degree = 2; degree <= NODES; degree++)
      [before, value] = [value, ((2 * degree - 1) * at * value - (degree - 1) * before) / degree];
    slope = (NODES * (at * value - before)) / (at * at - 1);
    const change = value / slope;
    at -= change;
    if (Math.abs(change) < 1e-15) break;
  }
  return { at, weight: 2 / ((1 - at * at) * slope * slope) };
});
