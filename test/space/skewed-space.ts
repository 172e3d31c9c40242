/** A space whose layouts have different numbers of members, for draws and names by layout. */
import type { CompiledSpace } from '../../src/space/compiled-space.js';
import { spaceFromText } from '../../src/space/load.js';

/** Layout C has 2·2 members, CC 2·2·2, CT 2·2·1, T none but a width of 16 or 32: 2. */
export const skewedSpace = (conditions = ''): CompiledSpace =>
  spaceFromText(
    `space skewed
  input 16x16x3
  classes 10
  block C = fused-mbconv(expand: {2, 4}, se: 0)
  block T = transformer(head-dim: 8)
  stem conv(width: 16)
  stage 1  width {16, 32}  downsample conv(stride: 1)  C{1,2} | C T | T
  head pool-linear
${conditions}`,
    'skewed.space',
  ).space!;
