/**
 * The look of the terminal screen in one place. Roles, not colours, stand in the views; without colour
 * (`NO_COLOR`) what a role says is also said by a letter, a glyph, bold or inverse. Middle tones, readable on
 * light and dark grounds.
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
  failed: '!',
  tied: '=',
  front: '▸',
  square: '■',
  hollow: '□',
} as const;

/** What a role looks like. @param colour false where `NO_COLOR` is set or the terminal has none */
export function textStyle(role: Role, colour: boolean): TextStyle {
  const look: TextStyle = roles[role];
  if (colour || look.colour === undefined) return look;
  const { colour: _, ...rest } = look;
  return rest;
}

/** https://no-color.org: any non-empty value switches colour off. */
export const wantsColour = (environment: Readonly<Record<string, string | undefined>>): boolean =>
  !environment['NO_COLOR'];

export function letterRole(letter: string): Role {
  if (letter.startsWith('C')) return 'blockC';
  if (letter.startsWith('T')) return 'blockT';
  return letter.startsWith('I') || letter === '-' ? 'muted' : 'blockOther';
}
