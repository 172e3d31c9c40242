/**
 * Lower-fidelity trainings: fewer epochs, a fraction of the data, lower resolution, narrower networks, as in
 * section 4 of the survey https://arxiv.org/abs/1808.05377.
 */
import type { Architecture } from '../../architecture/architecture.js';
import { UserError } from '../../util/errors.js';
import { gcd } from '../../util/gcd.js';
import type { ParamTable, ParamValues } from '../../util/params.js';
import type { Recipe } from './recipe.js';

export const fidelityParams = {
  epochs: {
    kind: 'int',
    min: 0,
    max: 100_000,
    default: 0,
    doc: "epochs of a schedule of its own; 0: the recipe's",
  },
  data: {
    kind: 'number',
    min: 0.001,
    max: 1,
    default: 1,
    doc: 'fraction of the training images, the same ones for every network',
  },
  resolution: { kind: 'int', min: 0, max: 1024, default: 0, doc: "pixels a side; 0: the data's" },
  width: {
    kind: 'number',
    min: 0.05,
    max: 1,
    default: 1,
    doc: 'factor of every width, rounded to whole heads or 8 channels',
  },
} as const satisfies ParamTable;

/** The settings that differ from the full training; absent: as in the full training. */
export interface Fidelity {
  readonly epochs?: number;
  readonly data?: number;
  readonly resolution?: number;
  readonly width?: number;
}

/** @param values complete and checked; @returns undefined for the full training */
export function fidelityFrom(values: ParamValues): Fidelity | undefined {
  const { epochs, data, resolution, width } = values as Record<string, number>;
  const fidelity = {
    ...(epochs! > 0 && { epochs: epochs! }),
    ...(data! < 1 && { data: data! }),
    ...(resolution! > 0 && { resolution: resolution! }),
    ...(width! < 1 && { width: width! }),
  };
  return Object.keys(fidelity).length > 0 ? fidelity : undefined;
}

/** @example 'epochs 2, data 0.25' */
export const fidelityText = (fidelity: Fidelity): string =>
  Object.entries(fidelity)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

/** The network with its widths scaled; each stage keeps whole heads of the dimension it has. */
function scaleWidths(architecture: Architecture, factor: number): Architecture {
  const rounded = (width: number, step: number): number =>
    Math.max(step, Math.round((width * factor) / step) * step);
  const stages = architecture.stages.map((stage) => {
    const step = stage.blocks.reduce(
      (all, { params }) => {
        const heads = params['head-dim'];
        return typeof heads === 'number' ? (all * heads) / gcd(all, heads) : all;
      },
      stage.width % 8 === 0 ? 8 : 1,
    );
    return { ...stage, width: rounded(stage.width, step) };
  });
  const first = architecture.stages[0];
  const keepsStem =
    first && first.downsample === null && first.firstStride === 1 && first.width === architecture.stem.width;
  return {
    ...architecture,
    stem: {
      ...architecture.stem,
      width: keepsStem
        ? stages[0]!.width
        : rounded(architecture.stem.width, architecture.stem.width % 8 === 0 ? 8 : 1),
    },
    stages,
  };
}

/**
 * The training at this fidelity. @throws UserError where the recipe's stages already set what the fidelity
 * would
 */
export function atFidelity(
  architecture: Architecture,
  recipe: Recipe,
  { epochs, data, resolution, width }: Fidelity,
): { readonly architecture: Architecture; readonly recipe: Recipe } {
  if (recipe.stages && (epochs !== undefined || resolution !== undefined)) {
    throw new UserError('fidelity: epochs and resolution are set by the stages of this training', {
      fix: 'leave them out, or train in one stage',
    });
  }
  const total = epochs ?? recipe.epochs;
  return {
    architecture: width === undefined ? architecture : scaleWidths(architecture, width),
    recipe: {
      ...recipe,
      epochs: total,
      ...(data === undefined ? {} : { fraction: data }),
      ...(resolution === undefined ? {} : { stages: [{ epochs: total, resolution }] }),
    },
  };
}
