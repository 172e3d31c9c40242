/**
 * Resolves the architecture that a command names: `FILE.space@LAYOUT` (a member by its layouts),
 * `FILE.space#RANK` (by its rank), `FILE.space` (where it has one member), or a JSON file.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Architecture } from '../../architecture/architecture.js';
import { architectureId, parseArchitecture } from '../../architecture/canonical.js';
import { UserError } from '../../util/errors.js';
import type { CompiledSpace } from '../compiled-space.js';
import { loadSpace } from '../load.js';
import { membersWithLayout } from './members-with-layout.js';

/** Members listed where a layout is ambiguous. */
const SHOWN = 5;

/**
 * The only member with these layouts. @throws UserError where there is none, or several, with the first of
 * them
 */
export function memberWithLayout(space: CompiledSpace, layout: string): Architecture {
  const {
    dfa,
    base: { model },
  } = space;
  const { count, words } = membersWithLayout(dfa, model.alphabet, layout, SHOWN);
  const members = words
    .map((word) => model.alphabet.architectureOf(word))
    .filter((member) => space.contains(member).member);
  if (count === 1n && members.length === 1) return members[0]!;
  if (members.length === 0)
    throw new UserError(`${space.name}: no member has the layouts ${layout}`, {
      fix: 'list members with `stagecraft list`',
    });
  const listed = members.map((member) => {
    const rank = space.filters.length === 0 ? space.rank(member) : '?';
    const widths = member.stages.map(({ width }) => width).join('-');
    return `  #${rank}  ${architectureId(member)}  widths ${widths}`;
  });
  if (count > BigInt(listed.length)) listed.push('  …');
  throw new UserError(
    `${space.name}: a layout must name one member, got ${count} with ${layout}:\n${listed.join('\n')}`,
    { fix: 'name it by its position: SPACE#RANK' },
  );
}

/** The member of a space of one. @throws UserError with the number of members, where that is not one */
function onlyMember(file: string): Architecture {
  const space = loadSpace(file);
  const count = space.count();
  if (count.exact && count.count === 1n) return space.unrank(0n);
  const members = count.exact ? `${count.count}` : `about ${count.low}`;
  throw new UserError(`${file}: a space that names a network must have one member, got ${members}`, {
    fix: `choose one with ${file}@LAYOUT or '${file}#RANK'; \`stagecraft list ${file}\` shows both`,
  });
}

/**
 * @param text `FILE.space@LAYOUT`, `FILE.space#RANK`, `FILE.space`, JSON, or the path of a JSON file
 * @throws UserError where it has none of these forms, or names no architecture
 */
export function resolveArchitecture(text: string): Architecture {
  if (text.endsWith('.space')) return onlyMember(text);
  const match = /^(.+\.space)([@#])(.+)$/s.exec(text);
  if (!match) {
    if (text.trimStart().startsWith('{')) return parseArchitecture(text);
    if (existsSync(text)) return parseArchitecture(readFileSync(text, 'utf8'), text);
    throw new UserError(
      'an architecture must be FILE.space@LAYOUT, FILE.space#RANK or a JSON file, ' +
        `got ${JSON.stringify(text)}`,
    );
  }
  const [, file, sign, rest] = match as unknown as [string, string, string, string];
  const space = loadSpace(file);
  if (sign === '@') return memberWithLayout(space, rest);
  if (!/^\d{1,400}$/.test(rest))
    throw new UserError(`${text}: a rank must be an integer from 0, got ${JSON.stringify(rest)}`);
  try {
    return space.unrank(BigInt(rest));
  } catch (error) {
    if (error instanceof RangeError) throw new UserError(error.message);
    throw error;
  }
}
