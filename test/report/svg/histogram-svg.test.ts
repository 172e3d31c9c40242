import { describe, expect, it } from 'vitest';
import { histogramInfo, histogramSvg } from '../../../src/report/svg/histogram-svg.js';

const bins = [
  { low: 1, high: 1, count: 10n ** 30n },
  { low: 3, high: 3, count: 3n * 10n ** 30n },
];
describe('histogramInfo', () => {
  it('gives shares of counts of any size, and whole numbers bars around them', () => {
    expect(
      histogramInfo([
        { title: 'blocks', bins },
        { title: 'none', bins: [] },
      ]),
    ).toEqual([
      {
        title: 'blocks',
        letter: undefined,
        single: true,
        low: 0.6,
        high: 3.4,
        most: 0.75,
        bars: [
          { from: 0.6, to: 1.4, share: 0.25, count: 10n ** 30n },
          { from: 2.6, to: 3.4, share: 0.75, count: 3n * 10n ** 30n },
        ],
      },
    ]);
  });
});
describe('histogramSvg', () => {
  it('draws a panel for each measure and a bar for each bin, with the count as its title', () => {
    const svg = histogramSvg('a & b', [
      { title: 'blocks T', letter: 'T', bins },
      {
        title: 'macs',
        bins: [
          { low: 0, high: 0, count: 1n },
          { low: 1, high: 5e6, count: 2n },
        ],
      },
      { title: 'empty', bins: [] },
    ]);
    expect(svg.match(/<title>\d+<\/title>/g)!.length).toBe(4);
    expect(svg).toContain(`<title>${3n * 10n ** 30n}</title>`);
    expect(svg).toContain('a &#38; b');
    expect(svg.match(/<g transform/g)!.length).toBe(2);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });
  it('takes another theme and width', () =>
    expect(histogramSvg('x', [{ title: 'y', bins }], { theme: 'dark', width: 400 })).toMatch(
      /^<svg [^>]*width="400"/,
    ));
});
