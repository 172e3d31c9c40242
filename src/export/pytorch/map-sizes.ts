/** Python lines that follow the size of the feature map through a network, whatever the image's size. */
import type { PartSpec } from '../../architecture/architecture.js';
import type { MapSize } from '../../blocks/block.js';
import type { NetworkPart } from '../../network/network-parts.js';

/** An assignment to `size`, and what it computes. */
interface Step {
  readonly code: string;
  change(size: readonly [number, number]): readonly [number, number];
}

const each = (code: string, change: (side: number) => number): Step => ({
  code: `size = tuple(${code} for side in size)`,
  change: ([height, width]) => [change(height), change(width)],
});
const scaledBy = (stride: number): Step => ({
  code: `size = scaled(size, ${stride})`,
  change: ([height, width]) => [Math.ceil(height / stride), Math.ceil(width / stride)],
});
const floored = (stride: number): Step => each(`side // ${stride}`, (side) => Math.floor(side / stride));
const token: Step = {
  code: 'size = (1, 1 + size[0] * size[1])',
  change: ([height, width]) => [1, 1 + height * width],
};

function stemSteps(type: string, p: Readonly<Record<string, unknown>>): Step[] {
  const number = (name: string): number => Number(p[name]);
  if (type === 'conv-pool') return [scaledBy(4)];
  if (type === 'conv-patch') return [floored(number('size'))];
  if (type === 'denoise') return [];
  if (type === 'patch') {
    const [size, kernel] = [number('size'), number('kernel')];
    const odd = kernel % 2 === 1;
    const after = p['class-token'] === true ? [token] : [];
    if (kernel <= size) return [floored(size), ...after];
    return [
      odd ? scaledBy(size) : each(`side // ${size} + 1`, (side) => Math.floor(side / size) + 1),
      ...after,
    ];
  }
  const [kernel, layers, halvings] = [number('kernel'), number('layers'), Math.log2(number('stride'))];
  if (p['padding'] !== 'valid') return [scaledBy(number('stride'))];
  return Array.from({ length: layers }, (_, layer) => {
    const stride = layer < halvings ? 2 : 1;
    return each(`(side - ${kernel}) // ${stride} + 1`, (side) => Math.floor((side - kernel) / stride) + 1);
  });
}

function downsampleSteps({ type, params }: PartSpec, skip?: MapSize): Step[] {
  const number = (name: string): number => Number(params[name]);
  switch (type) {
    case 'class-token':
      return [token];
    case 'none':
      return [];
    case 'up':
    case 'cross-gate':
      if (skip) return [{ code: `size = size${number('from')}`, change: () => [skip.height, skip.width] }];
      return [each(`${number('scale')} * side`, (side) => number('scale') * side)];
    case 'conv': {
      const [kernel, stride] = [number('kernel'), number('stride')];
      const larger = params['padding'] === 'symmetric' && kernel % 2 === 0 && kernel !== stride && stride > 1;
      return [
        larger ? each(`side // ${stride} + 1`, (side) => Math.floor(side / stride) + 1) : scaledBy(stride),
      ];
    }
    case 'max-pool':
      return [scaledBy(number('stride'))];
    default:
      return [scaledBy(2)];
  }
}

/**
 * Lines that bring `size` from the map before a part to the map after it; none where it stays.
 * @param skip size of the earlier stage's output that joins
 * @throws Error where the lines would compute another size than the network has
 */
export function sizeLines(part: NetworkPart, input: MapSize, output: MapSize, skip?: MapSize): string[] {
  let steps: Step[] = [];
  if (part.kind === 'stem') steps = stemSteps(part.spec.type, part.spec.params);
  if (part.kind === 'downsample') steps = downsampleSteps(part.spec, skip);
  if (part.kind === 'block' && part.context.stride === 2) steps = [scaledBy(2)];
  const [height, width] = steps.reduce<readonly [number, number]>(
    (size, step) => step.change(size),
    [input.height, input.width],
  );
  if (height !== output.height || width !== output.width)
    throw new Error(
      `${part.name}: the map must be ${output.height}×${output.width}, got lines for ${height}×${width}`,
    );
  const doing = steps.filter(
    (step) => step.code !== 'size = scaled(size, 1)' && !step.code.includes('side // 1 for'),
  );
  return doing.map((step) => step.code);
}
