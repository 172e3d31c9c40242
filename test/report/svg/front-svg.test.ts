import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { objective } from '../../../src/analysis/objectives/objectives.js';
import { themes } from '../../../src/report/report-theme.js';
import { frontSvg } from '../../../src/report/svg/front-svg.js';
import { writeFigure } from '../../../src/report/write-figure.js';
import { withSeedMeans } from '../../../src/store/pool-seeds.js';
import { fixtureResult } from '../../fixtures/experiment-result.js';
import { denoisingResult } from '../../fixtures/task-results.js';

const folder = mkdtempSync(join(tmpdir(), 'figure-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('frontSvg', () => {
  it('draws every measured layout once, by kind, with the layout as its title', () => {
    const result = fixtureResult();
    const svg = frontSvg(result);
    const measured = result.candidates.filter(
      (candidate) =>
        candidate.top1 &&
        candidate.profiles.some((profile) => profile.batch === 16 && profile.imagesPerSecond),
    );
    expect(svg.match(/<title>/g)!.length).toBe(measured.length);
    for (const { layout } of measured) expect(svg).toContain(`<title>${layout}</title>`);
    expect(svg).toContain('Images per second, batch 16, measured <tspan');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });
  it('takes another cost, theme and size', () => {
    const svg = frontSvg(fixtureResult(), {
      cost: objective('params'),
      theme: 'dark',
      width: 500,
      height: 300,
    });
    expect(svg).toContain('Parameters, M, counted <tspan');
    expect(svg).toContain(`<rect width="500" height="300" fill="${themes.dark.background}"/>`);
  });
  it('keeps hostile names as text', () => {
    const result = fixtureResult({ candidates: 3 });
    const svg = frontSvg({
      ...result,
      candidates: result.candidates.map((each) => ({ ...each, layout: '"><script>alert(1)</script>' })),
    });
    expect(svg).not.toContain('<script');
  });
  it('ticks of a narrow range differ', () => {
    const result = denoisingResult();
    const narrow = {
      ...result,
      candidates: withSeedMeans(
        result.candidates.map((each, index) => ({
          ...each,
          scores: each.scores.map((score) => ({ ...score, loss: 0.9471 + 1e-5 * index })),
        })),
        1000,
      ),
    };
    const ticks = [...frontSvg(narrow).matchAll(/text-anchor="end" fill="#\w+">([\d.]+)<\/text>/g)].map(
      ([, text]) => text,
    );
    expect(ticks.length).toBeGreaterThan(3);
    expect(new Set(ticks).size).toBe(ticks.length);
  });
  it('one point and none', () => {
    expect(frontSvg(fixtureResult({ candidates: 1 }))).not.toMatch(/NaN|Infinity/);
    expect(() => frontSvg(fixtureResult({ candidates: 0 }))).toThrow(
      'needs layouts with both top-1 and macs, got none',
    );
  });
});

describe('writeFigure', () => {
  it('writes SVG, and PNG at twice its size', async () => {
    await writeFigure(fixtureResult(), join(folder, 'front.svg'));
    await writeFigure(fixtureResult(), join(folder, 'front.png'));
    expect(readFileSync(join(folder, 'front.svg'), 'utf8')).toMatch(/^<svg /);
    expect(await sharp(join(folder, 'front.png')).metadata()).toMatchObject({
      format: 'png',
      width: 1520,
      height: 920,
    });
  });
  it('refuses another ending and a place that does not exist', async () => {
    await expect(writeFigure(fixtureResult(), join(folder, 'front.pdf'))).rejects.toThrow('.svg or .png');
    await expect(writeFigure(fixtureResult(), join(folder, 'none/front.svg'))).rejects.toThrow(
      'can be written, got ENOENT',
    );
  });
});
