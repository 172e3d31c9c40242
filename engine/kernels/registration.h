// Defines every op of this folder and registers its kernels with TensorFlow. Each op is documented in its header.
#pragma once
#include "activation.h"
#include "adamw.h"
#include "batch-norm.h"
#include "channels.h"
#include "convolution.h"
#include "depthwise.h"
#include "layer-norm.h"
#include "winograd.h"

namespace stagecraft {

inline bool defineOp(const OpSpec& spec, void (*infer)(TF_ShapeInferenceContext*, TF_Status*)) {
  Status status;
  TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder(spec.name);
  for (const char* text : spec.attributes) TF_OpDefinitionBuilderAddAttr(builder, text);
  for (const char* text : spec.inputs) TF_OpDefinitionBuilderAddInput(builder, text);
  for (const char* text : spec.outputs) TF_OpDefinitionBuilderAddOutput(builder, text);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, infer);
  TF_RegisterOpDefinition(builder, status);
  return status.ok();
}

// Output shapes equal those of the named inputs, in order.
template <int... inputs>
void like(TF_ShapeInferenceContext* context, TF_Status* status) {
  int output = 0;
  TF_ShapeInferenceContextSetUnknownShape(context, status);
  (copyShape(context, inputs, output++, status), ...);
}
inline void scalar(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeHandle* handle = TF_ShapeInferenceContextScalar(context);
  TF_ShapeInferenceContextSetOutput(context, 0, handle, status);
  TF_DeleteShapeHandle(handle);
}
// [b, …, c] → [b, c]
inline void firstAndLast(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeHandle* const input = TF_NewShapeHandle();
  TF_ShapeHandle* const first = TF_NewShapeHandle();
  TF_ShapeHandle* const last = TF_NewShapeHandle();
  TF_ShapeHandle* const both = TF_NewShapeHandle();
  TF_ShapeInferenceContextGetInput(context, 0, input, status);
  TF_ShapeInferenceContextSubshape(context, input, 0, 1, first, status);
  TF_ShapeInferenceContextSubshape(context, input, -1, INT64_MAX, last, status);
  TF_ShapeInferenceContextConcatenateShapes(context, first, last, both, status);
  if (TF_GetCode(status) == 0) TF_ShapeInferenceContextSetOutput(context, 0, both, status);
  for (TF_ShapeHandle* handle : {input, first, last, both}) TF_DeleteShapeHandle(handle);
}
inline void unknown(TF_ShapeInferenceContext* context, TF_Status* status) { TF_ShapeInferenceContextSetUnknownShape(context, status); }

inline bool registerAll() {
  const char* const type = "T: {float, bfloat16} = DT_FLOAT";
  const char* const act = "act: int = 0";
  const char* const epsilon = "epsilon: float = 1e-5";
  return defineOp({"StagecraftActivation", {type, act}, {"x: T"}, {"y: T"}}, like<0>) && defineKernels<Activation>("StagecraftActivation")
      && defineOp({"StagecraftActivationGrad", {type, act}, {"dy: T", "x: T"}, {"dx: T"}}, like<1>) && defineKernels<ActivationGrad>("StagecraftActivationGrad")
      && defineOp({"StagecraftMoments", {type, "momentum: float"}, {"x: T", "old_mean: float", "old_variance: float"}, {"mean: float", "variance: float", "moved_mean: float", "moved_variance: float"}}, like<1, 1, 1, 1>) && defineKernels<Moments>("StagecraftMoments")
      && defineOp({"StagecraftNorm", {type, act, epsilon}, {"x: T", "mean: float", "variance: float", "gamma: float", "beta: float"}, {"y: T"}}, like<0>) && defineKernels<Norm>("StagecraftNorm")
      && defineOp({"StagecraftNormGrad", {type, act, epsilon}, {"dy: T", "x: T", "mean: float", "variance: float", "gamma: float", "beta: float"}, {"dx: T", "dgamma: float", "dbeta: float"}}, like<1, 4, 5>) && defineKernels<NormGrad>("StagecraftNormGrad")
      && defineOp({"StagecraftLayerNorm", {type, epsilon}, {"x: T", "gamma: float", "beta: float"}, {"y: T", "mean: float", "inverse: float"}}, like<0>) && defineKernels<LayerNorm>("StagecraftLayerNorm")
      && defineOp({"StagecraftLayerNormGrad", {type}, {"dy: T", "x: T", "mean: float", "inverse: float", "gamma: float"}, {"dx: T", "dgamma: float", "dbeta: float"}}, like<1, 4, 4>) && defineKernels<LayerNormGrad>("StagecraftLayerNormGrad")
      && defineOp({"StagecraftMean", {type}, {"x: T"}, {"mean: float"}}, firstAndLast) && defineKernels<Mean>("StagecraftMean")
      && defineOp({"StagecraftMeanGrad", {type}, {"x: T", "dy: float"}, {"dx: T"}}, like<0>) && defineKernels<MeanGrad>("StagecraftMeanGrad")
      && defineOp({"StagecraftScale", {type}, {"x: T", "gate: float"}, {"y: T"}}, like<0>) && defineKernels<Scale>("StagecraftScale")
      && defineOp({"StagecraftScaleGrad", {type}, {"dy: T", "x: T", "gate: float"}, {"dx: T", "dgate: float"}}, like<1, 2>) && defineKernels<ScaleGrad>("StagecraftScaleGrad")
      && defineOp({"StagecraftConvolution", {"pad: int = 1"}, {"x: float", "filter: float"}, {"y: float"}}, unknown) && defineKernel<Convolution>("StagecraftConvolution", nullptr)
      && defineOp({"StagecraftConvolutionInputGrad", {"pad: int = 1"}, {"dy: float", "filter: float"}, {"dx: float"}}, unknown) && defineKernel<ConvolutionInputGrad>("StagecraftConvolutionInputGrad", nullptr)
      && defineOp({"StagecraftConvolutionFilterGrad", {"pad: int = 1"}, {"x: float", "dy: float"}, {"dfilter: float"}}, unknown) && defineKernel<ConvolutionFilterGrad>("StagecraftConvolutionFilterGrad", nullptr)
      && defineOp({"StagecraftDepthwiseFilterGrad", {"kernel_height: int", "kernel_width: int", "stride: int = 1", "top: int = 0", "left: int = 0"}, {"x: float", "dy: float"}, {"dfilter: float"}}, unknown) && defineKernel<DepthwiseFilterGrad>("StagecraftDepthwiseFilterGrad", nullptr)
      && defineOp({"StagecraftDepthwiseInputGrad", {"height: int", "width: int", "stride: int = 1", "top: int = 0", "left: int = 0"}, {"dy: float", "filter: float"}, {"dx: float"}}, unknown) && defineKernel<DepthwiseInputGrad>("StagecraftDepthwiseInputGrad", nullptr)
      && defineOp({"StagecraftWinogradFilter", {"turned: int = 0"}, {"filter: float"}, {"planes: float"}}, unknown) && defineKernel<WinogradFilter>("StagecraftWinogradFilter", nullptr)
      && defineOp({"StagecraftWinograd", {act, "pad: int = 1"}, {"x: float", "planes: float", "bias: float"}, {"y: float"}}, unknown) && defineKernel<Winograd>("StagecraftWinograd", nullptr)
      && defineOp({"StagecraftWinogradFilterGrad", {"pad: int = 1"}, {"x: float", "dy: float"}, {"dfilter: float"}}, unknown) && defineKernel<WinogradFilterGrad>("StagecraftWinogradFilterGrad", nullptr)
      && defineOp({"StagecraftSquaredNorm", {"N: int >= 1"}, {"gradients: N * float"}, {"sum: float"}}, scalar) && defineKernel<SquaredNorm>("StagecraftSquaredNorm", nullptr)
      && defineOp({"StagecraftAdamW", {"N: int >= 1", "beta1: float", "beta2: float", "clip: float", "decays: list(int)"},
          {"squared_norm: float", "rate: float", "decay: float", "beta1_power: float", "beta2_power: float", "epsilon: float", "weights: N * float", "first: N * float", "second: N * float", "gradients: N * float"},
          {"moved: N * float", "moved_first: N * float", "moved_second: N * float"}}, unknown) && defineKernel<AdamW>("StagecraftAdamW", nullptr);
}

}  // namespace stagecraft
