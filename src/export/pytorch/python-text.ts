/** Python expressions: literals, calls whose default arguments are left out, and calls over many lines. */

/** A Python expression that is no literal, such as `nn.GELU`. */
export interface Expression {
  readonly code: string;
}
export type PythonValue = number | boolean | string | null | Expression | readonly PythonValue[];

export const py = (code: string): Expression => ({ code });

function numberText(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential().replace('e-', 'e-');
  return String(value);
}

/** `True`, `"same"`, `1e-6`, `(3, 5)`. */
export function pythonText(value: PythonValue): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if ('code' in value) return value.code;
  return value.length === 1 ? `(${pythonText(value[0]!)},)` : `(${value.map(pythonText).join(', ')})`;
}

/** Keyword arguments: the value, and the default at which it is left out. */
export type Keywords = Readonly<Record<string, readonly [value: PythonValue, fallback?: PythonValue]>>;

/** `Name(a, b, key=value)` without the keywords that have their default. */
export function pythonCall(
  name: string,
  positional: readonly PythonValue[],
  keywords: Keywords = {},
): string {
  const given = Object.entries(keywords)
    .filter(([, [value, fallback]]) => fallback === undefined || pythonText(value) !== pythonText(fallback))
    .map(([key, [value]]) => `${key}=${pythonText(value)}`);
  return `${name}(${[...positional.map(pythonText), ...given].join(', ')})`;
}

/** Longest line of generated code in characters. */
export const lineLength = 100;

const keywordText =
  'False None True and as assert async await break class continue def del elif else except finally for ' +
  'from global if import in is lambda nonlocal not or pass raise return try while with yield';
const keywords = new Set(keywordText.split(' '));

/** A Python name of a lab name: `layer-scale` → `layer_scale`, `in` → `in_`. */
export function pythonName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9]/g, '_');
  return keywords.has(plain) ? `${plain}_` : plain;
}
