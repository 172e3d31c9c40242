/** The systems that docs/search.md lists: each names an experiment that exists and checks without a finding. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadExperiment } from '../../src/lab/load-experiment.js';

const root = join(import.meta.dirname, '../..');
const [, section = ''] = readFileSync(join(root, 'docs/search.md'), 'utf8').split(
  '## Systems of the literature\n',
);
const rows = [...section.split('\n## ')[0]!.matchAll(/^\| ([^|]+) \| `([^`]+\.experiment)` \|/gm)].map(
  ([, system, file]) => [system!, file!] as const,
);

it('the table has the systems', () => {
  expect(rows.map(([system]) => system)).toEqual([
    "AsCAN's enumeration",
    'EAS',
    'NASNet',
    'DeepMAD',
    'MCUFormer',
    'ViT-ResNAS',
    'SimQ-NAS',
    'FBNetV5',
    'einspace',
    'TurboViT',
  ]);
});

it.each(rows)('%s: %s checks', (_, file) => {
  const { search, ablation, warnings } = loadExperiment(join(root, file));
  expect(warnings).toEqual([]);
  expect(search ?? ablation).toBeDefined();
});
