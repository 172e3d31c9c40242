/** Output shapes of the engine's own kernels (engine/kernels). */
import type { OpSignature, ShapeFunction, TensorType } from './op-signature.js';

/** Shapes and types of the inputs at these indices. */
const like =
  (...indices: readonly number[]): ShapeFunction =>
  (call) =>
    indices.map((index) => call.inputs[index]!);

/** 3×3, stride 1, `pad` on every side; `channels` out. */
function convolved(call: OpSignature, channels: number): readonly TensorType[] {
  const [batch, height, width] = call.shape(0) as [number, number, number];
  const grown = 2 * call.int('pad', 1) - 2;
  return [call.float([batch, height + grown, width + grown, channels])];
}

/** Filter gradient `[3,3,cin,cout]` of x and dy. */
const filterGradient: ShapeFunction = (call) => [call.float([3, 3, call.shape(0)[3]!, call.shape(1)[3]!])];

export const kernelShapes: Readonly<Record<string, ShapeFunction>> = {
  StagecraftActivation: like(0),
  StagecraftActivationGrad: like(1),
  StagecraftMoments: like(1, 1, 1, 1),
  StagecraftNorm: like(0),
  StagecraftNormGrad: like(1, 4, 5),
  StagecraftLayerNorm: (call) => {
    const rows = call.float([
      call
        .shape(0)
        .slice(0, -1)
        .reduce((product, dim) => product * dim, 1),
    ]);
    return [call.inputs[0]!, rows, rows];
  },
  StagecraftLayerNormGrad: like(1, 4, 4),
  StagecraftMean: (call) => [call.float([call.shape(0)[0]!, call.shape(0).at(-1)!])],
  StagecraftMeanGrad: like(0),
  StagecraftScale: like(0),
  StagecraftScaleGrad: like(1, 2),
  StagecraftConvolution: (call) => convolved(call, call.shape(1)[3]!),
  StagecraftConvolutionInputGrad: (call) => {
    const [batch, height, width] = call.shape(0) as [number, number, number];
    const shrunk = 2 - 2 * call.int('pad', 1);
    return [call.float([batch, height + shrunk, width + shrunk, call.shape(1)[2]!])];
  },
  StagecraftConvolutionFilterGrad: filterGradient,
  StagecraftDepthwiseFilterGrad: (call) => [
    call.float([call.int('kernel_height', 1), call.int('kernel_width', 1), call.shape(0)[3]!, 1]),
  ],
  StagecraftDepthwiseInputGrad: (call) => {
    const [batch, , , channels] = call.shape(0) as [number, number, number, number];
    return [call.float([batch, call.int('height', 1), call.int('width', 1), channels])];
  },
  StagecraftWinogradFilterGrad: filterGradient,
  StagecraftWinogradFilter: (call) => [call.float([16, call.shape(0)[2]!, call.shape(0)[3]!])],
  StagecraftWinograd: (call) => {
    const planes = call.shape(1).reduce((product, dim) => product * dim, 1);
    return convolved(call, planes / 16 / call.shape(0)[3]!);
  },
  StagecraftSquaredNorm: (call) => [call.float([])],
  StagecraftAdamW: (call) => call.inputs.slice(6, 6 + 3 * ((call.inputs.length - 6) / 4)),
};
