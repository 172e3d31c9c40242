/** `published FILE`: a paper's numbers for the arms of an ablation, to stand beside the measured ones. */
import { parse } from 'csv-parse/sync';
import type { AblationPlan } from '../../store/ablation-plan.js';
import { UserError } from '../../util/errors.js';
import { readTextFile } from '../../util/read-text-file.js';
import { assertAblation } from './question-setting.js';
import { singleTerm, termText } from './read-terms.js';
import { pathIn, type Setting } from './setting.js';

export type Published = NonNullable<AblationPlan['published']>;

const columns = ['arm', 'metric', 'value', 'source'] as const;

export const publishedSetting: Setting<Published> = {
  keyword: 'published',
  summary: 'CSV of published numbers of an ablation: arm, metric, value, source',
  example: 'published  published/ascan-blocks.csv',
  reference:
    'Default: none. An empty value is unknown and stays so. The report compares the order of the arms with ' +
    'the published one. Not part of the frozen plan.',
  read(source, context) {
    if (!source) return undefined;
    assertAblation(source, context);
    const { diagnostics, namedFolder } = context;
    const term = singleTerm(source, diagnostics);
    if (!term) return undefined;
    try {
      return readPublished(pathIn(namedFolder, termText(term)));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return diagnostics.error(term.span, error.message, error.fix);
    }
  },
  meaning: () => ({}),
};

/** @throws UserError where the file or a column is missing, or a value is neither empty nor a number */
export function readPublished(file: string): Published {
  let rows: Record<string, string>[];
  try {
    rows = parse(readTextFile(file), { columns: true, skip_empty_lines: true, bom: true });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file}: must be CSV, got ${(error as Error).message}`, { cause: error });
  }
  return rows.map((row, index) => {
    const missing = columns.find((name) => row[name] === undefined);
    if (missing !== undefined)
      throw new UserError(`${file}: columns must be ${columns.join(', ')}, got none of ${missing}`);
    const value = row['value'] === '' ? undefined : Number(row['value']);
    if (value !== undefined && !Number.isFinite(value))
      throw new UserError(
        `${file}: value ${index + 1} must be a number or empty, got ${JSON.stringify(row['value'])}`,
      );
    const { arm, metric, source } = row as Record<(typeof columns)[number], string>;
    return { arm, metric, source, ...(value !== undefined && { value }) };
  });
}
