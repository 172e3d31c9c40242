/**
 * The page: one HTML text with style, library, script and data inside, and a policy that lets nothing else
 * run or load.
 */
import { createHash } from 'node:crypto';
import { escapeMarkup } from '../../util/escape-markup.js';
import { fontFamilies, themes, themeVariables } from '../report-theme.js';
import { pageStyle } from './page-style.js';

/** JSON that cannot end or open a tag, for a script element that never runs. */
export function embeddableJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * A script's text in which no tag can end early: `</script` only occurs within strings and patterns, where
 * `<\/` means the same.
 */
export function embeddableScript(code: string): string {
  return code.replace(/<\/(?=script)/gi, '<\\/').replace(/<!--/g, '<\\!--');
}

const scriptHash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

export interface PageParts {
  readonly title: string;
  /** Escaped markup of everything visible before the script runs. */
  readonly body: string;
  /** Scripts in order, as they will be run. */
  readonly scripts: readonly string[];
  readonly data: unknown;
}

/**
 * Scripts run by hash alone; nothing is fetched from anywhere (`default-src 'none'`). Inline styles are
 * allowed since the plots set them; images only as data made by the page itself (the plot's picture button).
 */
export function htmlPage({ title, body, scripts, data }: PageParts): string {
  const codes = scripts.map(embeddableScript);
  const policy = `default-src 'none'; script-src ${codes.map(scriptHash).join(' ')}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeMarkup(title)}</title>
<style>
${themeStyle()}
${pageStyle}
</style>
</head>
<body>
${body}
<script type="application/json" id="page-data">${embeddableJson(data)}</script>
${codes.map((code) => `<script>${code}</script>`).join('\n')}
</body>
</html>
`;
}

/** Both themes as variables: the system's choice, unless the toggle has set `data-theme`. */
function themeStyle(): string {
  const light = themeVariables(themes.light);
  const dark = themeVariables(themes.dark);
  return `:root { color-scheme: light; --sans: ${fontFamilies.sans}; --mono: ${fontFamilies.mono}; ${light} }
@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { color-scheme: dark; ${dark} } }
:root[data-theme="dark"] { color-scheme: dark; ${dark} }`;
}
