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
import { layoutWords } from './layout-words.js';
import { membersWithLayout } from './members-with-layout.js';

/** Members listed where a layout is ambiguous. */
const SHOWN = 5;
/** Networks with a layout that are tested against filtered conditions. */
const MOST_TRIED = 50_000;

/** @throws UserError always: with the condition that keeps the layouts out, or that no network has them */
function assertLayout(space: CompiledSpace, layout: string, isCut: boolean): never {
  const { unconditioned, model } = space.base;
  const { count, words } = membersWithLayout(unconditioned, model.alphabet, layout, 1);
  const where = `${space.name}: no member has the layouts ${layout}`;
  if (isCut)
    throw new UserError(`${where} among the first ${MOST_TRIED} networks that have`, {
      fix: 'name it by its position: SPACE#RANK',
    });
  if (count === 0n) throw new UserError(where, { fix: 'list members with `npx stagecraft list`' });
  const answer = space.contains(model.alphabet.architectureOf(words[0]!));
  const reason = answer.member ? '' : answer.reason;
  throw new UserError(
    `${where}: ${count === 1n ? reason : `${count} networks have them, and none satisfies the conditions`}`,
    { fix: count === 1n ? 'change the condition, or list members with `npx stagecraft list`' : reason },
  );
}

/**
 * The only member with these layouts, under all conditions of the space.
 * @throws UserError where there is none, or several, with the first of them
 */
export function memberWithLayout(space: CompiledSpace, layout: string): Architecture {
  const members: Architecture[] = [];
  const set = layoutWords(space, layout);
  let tried = 0;
  for (const word of set.words()) {
    if (members.length > SHOWN || ++tried > MOST_TRIED) break;
    if (space.passes(word)) members.push(space.base.model.alphabet.architectureOf(word));
  }
  if (members.length === 1 && tried <= MOST_TRIED) return members[0]!;
  if (members.length === 0) assertLayout(space, layout, tried > MOST_TRIED);
  const listed = members.slice(0, SHOWN).map((member) => {
    const rank = space.filters.length === 0 ? space.rank(member) : '?';
    const widths = member.stages.map(({ width }) => width).join('-');
    return `  #${rank}  ${architectureId(member)}  widths ${widths}`;
  });
  const isMore = members.length > SHOWN || tried > MOST_TRIED;
  if (isMore) listed.push('  …');
  const most = space.filters.length === 0 ? set.total : `at least ${members.length}`;
  const count = isMore ? most : members.length;
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
    fix: `choose one with ${file}@LAYOUT or '${file}#RANK'; \`npx stagecraft list ${file}\` shows both`,
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
