/** Every form of table through pdfLaTeX, hostile names included; skipped where no TeX is installed. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analyseAblation } from '../../../src/analysis/ablation/analyse-ablation.js';
import { ablationTables } from '../../../src/report/tables/ablation-tables.js';
import { escapeLatex, latexTable } from '../../../src/report/tables/latex-table.js';
import type { ExperimentResult } from '../../../src/store/experiment-result.js';
import { asAblation } from '../../fixtures/ablation-result.js';
import { fixtureResult } from '../../fixtures/experiment-result.js';
import { temporaryFolder } from '../../store/stored-experiment.js';

const compiler = 'pdflatex';
const hasTex = spawnSync(compiler, ['--version']).status === 0;

const ascii = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
const hostile = [
  'plain',
  '\\input{/etc/passwd} $x_1^2$ 50% & #1 ~ "q"',
  '\\end{tabular}\\write18{id}',
  `${ascii}`,
  "日本 é −±×≤≥→’…✓ a\nb\\\\ [x] ``quoted'' --- ?` !` <<>>",
];
const five = (): ExperimentResult => fixtureResult({ candidates: 5, seeds: 6, failures: false });

/** The results whose tables have every kind of column and cell. */
const results: Readonly<Record<string, () => ExperimentResult>> = {
  'one at a time, hostile names': () =>
    asAblation(five(), {
      names: hostile,
      question: `Which? ${hostile[1]}`,
      hold: { by: 'width', macs: 0.02 },
    }),
  'a path': () => asAblation(five(), { design: { kind: 'path', keep: 'higher' } }),
  'published numbers, known and unknown': () => {
    const base = asAblation(five());
    const published = base.ablation!.arms.map(({ name }, index) => ({
      arm: name,
      metric: base.ablation!.plan.response,
      source: 'here & there_1',
      ...(index % 2 === 0 && { value: 80 + index }),
    }));
    return asAblation(five(), { published });
  },
  'any-time looks at few seeds': () =>
    asAblation(fixtureResult({ candidates: 3, seeds: 2, failures: false }), {
      rule: { claim: 'equal', by: 0.01, of: 'all', level: 0.05, looks: 'any-time', effectVariance: 1 },
    }),
  'a full factorial with importance': () => {
    const four = fixtureResult({ candidates: 4, seeds: 6, failures: false });
    const base = asAblation(four, { design: { kind: 'full-factorial' } });
    const levels = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ];
    const factors = ['a_1', 'b & c'].map((name) => ({ name, levels: ['off', 'on'] }));
    const ablation = base.ablation!;
    return {
      ...base,
      ablation: {
        ...ablation,
        plan: { ...ablation.plan, factors },
        arms: ablation.arms.map((arm, index) => ({ ...arm, levels: levels[index]! })),
      },
    };
  },
  'nothing measured': () => asAblation(fixtureResult({ candidates: 3, seeds: 0 }), { response: 'top-1' }),
};

describe.skipIf(!hasTex)('latexTable', () => {
  it.each(Object.keys(results))('compiles: %s', (name) => {
    const tables = ablationTables(analyseAblation(results[name]!())!);
    expect(tables.length).toBeGreaterThanOrEqual(2);
    const folder = temporaryFolder();
    const body = tables.map((table) => latexTable(table)).join('\n');
    const document = [
      '\\documentclass[landscape]{article}',
      '\\usepackage{booktabs,amssymb}',
      '\\usepackage[T1]{fontenc}',
      '\\begin{document}',
      body,
      escapeLatex(name),
      '\\end{document}',
    ].join('\n');
    writeFileSync(join(folder, 'tables.tex'), document);
    const run = spawnSync(
      compiler,
      ['-interaction=nonstopmode', '-halt-on-error', '-no-shell-escape', 'tables.tex'],
      { cwd: folder, encoding: 'utf8' },
    );
    const errors = run.stdout.split('\n').filter((line) => line.startsWith('!'));
    expect(errors).toEqual([]);
    expect(run.status).toBe(0);
    expect(existsSync(join(folder, 'tables.pdf'))).toBe(true);
    expect(readFileSync(join(folder, 'tables.log'), 'utf8')).not.toMatch(/Missing character|undefined/);
  });
});
