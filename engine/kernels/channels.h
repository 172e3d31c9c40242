// The reductions and products of squeeze-and-excitation over feature maps x [b, …, c]:
//   StagecraftMean(x) → mean [b, c] (float32) over the axes between; StagecraftMeanGrad(x, dy) → dx; only the shape of x is read
//   StagecraftScale(x, gate [b, c]) → x · gate; StagecraftScaleGrad(dy, x, gate) → dx, dgate
// https://arxiv.org/abs/1709.01507
#pragma once
#include "op.h"
#include "pool.h"

namespace stagecraft {

constexpr int64_t channelsPerSum = 64;  // a task's channels: sums stay in registers and cache, and no two tasks share one

// Shape of a feature map as images × pixels × channels.
struct Maps {
  int64_t images, pixels, channels;
  explicit Maps(const Tensor& x) {
    require(x.rank() >= 2, "maps need an axis of images and one of channels");
    images = x.dim(0);
    channels = x.dim(-1);
    pixels = images == 0 ? 0 : x.rows() / images;
  }
  void requireEach(const Tensor& values) const {
    require(values.size() == images * channels, "a gate or gradient needs one entry for each image and channel");
  }

  // body(offset of the first value, number of channels, place among [images, channels]) for every image and block of channels.
  template <class Body>
  void eachBlock(const Body& body) const {
    const Maps maps = *this;
    const int64_t blocks = (channels + channelsPerSum - 1) / channelsPerSum;
    parallelRows(images * blocks, pixels * channelsPerSum, [=](int64_t begin, int64_t end, int) {
      for (int64_t task = begin; task < end; task++) {
        const int64_t image = task / blocks, first = task % blocks * channelsPerSum;
        body(image * maps.pixels * maps.channels + first, std::min(channelsPerSum, maps.channels - first), image * maps.channels + first);
      }
    });
  }
};

template <class T>
struct Mean {
  explicit Mean(Attributes&) {}

  void compute(Context& context) {
    const Tensor x = context.input(0);
    const Maps maps(x);
    const Tensor mean = context.output<float>(0, {maps.images, maps.channels});
    const T* const from = x.data<T>();
    float* const to = mean.data<float>();
    maps.eachBlock([=](int64_t offset, int64_t count, int64_t place) {
      float sums[channelsPerSum] = {};
      for (int64_t pixel = 0; pixel < maps.pixels; pixel++) {
        const T* const __restrict values = from + offset + pixel * maps.channels;
        if (count == channelsPerSum) for (int64_t c = 0; c < channelsPerSum; c++) sums[c] += load(values[c]);
        else for (int64_t c = 0; c < count; c++) sums[c] += load(values[c]);
      }
      for (int64_t c = 0; c < count; c++) to[place + c] = sums[c] / static_cast<float>(maps.pixels);
    });
  }
};

template <class T>
struct MeanGrad {
  explicit MeanGrad(Attributes&) {}

  void compute(Context& context) {
    const Tensor x = context.input(0), dy = context.input(1);
    const Maps maps(x);
    maps.requireEach(dy);
    const Tensor dx = context.output<T>(0, x.shape());
    const float* const flow = dy.data<float>();
    T* const to = dx.data<T>();
    const float share = 1.0f / static_cast<float>(maps.pixels);
    maps.eachBlock([=](int64_t offset, int64_t count, int64_t place) {
      T values[channelsPerSum];
      for (int64_t c = 0; c < count; c++) store(values[c], flow[place + c] * share);
      for (int64_t pixel = 0; pixel < maps.pixels; pixel++) std::copy(values, values + count, to + offset + pixel * maps.channels);
    });
  }
};

template <class T>
struct Scale {
  explicit Scale(Attributes&) {}

  void compute(Context& context) {
    const Tensor y = context.outputFrom(0, 0), x = context.input(0), gate = context.input(1);
    const Maps maps(x);
    maps.requireEach(gate);
    const T* const from = x.data<T>();
    const float* const factors = gate.data<float>();
    T* const to = y.data<T>();
    parallelRows(maps.images * maps.pixels, maps.channels, [=](int64_t begin, int64_t end, int) {
      for (int64_t row = begin; row < end; row++) {
        const float* const __restrict factor = factors + row / maps.pixels * maps.channels;
        const T* const in = from + row * maps.channels;
        T* const out = to + row * maps.channels;
        #pragma GCC ivdep
        for (int64_t c = 0; c < maps.channels; c++) store(out[c], load(in[c]) * factor[c]);
      }
    });
  }
};

template <class T>
struct ScaleGrad {
  explicit ScaleGrad(Attributes&) {}

  void compute(Context& context) {
    const Tensor dx = context.outputFrom(0, 0), dy = context.input(0), x = context.input(1), gate = context.input(2);
    const Maps maps(x);
    maps.requireEach(gate);
    require(dy.sameShape(x), "the gradient needs the shape of the input");
    const Tensor dgate = context.output<float>(1, gate.shape());
    const T* const flow = dy.data<T>();
    const T* const from = x.data<T>();
    const float* const factors = gate.data<float>();
    T* const to = dx.data<T>();
    float* const sums = dgate.data<float>();
    maps.eachBlock([=](int64_t offset, int64_t count, int64_t place) {
      float sum[channelsPerSum] = {};
      const float* const __restrict factor = factors + place;
      for (int64_t pixel = 0; pixel < maps.pixels; pixel++) {
        const int64_t at = offset + pixel * maps.channels;
        const T* const up = flow + at;
        const T* const __restrict in = from + at;
        T* const out = to + at;
        const auto one = [&](int64_t c) {
          const float d = load(up[c]);
          store(out[c], d * factor[c]);
          sum[c] += d * load(in[c]);
        };
        if (count == channelsPerSum) {
          #pragma GCC ivdep
          for (int64_t c = 0; c < channelsPerSum; c++) one(c);
        } else {
          #pragma GCC ivdep
          for (int64_t c = 0; c < count; c++) one(c);
        }
      }
      std::copy(sum, sum + count, sums + place);
    });
  }
};

}  // namespace stagecraft
