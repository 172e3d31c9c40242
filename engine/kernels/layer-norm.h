// Layer norm over the last axis: StagecraftLayerNorm(x, gamma, beta) → y, mean and inverse deviation per row;
// StagecraftLayerNormGrad(dy, x, mean, inverse, gamma) → dx, dgamma, dbeta. https://arxiv.org/abs/1607.06450
#pragma once
#include "op.h"
#include "pool.h"

namespace stagecraft {

template <class T>
struct LayerNorm {
  explicit LayerNorm(Attributes& attributes) : epsilon(attributes.real("epsilon")) {}
  const float epsilon;

  void compute(Context& context) {
    const Tensor y = context.outputFrom(0, 0);
    const Tensor x = context.input(0), gamma = context.input(1), beta = context.input(2);
    require(x.rank() >= 1, "a norm needs at least one axis");
    require(gamma.size() == x.dim(-1) && beta.size() == x.dim(-1), "gamma and beta need as many entries as there are channels");
    const int64_t channels = x.dim(-1), rows = x.rows();
    const Tensor mean = context.output<float>(1, {rows}), inverse = context.output<float>(2, {rows});
    const T* const from = x.data<T>();
    T* const to = y.data<T>();
    const float* const __restrict scale = gamma.data<float>();
    const float* const __restrict shift = beta.data<float>();
    float* const means = mean.data<float>();
    float* const inverses = inverse.data<float>();
    parallelRows(rows, channels, [=](int64_t begin, int64_t end, int) {
      for (int64_t row = begin; row < end; row++) {
        const T* const in = from + row * channels;
        T* const out = to + row * channels;
        float sum = 0, squares = 0;
        #pragma GCC ivdep
        for (int64_t c = 0; c < channels; c++) sum += load(in[c]);
        const float middle = sum / channels;
        #pragma GCC ivdep
        for (int64_t c = 0; c < channels; c++) { const float d = load(in[c]) - middle; squares += d * d; }
        const float factor = 1.0f / std::sqrt(squares / channels + epsilon);
        #pragma GCC ivdep
        for (int64_t c = 0; c < channels; c++) store(out[c], (load(in[c]) - middle) * factor * scale[c] + shift[c]);
        means[row] = middle;
        inverses[row] = factor;
      }
    });
  }
};

template <class T>
struct LayerNormGrad {
  explicit LayerNormGrad(Attributes&) {}

  void compute(Context& context) {
    const Tensor dx = context.outputFrom(0, 0);
    const Tensor dy = context.input(0), x = context.input(1), mean = context.input(2), inverse = context.input(3), gamma = context.input(4);
    require(x.rank() >= 1 && dy.sameShape(x), "the gradient needs the shape of the input");
    const int64_t channels = x.dim(-1), rows = x.rows();
    require(gamma.size() == channels, "gamma needs as many entries as there are channels");
    require(mean.size() == rows && inverse.size() == rows, "means and deviations need one entry a row");
    const Tensor dgamma = context.output<float>(1, {channels}), dbeta = context.output<float>(2, {channels});
    const T* const flow = dy.data<T>();
    const T* const from = x.data<T>();
    T* const to = dx.data<T>();
    const float* const __restrict scale = gamma.data<float>();
    const float* const means = mean.data<float>();
    const float* const inverses = inverse.data<float>();
    const int64_t ranges = rowRanges(rows, channels);
    std::vector<float> sums(static_cast<size_t>(ranges) * 2 * channels, 0.0f);
    parallelRowSums(rows, channels, [&](int64_t begin, int64_t end, int range) {
      float* const __restrict dg = &sums[static_cast<size_t>(range) * 2 * channels];
      float* const __restrict db = dg + channels;
      for (int64_t row = begin; row < end; row++) {
        const T* const __restrict in = from + row * channels;
        const T* const up = flow + row * channels;
        T* const out = to + row * channels;
        const float middle = means[row], factor = inverses[row];
        float plain = 0, weighted = 0;
        #pragma GCC ivdep
        for (int64_t c = 0; c < channels; c++) {
          const float normalised = (load(in[c]) - middle) * factor, g = load(up[c]);
          plain += g * scale[c];
          weighted += g * scale[c] * normalised;
          dg[c] += g * normalised;
          db[c] += g;
        }
        plain /= channels;
        weighted /= channels;
        #pragma GCC ivdep
        for (int64_t c = 0; c < channels; c++) {
          const float normalised = (load(in[c]) - middle) * factor;
          store(out[c], factor * (load(up[c]) * scale[c] - plain - normalised * weighted));
        }
      }
    });
    float* const scaleFlow = dgamma.data<float>();
    float* const shiftFlow = dbeta.data<float>();
    #pragma GCC ivdep
    for (int64_t c = 0; c < channels; c++) {
      double dg = 0, db = 0;
      for (int64_t range = 0; range < ranges; range++) {
        dg += sums[(static_cast<size_t>(range) * 2) * channels + c];
        db += sums[(static_cast<size_t>(range) * 2 + 1) * channels + c];
      }
      scaleFlow[c] = static_cast<float>(dg);
      shiftFlow[c] = static_cast<float>(db);
    }
  }
};

}  // namespace stagecraft
