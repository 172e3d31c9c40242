/** `where params <= 2M and latency@1 <= 5`: hard constraints of a search. */
import { parseObjective } from '../../analysis/objectives/objectives.js';
import type { Term } from '../../language/experiment-file.js';
import type { Constraint } from '../../search/objective.js';
import { profileSetting } from './profile-setting.js';
import { termText } from './read-terms.js';
import type { ReadContext, Setting } from './setting.js';
import { spaceSetting } from './space-setting.js';
import { trainSetting } from './train-setting.js';

export interface WhereSetting {
  /**
   * Condition on the members of the space; empty for none. These are never proposed where it does not hold.
   */
  readonly condition: string;
  /** Bounds of what is measured, in its stored unit: the strategy learns where they hold. */
  readonly measured: readonly Constraint[];
}

/** Quantities that the space knows, with their names in conditions of a space. */
const exact: Readonly<Record<string, string>> = {
  params: 'params',
  macs: 'macs',
  'activation-bytes': 'memory',
  memory: 'memory',
};

export const whereSetting: Setting<WhereSetting> = {
  keyword: 'where',
  summary: 'hard constraints of a search: params <= 2M and latency@1 <= 5',
  example: 'where  params <= 2M and latency@1 <= 5',
  reference:
    'Default: none. Bounds on `params`, `macs` and `memory` become part of the space; those on measured ' +
    'quantities are learned, and a network that breaks one is not on the front.',
  needs: 'strategy',
  read(source, context) {
    if (!source) return undefined;
    const conditions: string[] = [];
    const measured: Constraint[] = [];
    for (let at = 0; at < source.terms.length; at += 4) {
      const [name, op, bound, and] = source.terms.slice(at, at + 4);
      if (!readComparison(name!, op, bound, context)) return undefined;
      if (and && termText(and) !== 'and')
        return context.diagnostics.error(
          and.span,
          `expected and, got ${JSON.stringify(termText(and))}`,
          whereSetting.example,
        );
      const [text, value] = [termText(name!), (bound as Extract<Term, { kind: 'number' }>).value];
      if (Object.hasOwn(exact, text)) conditions.push(`${exact[text]!} ${termText(op!)} ${value}`);
      else measured.push({ name: text, [termText(op!) === '<=' ? 'atMost' : 'atLeast']: value });
    }
    const condition = conditions.join(' and ');
    const count = condition === '' ? undefined : context.get(spaceSetting)?.where(condition).count();
    if (count?.exact && count.count === 0n)
      return context.diagnostics.error(
        source.terms[0]!.span,
        `where must leave members of the space, got none with ${condition}`,
        'give a wider bound',
      );
    return { condition, measured };
  },
  meaning: (where) => (where ? { where } : {}),
};

/** Bounds are plain numbers in the unit of the quantity. */
function unitHint(objective: ReturnType<typeof parseObjective>): string {
  if (objective?.name === 'latency') return 'latency is in milliseconds: latency@1 <= 5';
  if (objective?.name === 'images-per-second') return 'in images a second: images-per-second@16 >= 1000';
  return whereSetting.example;
}

function readComparison(
  name: Term,
  op: Term | undefined,
  bound: Term | undefined,
  context: ReadContext,
): boolean {
  const { diagnostics } = context;
  const fail = (term: Term, message: string, hint: string = whereSetting.example): false => {
    diagnostics.error(term.span, message, hint);
    return false;
  };
  const text = termText(name);
  const objective = name.kind === 'text' ? parseObjective(text) : undefined;
  if (!objective && !Object.hasOwn(exact, text))
    return fail(name, `a constraint must be on a stored quantity, got ${JSON.stringify(text)}`);
  if (!op || !['<=', '>='].includes(termText(op)))
    return fail(op ?? name, `a constraint must be <= or >= a number, got ${op ? termText(op) : 'nothing'}`);
  if (bound?.kind !== 'number')
    return fail(
      bound ?? op,
      `a bound must be a number, got ${bound ? termText(bound) : 'nothing'}`,
      bound && /^\d.*[a-z%]$/i.test(termText(bound)) ? unitHint(objective) : undefined,
    );
  const profile = context.get(profileSetting);
  if (objective?.batch !== undefined && !profile?.batches.includes(objective.batch))
    return fail(name, `${text} needs a profile at batch ${objective.batch}, got none`);
  const isScore = objective !== undefined && ['top-1', 'miou', 'loss'].includes(objective.name);
  if (isScore && !context.has(trainSetting.keyword))
    return fail(name, `${text} needs a train setting, got none`);
  return true;
}
