// Gradients of a depthwise convolution of multiplier 1 over maps [b, h, w, c], float32, of any size, stride and padding:
//   StagecraftDepthwiseFilterGrad(x, dy) → dfilter [kernel_height, kernel_width, c, 1]
//   StagecraftDepthwiseInputGrad(dy, filter [kh, kw, c, 1]) → dx [b, height, width, c]
// `top` and `left`: pixels of padding before the first row and column. TensorFlow runs filter gradients of more than 3×3 taps with a
// kernel for grouped convolutions that pads each channel to 16×16, and input gradients of strides above 1 without oneDNN.
// https://arxiv.org/abs/1704.04861
#pragma once
#include "gemm.h"
#include "op.h"
#include "pool.h"

namespace stagecraft {

constexpr int64_t depthwiseTasks = 32;         // pieces that a filter gradient falls into, for any number of threads
constexpr int64_t smallestProducts = 1 << 19;  // multiply-adds worth waking a thread for

constexpr int64_t largestSide = 1 << 15;       // of kernels, strides and paddings

// Positions of one axis: output `out` reads the inputs out · stride + tap - before.
struct Axis {
  int64_t input, output, kernel, stride, before;

  Axis(int64_t input, int64_t output, int64_t kernel, int64_t stride, int64_t before)
      : input(input), output(output), kernel(kernel), stride(stride), before(before) {
    require(kernel >= 1 && kernel <= largestSide && stride >= 1 && stride <= largestSide, "a depthwise convolution needs a kernel and a stride of 1 to 32768");
    require(before >= 0 && before <= largestSide, "a depthwise convolution needs a padding of 0 to 32768");
    require(input >= 0, "a map needs sides of at least 0");
  }
  // Outputs that read an input at `tap`: [first, end).
  int64_t first(int64_t tap) const { return tap >= before ? 0 : (before - tap + stride - 1) / stride; }
  int64_t end(int64_t tap) const {
    const int64_t last = input - 1 + before - tap;
    return last < 0 ? 0 : std::min(output, last / stride + 1);
  }
  // The output that reads the input at `place` with `tap`, or -1.
  int64_t reader(int64_t place, int64_t tap) const {
    const int64_t from = place + before - tap;
    return from < 0 || from % stride != 0 || from / stride >= output ? -1 : from / stride;
  }
};

// sums[c] += Σ over i < count of x[i · xStep + c] · dy[i · dyStep + c]
template <int vectors>
inline void addProducts(const float* x, int64_t xStep, const float* dy, int64_t dyStep, int64_t count, float* sums) {
  Vector sum[vectors] = {};
  for (int64_t i = 0; i < count; i++) {
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++)
      sum[v] += *reinterpret_cast<const Vector*>(x + i * xStep + v * lanes) * *reinterpret_cast<const Vector*>(dy + i * dyStep + v * lanes);
  }
#pragma GCC unroll 8
  for (int v = 0; v < vectors; v++) *reinterpret_cast<Vector*>(sums + v * lanes) += sum[v];
}

struct DepthwiseFilterGrad {
  explicit DepthwiseFilterGrad(Attributes& attributes)
      : height(attributes.integer("kernel_height")), width(attributes.integer("kernel_width")), stride(attributes.integer("stride")), top(attributes.integer("top")), left(attributes.integer("left")) {}
  const int64_t height, width, stride, top, left;

  void compute(Context& context) {
    const Tensor x = context.input(0), dy = context.input(1);
    require(x.rank() == 4 && dy.rank() == 4, "maps need four axes");
    require(dy.dim(0) == x.dim(0) && dy.dim(3) == x.dim(3), "the gradient needs the images and channels of the input");
    const Axis rowAxis(x.dim(1), dy.dim(1), height, stride, top), columnAxis(x.dim(2), dy.dim(2), width, stride, left);
    const int64_t channels = x.dim(3), taps = height * width, rows = dy.dim(0) * dy.dim(1);
    const Tensor dfilter = context.output<float>(0, {height, width, channels, 1});
    if (dfilter.size() == 0) return;
    const int64_t blocks = (channels + panelWidth - 1) / panelWidth;
    const int64_t ranges = std::clamp<int64_t>((depthwiseTasks + blocks - 1) / blocks, 1, std::max<int64_t>(1, rows)), piece = (rows + ranges - 1) / ranges;
    float* const to = dfilter.data<float>();
    float* const sums = ranges == 1 ? to : scratch<1>(ranges * taps * channels);
    const float* const from = x.data<float>();
    const float* const flow = dy.data<float>();
    const int64_t products = std::max<int64_t>(1, piece * columnAxis.output * taps * std::min<int64_t>(channels, panelWidth));
    Pool::get().parallelFor(blocks * ranges, (smallestProducts + products - 1) / products, [=](int64_t begin, int64_t end, int) {
      for (int64_t task = begin; task < end; task++) {
        const int64_t range = task % ranges, channel = task / ranges * panelWidth, count = std::min<int64_t>(panelWidth, channels - channel);
        float* const sum = sums + range * taps * channels + channel;
        for (int64_t tap = 0; tap < taps; tap++) std::fill_n(sum + tap * channels, count, 0.0f);
        for (int64_t row = range * piece; row < std::min(rows, (range + 1) * piece); row++)
          addRow(rowAxis, columnAxis, from, flow, row, channels, channel, count, sum);
      }
    });
    if (ranges == 1) return;
    std::copy_n(sums, taps * channels, to);
    for (int64_t range = 1; range < ranges; range++)
      for (int64_t i = 0; i < taps * channels; i++) to[i] += sums[range * taps * channels + i];
  }

 private:
  // What one row of dy adds to the gradients of `count` channels.
  static void addRow(const Axis& rowAxis, const Axis& columnAxis, const float* x, const float* dy, int64_t row, int64_t channels, int64_t channel, int64_t count, float* sums) {
    const int64_t image = row / rowAxis.output, y = row % rowAxis.output * rowAxis.stride - rowAxis.before;
    for (int64_t tap = 0; tap < rowAxis.kernel; tap++) {
      if (y + tap < 0 || y + tap >= rowAxis.input) continue;
      const float* const in = x + (image * rowAxis.input + y + tap) * columnAxis.input * channels + channel;
      for (int64_t column = 0; column < columnAxis.kernel; column++) {
        const int64_t first = columnAxis.first(column), places = columnAxis.end(column) - first, step = columnAxis.stride * channels;
        if (places <= 0) continue;
        const float* const values = in + (first * columnAxis.stride + column - columnAxis.before) * channels;
        const float* const flow = dy + (row * columnAxis.output + first) * channels + channel;
        float* const sum = sums + (tap * columnAxis.kernel + column) * channels;
        int64_t c = 0;
        if (count == panelWidth) {
          addProducts<panelVectors>(values, step, flow, channels, places, sum);
          continue;
        }
        for (; c + lanes <= count; c += lanes) addProducts<1>(values + c, step, flow + c, channels, places, sum + c);
        for (; c < count; c++)
          for (int64_t i = 0; i < places; i++) sum[c] += values[i * step + c] * flow[i * channels + c];
      }
    }
  }
};

struct DepthwiseInputGrad {
  explicit DepthwiseInputGrad(Attributes& attributes)
      : height(attributes.integer("height")), width(attributes.integer("width")), stride(attributes.integer("stride")), top(attributes.integer("top")), left(attributes.integer("left")) {}
  const int64_t height, width, stride, top, left;

  // A tap that reaches dx from an output, as offsets into dy and into the filter.
  struct Reach { int64_t flow, weight; };

  void compute(Context& context) {
    const Tensor dy = context.input(0), filter = context.input(1);
    require(dy.rank() == 4 && filter.rank() == 4, "maps and filters need four axes");
    require(filter.dim(2) == dy.dim(3) && filter.dim(3) == 1, "the filter needs the shape [height, width, channels, 1]");
    const Axis rowAxis(height, dy.dim(1), filter.dim(0), stride, top), columnAxis(width, dy.dim(2), filter.dim(1), stride, left);
    const int64_t channels = dy.dim(3), rows = dy.dim(0) * height;
    const Tensor dx = context.output<float>(0, {dy.dim(0), height, width, channels});
    if (dx.size() == 0) return;
    const float* const flow = dy.data<float>();
    const float* const weights = filter.data<float>();
    float* const to = dx.data<float>();
    const int64_t products = std::max<int64_t>(1, width * channels * filter.dim(0) * filter.dim(1) / (stride * stride));
    Pool::get().parallelFor(rows, (smallestProducts + products - 1) / products, [&](int64_t begin, int64_t end, int) {
      std::vector<Reach> reached(columnAxis.kernel * rowAxis.kernel);
      for (int64_t row = begin; row < end; row++) {
        const int64_t image = row / height;
        for (int64_t x = 0; x < width; x++) {
          size_t count = 0;
          for (int64_t tap = 0; tap < rowAxis.kernel; tap++) {
            const int64_t y = rowAxis.reader(row % height, tap);
            if (y >= 0) for (int64_t column = 0; column < columnAxis.kernel; column++) {
              const int64_t place = columnAxis.reader(x, column);
              if (place >= 0) reached[count++] = {((image * rowAxis.output + y) * columnAxis.output + place) * channels, (tap * columnAxis.kernel + column) * channels};
            }
          }
          pixel(reached.data(), count, flow, weights, to + (row * width + x) * channels, channels);
        }
      }
    });
  }

 private:
  template <int vectors>
  static void block(const Reach* reached, size_t count, const float* flow, const float* weights, float* to) {
    Vector sum[vectors] = {};
    for (size_t i = 0; i < count; i++) {
#pragma GCC unroll 8
      for (int v = 0; v < vectors; v++)
        sum[v] += *reinterpret_cast<const Vector*>(flow + reached[i].flow + v * lanes) * *reinterpret_cast<const Vector*>(weights + reached[i].weight + v * lanes);
    }
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) *reinterpret_cast<Vector*>(to + v * lanes) = sum[v];
  }

  static void pixel(const Reach* reached, size_t count, const float* flow, const float* weights, float* to, int64_t channels) {
    int64_t c = 0;
    for (; c + panelWidth <= channels; c += panelWidth) block<panelVectors>(reached, count, flow + c, weights + c, to + c);
    for (; c + lanes <= channels; c += lanes) block<1>(reached, count, flow + c, weights + c, to + c);
    for (; c < channels; c++) {
      float sum = 0;
      for (size_t i = 0; i < count; i++) sum += flow[reached[i].flow + c] * weights[reached[i].weight + c];
      to[c] = sum;
    }
  }
};

}  // namespace stagecraft
