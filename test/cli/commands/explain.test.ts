import { describe, expect, it } from 'vitest';
import { settingReference } from '../../../src/lab/settings/setting-reference.js';
import { inProcess } from '../in-process.js';
import { jsonLines } from '../run-cli.js';

describe('explain', () => {
  it('lists every setting', async () => {
    const { code, out } = await inProcess(['explain']);
    expect(code).toBe(0);
    for (const { keyword } of settingReference()) expect(out).toMatch(new RegExp(`^${keyword} `, 'm'));
  });
  it.each(settingReference().map(({ keyword }) => keyword))(
    '%s prints its example, its names and no line over 100 columns',
    async (keyword) => {
      const setting = settingReference().find((each) => each.keyword === keyword)!;
      const { code, out } = await inProcess(['explain', keyword]);
      expect(code).toBe(0);
      expect(out).toContain(`    ${setting.example}\n`);
      for (const { name } of [...setting.calls, ...setting.words]) expect(out).toContain(name);
      const wide = out.split('\n').filter((line) => line.length > 100 && !line.includes(setting.example));
      expect(wide).toEqual([]);
    },
  );
  it('SETTING NAME prints every parameter with its range and default', async () => {
    const { out } = await inProcess(['explain', 'data', 'folder']);
    expect(out).toContain('PNG and JPEG images, one folder a class');
    expect(out).toMatch(/^ {2}size +4\.\.1024 +32 +pixels a side/m);
    expect(out).toContain('of the setting data');
  });
  it('finds a name without its setting, and a quantity without its batch size', async () => {
    expect((await inProcess(['explain', 'adamw'])).out).toContain('of the setting train');
    expect((await inProcess(['explain', 'objectives', 'latency'])).out).toMatch(/^latency@16: Latency p50/);
  });
  it('--json prints the same as an object', async () => {
    const { out } = await inProcess(['explain', 'sample', '--json']);
    const [setting] = jsonLines(out);
    expect(setting).toMatchObject({ keyword: 'sample' });
    expect(JSON.stringify(setting)).toContain('"name":"asymmetric"');
  });
  it('suggests the nearest name', async () => {
    expect(await inProcess(['explain', 'obiectives'])).toMatchObject({
      code: 2,
      err: 'explain: must name a known setting, got "obiectives"\n  did you mean `objectives`?\n',
    });
    expect((await inProcess(['explain', 'train', 'adam'])).err).toContain('did you mean `adamw`?');
  });
});
