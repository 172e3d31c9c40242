/** Summary of one architecture, as a line of text and as JSON. */
import type { Architecture } from '../../architecture/architecture.js';
import { architectureId, canonicalText } from '../../architecture/canonical.js';
import { layoutOf, type Symmetry, symmetryOf } from '../../architecture/layout.js';
import { networkCost } from '../../network/network-cost.js';
import { type Io, jsonLine } from './io.js';
import { strip } from './layout-strip.js';
import { compact } from './text-format.js';

export interface ArchitectureSummary {
  readonly id: string;
  /** e.g. `CC-CCCT-CCTT-CTTT` */
  readonly layout: string;
  readonly symmetry: Symmetry;
  readonly params: number;
  /** Multiply-accumulates of one image. */
  readonly macs: number;
  readonly activationBytes: number;
  /** Its keys in canonical order, so that one network has one line wherever it came from. */
  readonly architecture: Architecture;
}

export function summarise(architecture: Architecture): ArchitectureSummary {
  const { total } = networkCost(architecture);
  const layout = layoutOf(architecture);
  return {
    id: architectureId(architecture),
    layout,
    symmetry: symmetryOf(layout),
    ...total,
    architecture: JSON.parse(canonicalText(architecture)) as Architecture,
  };
}

/**
 * One line: strip, layout, widths, costs, id. @param probability of drawing it, where it was drawn by weight
 */
export function summaryLine(architecture: Architecture, io: Io, probability?: number): string {
  const { id, layout, params, macs, symmetry } = summarise(architecture);
  const widths = architecture.stages.map((stage) => stage.width).join('-');
  const drawn = io.colours.isColorSupported ? `${strip(architecture, io)}  ` : '';
  return (
    `${io.colours.dim(id)}  ${drawn}${layout}  ${widths.padEnd(13)}  ${compact(params).padStart(5)} ` +
    `params  ${compact(macs).padStart(5)} MACs  ` +
    `${symmetry}${probability === undefined ? '' : `  p ${probability.toPrecision(3)}`}`
  );
}

export const summaryJson = (architecture: Architecture, probability?: number): string =>
  jsonLine({ ...summarise(architecture), ...(probability === undefined ? {} : { probability }) });
