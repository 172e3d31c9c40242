// Batch norm in training with the activation after it, over all axes but the last (n rows of c channels):
//   StagecraftMoments(x, old mean, old variance) → mean, variance (biased), updated running mean, updated running variance (unbiased)
//   StagecraftNorm(x, mean, variance, gamma, beta) → act(gamma · (x - mean) / sqrt(variance + epsilon) + beta)
//   StagecraftNormGrad(dy, x, mean, variance, gamma, beta) → dx, dgamma, dbeta, through the moments too
// https://arxiv.org/abs/1502.03167
#pragma once
#include "op.h"
#include "pool.h"

namespace stagecraft {

// Number of channels of x; every other input must have that many entries.
inline int64_t requireChannels(const Tensor& x, std::initializer_list<const Tensor*> perChannel) {
  require(x.rank() >= 1, "a norm needs at least one axis");
  for (const Tensor* values : perChannel) require(values->size() == x.dim(-1), "a norm's parameters and moments need as many entries as there are channels");
  return x.dim(-1);
}

constexpr int64_t rowsPerSum = 128;  // added up in float before they go into a double

template <class T>
struct Moments {
  explicit Moments(Attributes& attributes) : momentum(attributes.real("momentum")) {}
  const float momentum;

  void compute(Context& context) {
    const Tensor x = context.input(0), oldMean = context.input(1), oldVariance = context.input(2);
    require(x.rank() >= 1 && x.size() > 0, "moments need at least one value, and an empty batch has none");
    const int64_t channels = x.dim(-1), rows = x.rows();
    require(oldMean.size() == channels && oldVariance.size() == channels, "running moments need as many entries as there are channels");
    const std::vector<int64_t> shape{channels};
    const Tensor mean = context.output<float>(0, shape), variance = context.output<float>(1, shape);
    const Tensor movedMean = context.output<float>(2, shape), movedVariance = context.output<float>(3, shape);
    const T* const from = x.data<T>();
    const int64_t ranges = rowRanges(rows, channels);
    std::vector<double> sums(static_cast<size_t>(ranges) * 2 * channels, 0.0);
    std::vector<float> origin(channels);  // sums of differences from the first row: no cancellation where the mean is large
    #pragma GCC ivdep
    for (int64_t c = 0; c < channels; c++) origin[c] = load(from[c]);

    parallelRowSums(rows, channels, [&](int64_t begin, int64_t end, int range) {
      double* const total = &sums[static_cast<size_t>(range) * 2 * channels];
      std::vector<float> block(2 * channels);
      float* const __restrict sum = block.data();
      float* const __restrict squares = sum + channels;
      const float* const __restrict first = origin.data();
      for (int64_t row = begin; row < end; row += rowsPerSum) {
        std::fill(block.begin(), block.end(), 0.0f);
        for (int64_t r = row; r < std::min(end, row + rowsPerSum); r++) {
          const T* const __restrict values = from + r * channels;
          #pragma GCC ivdep
          for (int64_t c = 0; c < channels; c++) {
            const float d = load(values[c]) - first[c];
            sum[c] += d;
            squares[c] += d * d;
          }
        }
        #pragma GCC ivdep
        for (int64_t i = 0; i < 2 * channels; i++) total[i] += sum[i];
      }
    });
    const double count = static_cast<double>(rows);
    const float* const heldMean = oldMean.data<float>();
    const float* const heldVariance = oldVariance.data<float>();
    float* const means = mean.data<float>();
    float* const variances = variance.data<float>();
    float* const movedMeans = movedMean.data<float>();
    float* const movedVariances = movedVariance.data<float>();
    #pragma GCC ivdep
    for (int64_t c = 0; c < channels; c++) {
      double sum = 0, squares = 0;
      for (int64_t range = 0; range < ranges; range++) {
        sum += sums[(static_cast<size_t>(range) * 2) * channels + c];
        squares += sums[(static_cast<size_t>(range) * 2 + 1) * channels + c];
      }
      const double shift = sum / count, spread = std::max(0.0, squares / count - shift * shift);
      means[c] = static_cast<float>(origin[c] + shift);
      variances[c] = static_cast<float>(spread);
      const double unbiased = rows > 1 ? spread * count / (count - 1) : spread;
      movedMeans[c] = static_cast<float>((1 - momentum) * heldMean[c] + momentum * (origin[c] + shift));
      movedVariances[c] = static_cast<float>((1 - momentum) * heldVariance[c] + momentum * unbiased);
    }
  }
};

template <class T>
struct Norm {
  explicit Norm(Attributes& attributes) : act(static_cast<int>(attributes.integer("act"))), epsilon(attributes.real("epsilon")) {}
  const int act;
  const float epsilon;

  void compute(Context& context) {
    const Tensor y = context.outputFrom(0, 0);
    const Tensor x = context.input(0), mean = context.input(1), variance = context.input(2), gamma = context.input(3), beta = context.input(4);
    const int64_t channels = requireChannels(x, {&mean, &variance, &gamma, &beta});
    const float* const means = mean.data<float>();
    const float* const variances = variance.data<float>();
    const float* const gammas = gamma.data<float>();
    const float* const betas = beta.data<float>();
    std::vector<float> factors(2 * channels);
    float* const scale = factors.data();
    float* const shift = scale + channels;
    #pragma GCC ivdep
    for (int64_t c = 0; c < channels; c++) {
      scale[c] = gammas[c] / std::sqrt(variances[c] + epsilon);
      shift[c] = betas[c] - means[c] * scale[c];
    }
    const T* const from = x.data<T>();
    T* const to = y.data<T>();
    withActivation(act, [&](auto f) {
      parallelRows(x.rows(), channels, [=](int64_t begin, int64_t end, int) {
        for (int64_t row = begin; row < end; row++) {
          const T* const in = from + row * channels;
          T* const out = to + row * channels;
          #pragma GCC ivdep
          for (int64_t c = 0; c < channels; c++) store(out[c], f.value(load(in[c]) * scale[c] + shift[c]));
        }
      });
    });
  }
};

template <class T>
struct NormGrad {
  explicit NormGrad(Attributes& attributes) : act(static_cast<int>(attributes.integer("act"))), epsilon(attributes.real("epsilon")) {}
  const int act;
  const float epsilon;

  void compute(Context& context) {
    const Tensor dx = context.outputFrom(0, 0);
    const Tensor dy = context.input(0), x = context.input(1), mean = context.input(2), variance = context.input(3), gamma = context.input(4), beta = context.input(5);
    require(dy.sameShape(x), "the gradient needs the shape of the input");
    const int64_t channels = requireChannels(x, {&mean, &variance, &gamma, &beta}), rows = x.rows();
    const float* const means = mean.data<float>();
    const float* const variances = variance.data<float>();
    const float* const gammas = gamma.data<float>();
    const Tensor dgamma = context.output<float>(1, {channels}), dbeta = context.output<float>(2, {channels});
    const T* const flow = dy.data<T>();
    const T* const from = x.data<T>();
    T* const to = dx.data<T>();
    std::vector<float> factors(5 * channels);
    float* const inverse = factors.data();      // 1 / sqrt(variance + epsilon)
    float* const centre = inverse + channels;   // -mean · inverse: normalised = x · inverse + centre
    float* const scale = centre + channels;     // gamma
    float* const a = scale + channels;          // dx = gamma · inverse · (da - a - normalised · b)
    float* const b = a + channels;
    #pragma GCC ivdep
    for (int64_t c = 0; c < channels; c++) {
      inverse[c] = 1.0f / std::sqrt(variances[c] + epsilon);
      centre[c] = -means[c] * inverse[c];
      scale[c] = gammas[c];
    }
    const float* const offset = beta.data<float>();
    const int64_t ranges = rowRanges(rows, channels);
    std::vector<double> sums(static_cast<size_t>(ranges) * 2 * channels, 0.0);
    withActivation(act, [&](auto f) {
      parallelRowSums(rows, channels, [&](int64_t begin, int64_t end, int range) {
        double* const total = &sums[static_cast<size_t>(range) * 2 * channels];
        std::vector<float> block(2 * channels);
        float* const __restrict plain = block.data();
        float* const __restrict weighted = plain + channels;
        for (int64_t row = begin; row < end; row += rowsPerSum) {
          std::fill(block.begin(), block.end(), 0.0f);
          for (int64_t r = row; r < std::min(end, row + rowsPerSum); r++) {
            const T* const __restrict in = from + r * channels;
            const T* const __restrict up = flow + r * channels;
            #pragma GCC ivdep
            for (int64_t c = 0; c < channels; c++) {
              const float normalised = load(in[c]) * inverse[c] + centre[c];
              const float da = load(up[c]) * f.slope(normalised * scale[c] + offset[c]);
              plain[c] += da;
              weighted[c] += da * normalised;
            }
          }
          #pragma GCC ivdep
          for (int64_t i = 0; i < 2 * channels; i++) total[i] += plain[i];
        }
      });
      float* const scaleFlow = dgamma.data<float>();
      float* const shiftFlow = dbeta.data<float>();
      #pragma GCC ivdep
      for (int64_t c = 0; c < channels; c++) {
        double plain = 0, weighted = 0;
        for (int64_t range = 0; range < ranges; range++) {
          plain += sums[(static_cast<size_t>(range) * 2) * channels + c];
          weighted += sums[(static_cast<size_t>(range) * 2 + 1) * channels + c];
        }
        shiftFlow[c] = static_cast<float>(plain);
        scaleFlow[c] = static_cast<float>(weighted);
        a[c] = static_cast<float>(plain / rows);
        b[c] = static_cast<float>(weighted / rows);
      }
      parallelRows(rows, channels, [=](int64_t begin, int64_t end, int) {
        for (int64_t row = begin; row < end; row++) {
          const T* const __restrict in = from + row * channels;
          const T* const up = flow + row * channels;
          T* const out = to + row * channels;
          #pragma GCC ivdep
          for (int64_t c = 0; c < channels; c++) {
            const float normalised = load(in[c]) * inverse[c] + centre[c];
            const float da = load(up[c]) * f.slope(normalised * scale[c] + offset[c]);
            store(out[c], scale[c] * inverse[c] * (da - a[c] - normalised * b[c]));
          }
        }
      });
    });
  }
};

}  // namespace stagecraft
