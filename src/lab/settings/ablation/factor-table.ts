/** The kinds of factors. A new kind = its file in `factors/` and its line here. */
import type { FactorKind } from './factor.js';
import { blockFactor } from './factors/block-factor.js';
import { depthFactor } from './factors/depth-factor.js';
import { layoutFactor } from './factors/layout-factor.js';
import { orderFactor } from './factors/order-factor.js';
import { parameterFactor } from './factors/parameter-factor.js';
import { recipeFactor } from './factors/recipe-factor.js';
import { widthFactor } from './factors/width-factor.js';

export const factorKinds = {
  block: blockFactor,
  layout: layoutFactor,
  order: orderFactor,
  depth: depthFactor,
  width: widthFactor,
  parameter: parameterFactor,
  recipe: recipeFactor,
} as const satisfies Record<string, FactorKind>;

export const factorTable: Readonly<Record<string, FactorKind>> = factorKinds;
