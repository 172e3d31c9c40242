// AdamW over all weights in one call. Moments are updated in place where no other tensor shares their buffer:
//   StagecraftSquaredNorm(gradients…) → sum of squares
//   StagecraftAdamW(squared norm, rate, decay, beta1^t, beta2^t, epsilon, weights…, first…, second…, gradients…)
//     → updated weights…, first moments…, second moments…; gradients are clipped to the norm `clip` (0: no clipping), weights with
//     decays[i] = 1 lose decay · weight. https://arxiv.org/abs/1711.05101; epsilon as in TensorFlow's ResourceApplyAdam.
#pragma once
#include "op.h"
#include "pool.h"

namespace stagecraft {

struct SquaredNorm {
  explicit SquaredNorm(Attributes&) {}

  void compute(Context& context) {
    double total = 0;
    for (int index = 0; index < context.inputs(); index++) {
      const Tensor gradient = context.input(index);
      const float* const values = gradient.data<float>();
      std::vector<double> sums(Pool::sumRanges(gradient.size(), smallestShare), 0.0);
      Pool::get().parallelSums(gradient.size(), smallestShare, [&](int64_t begin, int64_t end, int range) {
        double inner = 0;
        for (int64_t from = begin; from < end; from += 4096) {
          float sum = 0;
          #pragma GCC ivdep
          for (int64_t i = from; i < std::min(end, from + 4096); i++) sum += values[i] * values[i];
          inner += sum;
        }
        sums[range] += inner;
      });
      for (const double sum : sums) total += sum;
    }
    const Tensor result = context.output<float>(0, {});
    *result.data<float>() = static_cast<float>(total);
  }
};

struct AdamW {
  explicit AdamW(Attributes& attributes)
      : beta1(attributes.real("beta1")), beta2(attributes.real("beta2")), clip(attributes.real("clip")), decays(attributes.integers("decays")) {}
  static constexpr int scalars = 6;
  const float beta1, beta2, clip;
  const std::vector<int64_t> decays;

  void compute(Context& context) {
    const auto scalar = [&](int index) {
      const Tensor value = context.input(index);
      require(value.size() == 1, "rates, powers and the norm need to be single numbers");
      return *value.data<float>();
    };
    require(context.inputs() == scalars + 4 * static_cast<int>(decays.size()), "weights, moments, gradients and decays need to be as many");
    const float norm = std::sqrt(scalar(0)), learningRate = scalar(1), decay = scalar(2), epsilon = scalar(5);
    const float rate = learningRate * std::sqrt(1 - scalar(4)) / (1 - scalar(3));
    const float factor = clip > 0 ? std::min(1.0f, clip / (norm + 1e-6f)) : 1.0f;
    const int count = static_cast<int>(decays.size());
    const float keep1 = beta1, keep2 = beta2;
    for (int index = 0; index < count; index++) {
      const Tensor weight = context.input(scalars + index), gradient = context.input(scalars + 3 * count + index);
      const Tensor newWeight = context.output<float>(index, weight.shape());
      const Tensor newFirst = context.outputFrom(scalars + count + index, count + index), newSecond = context.outputFrom(scalars + 2 * count + index, 2 * count + index);
      const Tensor first = context.input(scalars + count + index), second = context.input(scalars + 2 * count + index);
      require(first.sameShape(weight) && second.sameShape(weight) && gradient.sameShape(weight), "moments and gradient need the shape of their weight");
      const float kept = decays[index] ? 1.0f - decay : 1.0f;
      const float* const __restrict w = weight.data<float>();
      const float* const m = first.data<float>();
      const float* const v = second.data<float>();
      const float* const __restrict g = gradient.data<float>();
      float* const __restrict w1 = newWeight.data<float>();
      float* const m1 = newFirst.data<float>();
      float* const v1 = newSecond.data<float>();
      Pool::get().parallelFor(weight.size(), smallestShare, [=](int64_t begin, int64_t end, int) {
        #pragma GCC ivdep
        for (int64_t i = begin; i < end; i++) {
          const float slope = g[i] * factor;
          const float mean = keep1 * m[i] + (1 - keep1) * slope;
          const float square = keep2 * v[i] + (1 - keep2) * slope * slope;
          m1[i] = mean;
          v1[i] = square;
          w1[i] = kept * w[i] - rate * mean / (std::sqrt(square) + epsilon);
        }
      });
    }
  }
};

}  // namespace stagecraft
