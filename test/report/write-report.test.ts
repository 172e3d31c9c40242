import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { embeddableJson, embeddableScript } from '../../src/report/html/html-page.js';
import { resultsCsv } from '../../src/report/results-csv.js';
import { reportPage, writeReport } from '../../src/report/write-report.js';
import { UserError } from '../../src/util/errors.js';
import { escapeMarkup } from '../../src/util/escape-markup.js';
import { fixtureResult } from '../fixtures/experiment-result.js';

const folder = mkdtempSync(join(tmpdir(), 'report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('writeReport', () => {
  it('writes page, CSV and JSON, and nothing else', async () => {
    const result = fixtureResult();
    const files = await writeReport(result, join(folder, 'a'));
    expect(readdirSync(join(folder, 'a')).sort()).toEqual(['index.html', 'results.csv', 'results.json']);
    expect(JSON.parse(readFileSync(files.jsonFile, 'utf8'))).toEqual(JSON.parse(JSON.stringify(result)));
    expect(readFileSync(files.htmlFile, 'utf8')).toContain('<!doctype html>');
  });
  it('refuses a folder that cannot be made, with the reason', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(writeReport(fixtureResult({ candidates: 1 }), join(folder, 'file'))).rejects.toThrow(
      UserError,
    );
    await expect(writeReport(fixtureResult({ candidates: 1 }), join(folder, 'file'))).rejects.toThrow(
      /must be a folder that can be written, got E/,
    );
  });
});

describe('reportPage', () => {
  it('is the same for the same result', () =>
    expect(reportPage(fixtureResult({ candidates: 3 }))).toBe(reportPage(fixtureResult({ candidates: 3 }))));
  it('says what is missing while nothing is measured or scored', () => {
    expect(reportPage(fixtureResult({ candidates: 0 }))).toContain('Nothing is measured yet.');
    expect(reportPage(fixtureResult({ candidates: 4, seeds: 0 }))).toContain('No layout is scored yet');
  });
  it('refers to nothing outside itself', () => {
    const page = reportPage(fixtureResult());
    const own = page.replace(/<script>[^]*?<\/script>/g, ''); // the library's texts name addresses that it never loads
    expect(own).not.toMatch(/\b(?:src|href)\s*=/);
    expect(own).not.toMatch(/https?:\/\//);
    expect(own).toContain("default-src 'none'");
  });
});

describe('resultsCsv', () => {
  it('has one line per architecture and units in its columns', () => {
    const lines = resultsCsv(fixtureResult({ candidates: 5 }))
      .trimEnd()
      .split('\n');
    expect(lines.length).toBe(6);
    expect(lines[0]).toContain(
      'architecture_id,layout,symmetry,params,macs,activation_bytes,top1,top1_low,top1_high,miou,miou_low,miou_high,loss,loss_low,loss_high,seeds,batch1_status,batch1_images_per_second',
    );
    expect(new Set(lines.map((line) => line.split(',').length)).size).toBe(1);
  });
  it('no cell is taken for a formula', () => {
    const result = fixtureResult({ candidates: 1 });
    const hostile = { ...result, candidates: [{ ...result.candidates[0]!, layout: '=HYPERLINK("x")' }] };
    expect(resultsCsv(hostile)).toContain(`"'=HYPERLINK(""x"")"`);
  });
});

describe('escaping', () => {
  it('escapeMarkup leaves no markup', () =>
    expect(escapeMarkup(`<b a="x" c='y'>&`)).toBe('&#60;b a=&#34;x&#34; c=&#39;y&#39;&#62;&#38;'));
  it('embeddableJson holds no tag and parses back', () => {
    const value = { text: '</script><!-- & \u2028', list: ['<img onerror=1>'] };
    expect(embeddableJson(value)).not.toMatch(/[<>&\u2028]/);
    expect(JSON.parse(embeddableJson(value))).toEqual(value);
  });
  it('embeddableScript keeps the meaning of a string with a closing tag', () => {
    const code = `globalThis.seen = "</script><!--" + "</SCRIPT>"`;
    expect(embeddableScript(code)).not.toMatch(/<\/script|<!--/i);
    expect(new Function(`${embeddableScript(code)}; return globalThis.seen`)()).toBe(
      '</script><!--</SCRIPT>',
    );
  });
});
