/**
 * Draws an architecture: one square per block, grouped by stage, C blue and T orange,
 * letters in them.
 */
import type { Architecture } from '../../architecture/architecture.js';
import type { Io } from './io.js';

/**
 * Background and foreground of a letter in 256-colour codes: the colour-blind-safe pair, then fixed further
 * colours.
 */
const paints: Readonly<Record<string, readonly [number, number]>> = {
  C: [25, 255],
  T: [208, 16],
  M: [36, 16],
  S: [132, 255],
  W: [178, 16],
  D: [60, 255],
};
const others = [
  [66, 255],
  [97, 255],
  [101, 255],
  [138, 16],
] as const;

function paint(letter: string): readonly [number, number] {
  return paints[letter] ?? others[letter.charCodeAt(0) % others.length]!;
}

/** e.g. ` C  C   C  C  C  T ` in colour; without colour the letters with `-` between stages. */
export function strip(architecture: Pick<Architecture, 'stages'>, io: Pick<Io, 'colours'>): string {
  const stages = architecture.stages.map((stage) => stage.blocks.map((block) => block.letter));
  if (!io.colours.isColorSupported) return stages.map((letters) => letters.join('')).join('-');
  return stages
    .map((letters) =>
      letters
        .map((letter) => {
          if (letter[0] === 'I') return ` ${letter} `; // identity is hollow
          const [background, foreground] = paint(letter[0]!);
          return `\u001b[48;5;${background};38;5;${foreground}m ${letter} \u001b[0m`;
        })
        .join(''),
    )
    .join(' ');
}
