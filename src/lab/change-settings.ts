/** Replaces or adds settings of an experiment's text, such as data and recipe of another scale. */
import { parseExperiment } from '../language/parse-experiment.js';
import { type Span, UserError } from '../util/errors.js';

/**
 * The text with these settings. What replaces a setting stands where it stood; others are added at the end.
 * @param changes one setting each, as a line of an experiment file
 * @throws UserError for a change that is no single line that begins with a keyword
 */
export function withSettings(text: string, path: string, changes: readonly string[]): string {
  return changes.reduce((changed, change) => withSetting(changed, path, change.trim()), text);
}

function withSetting(text: string, path: string, change: string): string {
  const [keyword] = /^[a-z][a-z-]*(?=\s)/.exec(change) ?? [];
  if (keyword === undefined || change.includes('\n'))
    throw new UserError(`--set: must be a setting on one line, got ${JSON.stringify(change)}`, {
      fix: "for example --set 'train adamw(epochs: 8)'",
    });
  const settings = parseExperiment(text, path).experiment?.settings ?? [];
  const index = settings.findIndex((each) => each.keyword === keyword);
  if (index < 0) return `${text.trimEnd()}\n  ${change}\n`;
  const [from, next] = [settings[index]!, settings[index + 1]];
  const before = text.slice(0, offsetOf(text, from.keywordSpan));
  return next
    ? `${before}${change}\n  ${text.slice(offsetOf(text, next.keywordSpan))}`
    : `${before}${change}\n`;
}

/** Characters before a span. */
function offsetOf(text: string, { line, column }: Span): number {
  const before = text.split('\n').slice(0, line - 1);
  return before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
}
