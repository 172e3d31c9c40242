/**
 * The page as one HTML text with embedded style, library, script and data. Its content policy blocks
 * everything else.
 */
import { createHash } from 'node:crypto';
import { escapeMarkup } from '../../util/escape-markup.js';
import { fontFamilies, themes, themeVariables } from '../report-theme.js';
import { pageStyle } from './page-style.js';

/** JSON for a script element of type JSON: it contains no character that could end or open a tag. */
export function embeddableJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * A script's text without `</script`, which occurs only within strings and patterns: there `<\/` is
 * equivalent.
 */
export function embeddableScript(code: string): string {
  return code.replace(/<\/(?=script)/gi, '<\\/').replace(/<!--/g, '<\\!--');
}

const scriptHash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

export interface PageParts {
  readonly title: string;
  /** Escaped markup of everything that is visible before the scripts run. */
  readonly body: string;
  /** Scripts in execution order; may be none. */
  readonly scripts: readonly string[];
  /** JSON, or what `packData` made of it. */
  readonly data: { readonly plain: unknown } | { readonly packed: string };
  /** Allows requests to the server that the page comes from; default: none at all. */
  readonly isServed?: boolean;
}

/**
 * The policy allows the scripts by hash and no requests (`default-src 'none'`). It allows inline styles,
 * which Plotly sets, and images from data URLs, which the plot's image export creates.
 */
export function htmlPage({ title, body, scripts, data, isServed = false }: PageParts): string {
  const codes = scripts.map(embeddableScript);
  const policy =
    `default-src 'none'; script-src ${codes.map(scriptHash).join(' ') || "'none'"}; ` +
    (isServed ? "connect-src 'self'; " : '') +
    "style-src 'unsafe-inline'; " +
    "img-src data: blob:; base-uri 'none'; form-action 'none'";
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
${dataScript(data)}
${codes.map((code) => `<script>${code}</script>`).join('\n')}
</body>
</html>
`;
}

const dataScript = (data: PageParts['data']): string =>
  'packed' in data
    ? `<script type="text/plain" id="page-data" data-packed="gzip">${data.packed}</script>`
    : `<script type="application/json" id="page-data">${embeddableJson(data.plain)}</script>`;

/** Both themes as CSS variables. The system's theme applies unless the toggle sets `data-theme`. */
function themeStyle(): string {
  const light = themeVariables(themes.light);
  const dark = themeVariables(themes.dark);
  return `:root { color-scheme: light; --sans: ${fontFamilies.sans}; --mono: ${fontFamilies.mono}; ${light} }
@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { color-scheme: dark; ${dark} } }
:root[data-theme="dark"] { color-scheme: dark; ${dark} }`;
}
