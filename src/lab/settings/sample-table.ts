/** Which members of a space an experiment takes: the table behind `sample …`. */
import type { Architecture } from '../../architecture/architecture.js';
import { layoutOf, type Symmetry, symmetryOf } from '../../architecture/layout.js';
import type { CompiledSpace } from '../../space/compiled-space.js';
import { sampleByLayout } from '../../space/inspect/sample-by-layout.js';
import { UserError } from '../../util/errors.js';
import type { ParamTable, ParamValues } from '../../util/params.js';
import { type Random, seededRandom } from '../../util/random.js';

interface SampleDefinition {
  readonly doc: string;
  readonly params: ParamTable;
  /** Distinct members, in the order in which they are measured. @throws UserError where there are too few */
  draw(space: CompiledSpace, values: ParamValues): Architecture[];
}

const seed = {
  kind: 'int',
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
  default: 1,
  doc: 'same seed, same draw',
} as const;
const size = { kind: 'int', min: 0, max: 1_000_000, doc: 'how many, all distinct' } as const;
/** More members than this are not run by mistake. */
const mostMembers = 1_000_000n;

/**
 * Members of one kind, uniform over them. Unmixed members satisfy the condition `symmetric`, but are in no
 * comparison of the kinds, so more are drawn until enough mix C and T in some stage.
 * @throws UserError where there are too few
 */
function drawKind(space: CompiledSpace, kind: Symmetry, wanted: number, random: Random): Architecture[] {
  const members = space.where(kind);
  const count = members.count();
  const most = Number(count.exact ? count.count : count.low);
  for (let size = Math.min(wanted, most); ; size = Math.min(2 * size, most)) {
    const found = members
      .sampleDistinct(size, random.fork(kind))
      .filter((member) => symmetryOf(layoutOf(member)) === kind);
    if (found.length >= wanted) return found.slice(0, wanted);
    if (size === most)
      throw new UserError(
        `sample balanced: ${wanted} ${kind} members with a stage that mixes C and T are needed, ` +
          `got ${found.length}`,
        { fix: 'ask for fewer, or draw from all: sample random(size: 8)' },
      );
  }
}

export const samples = {
  all: {
    doc: 'every member, in the stable order',
    params: {},
    draw(space) {
      const count = space.count();
      if (count.exact && count.count > mostMembers)
        throw new UserError(
          `sample all: a space of at most ${mostMembers} members is needed, got ${count.count}`,
          { fix: 'draw some: sample random(size: 100)' },
        );
      return [...space.enumerate()];
    },
  },
  random: {
    doc: 'uniform over members',
    params: { size: { ...size, min: 1 }, seed },
    draw: (space, values) =>
      space.sampleDistinct(Number(values.size), seededRandom(Number(values.seed)).fork('sample')),
  },
  layouts: {
    doc: 'evenly over layouts, uniform within each: no layout twice before every layout once',
    params: { size: { ...size, min: 1 }, seed },
    draw: (space, values) =>
      sampleByLayout(space, Number(values.size), seededRandom(Number(values.seed)).fork('sample')),
  },
  balanced: {
    doc: 'so many symmetric and asymmetric members, uniform within each',
    params: {
      symmetric: size,
      asymmetric: size,
      unmixed: {
        kind: 'bool',
        default: false,
        doc: 'whether members without a stage that mixes C and T are drawn as symmetric, too',
      },
      seed,
    },
    draw(space, values) {
      const random = seededRandom(Number(values.seed));
      const [symmetric, asymmetric] = (['symmetric', 'asymmetric'] as const).map((kind) => {
        const wanted = Number(values[kind]);
        if (wanted === 0) return [];
        return values.unmixed === true
          ? space.where(kind).sampleDistinct(wanted, random.fork(kind))
          : drawKind(space, kind, wanted, random);
      }) as [Architecture[], Architecture[]];
      return Array.from({ length: Math.max(symmetric.length, asymmetric.length) }, (_, index) => [
        symmetric[index],
        asymmetric[index],
      ])
        .flat()
        .filter((member) => member !== undefined);
    },
  },
} satisfies Record<string, SampleDefinition>;

export type SampleName = keyof typeof samples;
export const sampleTable: Readonly<Record<string, SampleDefinition>> = samples;
