// Attention's softmax: StagecraftSoftmax(x, bias) → softmax over the last axis of x + bias, the bias (float32) repeating over
// the leading entries of x, or empty; StagecraftSoftmaxGrad(dy, y, bias) → dx and dbias (empty where bias is).
#pragma once
#include "op.h"
#include "pool.h"

namespace stagecraft {

inline int64_t requireRows(const Tensor& x) {
  require(x.rank() >= 1, "a softmax needs at least one axis");
  return x.dim(-1);
}

// Rows of a bias, which repeat over those of x; 0 where there is no bias.
inline int64_t requirePeriod(const Tensor& x, const Tensor& bias) {
  if (bias.size() == 0) return 0;
  const int64_t width = x.dim(-1);
  require(width > 0 && bias.size() % width == 0, "a bias needs whole rows of the softmax's width");
  require(x.rows() % (bias.size() / width) == 0, "a bias needs rows that repeat over those of the input");
  return bias.size() / width;
}

// In groups: the compiler may not reorder a maximum, whose result depends on the order where NaN occurs.
inline float highestOf(const float* values, int64_t width) {
  constexpr int group = 32;
  float highest[group];
  for (int lane = 0; lane < group; lane++) highest[lane] = values[lane < width ? lane : 0];
  int64_t i = group;
  for (; i + group <= width; i += group) for (int lane = 0; lane < group; lane++) highest[lane] = values[i + lane] > highest[lane] ? values[i + lane] : highest[lane];
  for (; i < width; i++) highest[0] = std::max(highest[0], values[i]);
  float most = highest[0];
  for (int lane = 1; lane < group; lane++) most = std::max(most, highest[lane]);
  return most;
}

// values → e^(value - highest), and their sum.
[[gnu::noinline]] inline float exponentials(float* __restrict values, int64_t width, float highest) {
  for (int64_t i = 0; i < width; i++) values[i] = fastExp(values[i] - highest);
  float sum = 0;
  for (int64_t i = 0; i < width; i++) sum += values[i];
  return sum;
}

template <class T>
struct Softmax {
  explicit Softmax(Attributes&) {}

  void compute(Context& context) {
    const Tensor y = context.outputFrom(0, 0), x = context.input(0), bias = context.input(1);
    const int64_t width = requireRows(x), period = requirePeriod(x, bias);
    const T* const from = x.data<T>();
    T* const to = y.data<T>();
    const float* const added = bias.data<float>();
    parallelRows(x.rows(), width * 4, [=](int64_t begin, int64_t end, int) {
      float* const __restrict values = scratch<0>(width);
      for (int64_t row = begin; row < end; row++) {
        const T* const in = from + row * width;
        T* const out = to + row * width;
        if (period > 0) {
          const float* const __restrict extra = added + (row % period) * width;
          #pragma GCC ivdep
          for (int64_t i = 0; i < width; i++) values[i] = load(in[i]) + extra[i];
        } else for (int64_t i = 0; i < width; i++) values[i] = load(in[i]);
        const float highest = highestOf(values, width);
        const float factor = 1.0f / exponentials(values, width, highest);
        #pragma GCC ivdep
        for (int64_t i = 0; i < width; i++) store(out[i], values[i] * factor);
      }
    });
  }
};

template <class T>
struct SoftmaxGrad {
  explicit SoftmaxGrad(Attributes&) {}

  void compute(Context& context) {
    const Tensor dx = context.outputFrom(0, 0), dy = context.input(0), y = context.input(1), bias = context.input(2);
    require(dy.sameShape(y), "the gradient needs the shape of the output");
    const int64_t width = requireRows(y), rows = y.rows(), period = requirePeriod(y, bias);
    const Tensor dbias = context.output<float>(1, bias.shape());
    const T* const flow = dy.data<T>();
    const T* const from = y.data<T>();
    T* const to = dx.data<T>();
    float* const sums = dbias.data<float>();
    // Rows that share a bias row form one task, so that the sum of the bias gradient needs no locks.
    const int64_t tasks = period > 0 ? period : rows, repeats = period > 0 ? rows / period : 1;
    parallelRows(tasks, width * repeats * 2, [=](int64_t begin, int64_t end, int) {
      for (int64_t task = begin; task < end; task++) {
        if (period > 0) std::fill(sums + task * width, sums + (task + 1) * width, 0.0f);
        for (int64_t repeat = 0; repeat < repeats; repeat++) {
          const int64_t row = repeat * tasks + task;
          const T* const up = flow + row * width;
          const T* const __restrict p = from + row * width;
          T* const out = to + row * width;
          float dot = 0;
          #pragma GCC ivdep
          for (int64_t i = 0; i < width; i++) dot += load(up[i]) * load(p[i]);
          if (period > 0) {
            float* const __restrict sum = sums + task * width;
            #pragma GCC ivdep
            for (int64_t i = 0; i < width; i++) {
              const float d = load(p[i]) * (load(up[i]) - dot);
              store(out[i], d);
              sum[i] += d;
            }
          } else {
            #pragma GCC ivdep
            for (int64_t i = 0; i < width; i++) store(out[i], load(p[i]) * (load(up[i]) - dot));
          }
        }
      }
    });
  }
};

}  // namespace stagecraft
