/** The contract of every setting of the table. */
import { describe, expect, it } from 'vitest';
import { settingTable } from '../../../src/lab/settings/setting-table.js';
import { parseExperiment } from '../../../src/language/parse-experiment.js';

describe('settingTable', () => {
  it('holds each keyword once', () => {
    const keywords = settingTable.map(({ keyword }) => keyword);
    expect(new Set(keywords).size).toBe(keywords.length);
  });
  it.each(settingTable.map((setting) => [setting.keyword, setting] as const))(
    '%s: its example parses as that setting, and help and reference are one line each',
    (keyword, setting) => {
      const { experiment, diagnostics } = parseExperiment(`experiment x\n  ${setting.example}\n`, 'x');
      expect(diagnostics).toEqual([]);
      expect(experiment!.settings.map((each) => each.keyword)).toEqual([keyword]);
      expect(setting.summary).not.toBe('');
      expect(`${setting.summary}${setting.reference}`).not.toMatch(/\n/);
    },
  );
});
