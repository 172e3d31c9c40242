/**
 * Styles of the terminal screen. Views name roles, not colours. Without colour (`NO_COLOR`) a letter, a
 * glyph, bold or inverse carries the same information. The colours are readable on light and dark
 * backgrounds.
 */

export const roles = {
  plain: {},
  muted: { dim: true },
  strong: { bold: true },
  title: { bold: true },
  blockC: { colour: '#3d8fd1', bold: true },
  blockT: { colour: '#e0920f', bold: true },
  blockOther: { colour: '#2fa58a', bold: true },
  symmetric: { colour: '#2fa58a' },
  asymmetric: { colour: '#d264a8' },
  unmixed: { colour: '#7f93bd' },
  front: { bold: true },
  step: { colour: '#8b949c' },
  cursor: { inverse: true },
  warning: { colour: '#d97706' },
  good: { colour: '#2fa58a' },
  key: { bold: true },
} satisfies Record<string, TextStyle>;

export interface TextStyle {
  readonly colour?: string;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly inverse?: boolean;
}
export type Role = keyof typeof roles;

export const glyphs = {
  symmetric: '●',
  asymmetric: '◆',
  unmixed: '■',
  failed: '!',
  tied: '=',
  front: '▸',
  square: '■',
  hollow: '□',
} as const;

/** Marks of layouts that are not on the front. */
export const hollowGlyphs = { symmetric: '○', asymmetric: '◇', unmixed: '□' } as const;

/**
 * The style of a role.
 * @param colour false where `NO_COLOR` is set or the terminal has no colours
 */
export function textStyle(role: Role, colour: boolean): TextStyle {
  const look: TextStyle = roles[role];
  if (colour || look.colour === undefined) return look;
  const { colour: _, ...rest } = look;
  return rest;
}

/** Whether to use colours: any non-empty `NO_COLOR` disables them (https://no-color.org). */
export const wantsColour = (environment: Readonly<Record<string, string | undefined>>): boolean =>
  !environment['NO_COLOR'];

export function letterRole(letter: string): Role {
  if (letter.startsWith('C')) return 'blockC';
  if (letter.startsWith('T')) return 'blockT';
  return letter.startsWith('I') || letter === '-' ? 'muted' : 'blockOther';
}
