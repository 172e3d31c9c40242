// 3×3 convolutions of stride 1 as matrix products, for small feature maps, where transforming the filters (winograd.h) costs more
// than it saves. Each filter is read once, in place. float32; the number of output channels is a multiple of the vector width (`lanes`).
//   StagecraftConvolution(x, filter [3,3,cin,cout]) → x * filter; `pad`: pixels before the first row and column
//   StagecraftConvolutionInputGrad(dy, filter) → dx
//   StagecraftConvolutionFilterGrad(x, dy) → dfilter
#pragma once
#include "gemm.h"
#include "op.h"
#include "pool.h"

namespace stagecraft {

constexpr int taps = 9;

// Sides of the output of a 3×3 convolution over maps [b, h, w, c] of stride 1.
struct OutputSides {
  int64_t height, width;
  OutputSides(const Tensor& x, int64_t pad) {
    require(x.rank() == 4, "maps need four axes");
    require(pad >= 0 && pad <= 2, "a 3×3 convolution needs a padding of 0 to 2 pixels");
    height = x.dim(1) + 2 * pad - 2;
    width = x.dim(2) + 2 * pad - 2;
    require(height >= 0 && width >= 0, "a map needs at least two pixels a side for a 3×3 convolution without padding");
  }
};

inline void requireFilter(const Tensor& filter) {
  require(filter.rank() == 4 && filter.dim(0) == 3 && filter.dim(1) == 3, "a filter needs the shape [3, 3, input channels, output channels]");
}
inline void requireVectors(int64_t channels) {
  require(channels % lanes == 0, "channels that are written need to be whole vectors");
}
inline void requireBias(const Tensor& bias, int64_t channels) {
  require(bias.size() == 0 || bias.size() == channels, "a bias needs no entries or one for each channel");
}
// Checks the shapes of a filter gradient: dy must have the output shape of a convolution of x.
inline void requireFlow(const Tensor& x, const Tensor& dy, int64_t pad) {
  const OutputSides sides(x, pad);
  require(dy.rank() == 4 && dy.dim(0) == x.dim(0) && dy.dim(1) == sides.height && dy.dim(2) == sides.width, "the gradient needs the shape of the output");
  requireVectors(dy.dim(3));
}

// Input positions of output pixel p: body(p, tap, offset of the first channel of the pixel of x, or -1 outside).
struct Window {
  int64_t images, height, width, channels, outHeight, outWidth, pad;
  int64_t pixels() const { return images * outHeight * outWidth; }

  template <class Body>
  void each(int64_t p, const Body& body) const {
    const int64_t image = p / (outHeight * outWidth), row = p / outWidth % outHeight, column = p % outWidth;
    for (int tap = 0; tap < taps; tap++) {
      const int64_t y = row + tap / 3 - pad, x = column + tap % 3 - pad;
      const bool inside = y >= 0 && x >= 0 && y < height && x < width;
      body(tap, inside ? ((image * height + y) * width + x) * channels : int64_t{-1});
    }
  }

  // [pixels][tap][channels]
  void patches(const float* x, float* to) const {
    const Window window = *this;
    parallelRows(pixels(), taps * channels, [=](int64_t begin, int64_t end, int) {
      for (int64_t p = begin; p < end; p++) window.each(p, [&](int tap, int64_t from) {
        float* const out = to + (p * taps + tap) * window.channels;
        if (from < 0) std::fill(out, out + window.channels, 0.0f); else std::copy(x + from, x + from + window.channels, out);
      });
    });
  }
};

// Rows per task, chosen so that the tasks over all columns suffice for all threads.
inline int64_t rowsPerTask(int64_t rows, int64_t columns) {
  const int64_t parts = std::max<int64_t>(1, std::min((2 * Pool::get().threads() + columns - 1) / columns, rows / microRows));
  return ((rows + parts - 1) / parts + microRows - 1) / microRows * microRows;
}

// body(first row, end of rows, first column, columns) in parallel over a matrix whose columns go by panels.
template <class Body>
void eachPanel(int64_t rows, int64_t columns, const Body& body) {
  const int64_t panels = (columns + panelWidth - 1) / panelWidth, part = rowsPerTask(rows, panels), parts = (rows + part - 1) / part;
  Pool::get().parallelFor(panels * parts, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t task = begin; task < end; task++) {
      const int64_t column = task / parts * panelWidth, row = task % parts * part;
      body(row, std::min(rows, row + part), column, std::min<int64_t>(panelWidth, columns - column));
    }
  });
}

struct Convolution {
  explicit Convolution(Attributes& attributes) : pad(attributes.integer("pad")) {}
  const int64_t pad;

  void compute(Context& context) {
    const Tensor x = context.input(0), filter = context.input(1);
    const OutputSides sides(x, pad);
    requireFilter(filter);
    require(filter.dim(2) == x.dim(3), "a filter needs the input's channels");
    const int64_t cout = filter.dim(3), depth = taps * x.dim(3);
    requireVectors(cout);
    const Window window{x.dim(0), x.dim(1), x.dim(2), x.dim(3), sides.height, sides.width, pad};
    const Tensor y = context.output<float>(0, {window.images, window.outHeight, window.outWidth, cout});
    if (y.size() == 0) return;
    float* const patches = scratch<1>(window.pixels() * depth);
    window.patches(x.data<float>(), patches);
    const float* const weights = filter.data<float>();
    float* const to = y.data<float>();
    eachPanel(window.pixels(), cout, [&](int64_t row, int64_t end, int64_t column, int64_t width) {
      float* const panel = scratch<0>(depth * width);  // whole rows of the filter lie a power of two apart, which caches take badly
      for (int64_t k = 0; k < depth; k++) std::copy(weights + k * cout + column, weights + k * cout + column + width, panel + k * width);
      multiply(end - row, width, depth, patches + row * depth, depth, 1, panel, width, to + row * cout + column, cout, false);
    });
  }
};

// dxᵀ [cin][pixels] = Σ over taps of filter [cin][cout] · the dy that a tap brought there, [cout][pixels].
struct ConvolutionInputGrad {
  explicit ConvolutionInputGrad(Attributes& attributes) : pad(attributes.integer("pad")) {}
  const int64_t pad;

  void compute(Context& context) {
    const Tensor dy = context.input(0), filter = context.input(1);
    requireFilter(filter);
    require(dy.rank() == 4 && dy.dim(3) == filter.dim(3), "the gradient needs the filter's output channels");
    require(pad >= 0 && pad <= 2 && dy.dim(1) >= 2 * pad - 2 && dy.dim(2) >= 2 * pad - 2, "a gradient of a padding of 0 to 2 pixels needs the sides that it gives");
    const int64_t cin = filter.dim(2), cout = filter.dim(3), height = dy.dim(1) + 2 - 2 * pad, width = dy.dim(2) + 2 - 2 * pad;
    const Tensor dx = context.output<float>(0, {dy.dim(0), height, width, cin});
    // Seen from dx, dy is read through the turned window.
    const Window window{dy.dim(0), dy.dim(1), dy.dim(2), cout, height, width, 2 - pad};
    if (dx.size() == 0) return;
    const int64_t pixels = window.pixels(), columns = (pixels + lanes - 1) / lanes * lanes;
    float* const flow = scratch<1>((taps * cout + cin) * columns);
    float* const turned = flow + taps * cout * columns;
    const float* const up = dy.data<float>();
    const float* const weights = filter.data<float>();
    float* const to = dx.data<float>();
    std::vector<int64_t> from(taps * columns, -1);
    for (int64_t p = 0; p < pixels; p++) window.each(p, [&](int tap, int64_t offset) { from[(taps - 1 - tap) * columns + p] = offset; });
    parallelRows(taps * cout, columns, [&](int64_t begin, int64_t end, int) {
      for (int64_t line = begin; line < end; line++) {
        const int64_t* const places = from.data() + line / cout * columns;
        const float* const channel = up + line % cout;
        for (int64_t p = 0; p < columns; p++) flow[line * columns + p] = places[p] < 0 ? 0.0f : channel[places[p]];
      }
    });
    eachPanel(cin, columns, [&](int64_t row, int64_t end, int64_t column, int64_t count) {
      for (int tap = 0; tap < taps; tap++)
        multiply(end - row, count, cout, weights + (tap * cin + row) * cout, cout, 1, flow + tap * cout * columns + column, columns, turned + row * columns + column, columns, tap > 0);
    });
    parallelRows(pixels, cin, [=](int64_t begin, int64_t end, int) {
      for (int64_t p = begin; p < end; p++) for (int64_t c = 0; c < cin; c++) to[p * cin + c] = turned[c * columns + p];
    });
  }
};

struct ConvolutionFilterGrad {
  explicit ConvolutionFilterGrad(Attributes& attributes) : pad(attributes.integer("pad")) {}
  const int64_t pad;

  void compute(Context& context) {
    const Tensor x = context.input(0), dy = context.input(1);
    requireFlow(x, dy, pad);
    const int64_t cout = dy.dim(3), depth = taps * x.dim(3);
    const Tensor dfilter = context.output<float>(0, {3, 3, x.dim(3), cout});
    if (dfilter.size() == 0) return;
    const Window window{x.dim(0), x.dim(1), x.dim(2), x.dim(3), dy.dim(1), dy.dim(2), pad};
    float* const patches = scratch<1>(window.pixels() * depth);
    window.patches(x.data<float>(), patches);
    const float* const flow = dy.data<float>();
    float* const to = dfilter.data<float>();
    eachPanel(depth, cout, [&](int64_t row, int64_t end, int64_t column, int64_t width) {
      multiply(end - row, width, window.pixels(), patches + row, 1, depth, flow + column, cout, to + row * cout + column, cout, false);
    });
  }
};

}  // namespace stagecraft
