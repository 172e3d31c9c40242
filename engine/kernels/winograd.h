// 3×3 convolutions of stride 1 by Winograd's minimal filtering F(2×2, 3×3): 16 products per 4 outputs instead of 36, and the
// bias and the activation on the way out. float32. https://arxiv.org/abs/1509.09308
//   StagecraftWinogradFilter(filter [3,3,cin,cout]) → the 16 transformed planes, packed; `turned`: for the input's gradient
//   StagecraftWinograd(x, planes, bias [cout] or empty) → act(x * filter + bias); `pad`: pixels before the first row and column
//   StagecraftWinogradFilterGrad(x, dy) → dfilter
// Channels that are written must be a multiple of the vector (`lanes`); the caller ensures that.
#pragma once
#include "convolution.h"
#include "gemm.h"
#include "op.h"
#include "pool.h"

namespace stagecraft {

constexpr int planes = 16;

// Planes are kept in panels: [cout / panelWidth][16][depth][width of the panel].
inline int64_t panelOffset(int64_t first, int64_t depth) { return planes * depth * first; }

struct WinogradFilter {
  explicit WinogradFilter(Attributes& attributes) : turned(attributes.integer("turned") != 0) {}
  const bool turned;

  void compute(Context& context) {
    const Tensor filter = context.input(0);
    requireFilter(filter);
    const int64_t cin = filter.dim(2), cout = filter.dim(3);
    const Tensor result = context.output<float>(0, {planes, cin, cout});
    const float* const from = filter.data<float>();
    float* const to = result.data<float>();
    const int64_t depth = turned ? cout : cin, width = turned ? cin : cout;
    const int64_t kStep = turned ? 1 : cout, nStep = turned ? cout : 1;
    parallelRows(depth, planes * width, [=](int64_t begin, int64_t end, int) {
      for (int64_t first = 0; first < width; first += panelWidth) {
        const int64_t size = std::min<int64_t>(panelWidth, width - first);
        float* const panel = to + panelOffset(first, depth);
        for (int64_t k = begin; k < end; k++) {
          const float* const source = from + k * kStep + first * nStep;
          float* const target = panel + k * size;
          const int64_t plane = depth * size;
          if (turned) transform<true>(source, cin * cout, nStep, target, plane, size);
          else transform<false>(source, cin * cout, 1, target, plane, size);
        }
      }
    });
  }

 private:
  // U = G g Gᵀ with G = [1 0 0; ½ ½ ½; ½ -½ ½; 0 0 1]; turning the filter swaps first and last of each axis.
  template <bool turns>
  static void transform(const float* __restrict g, int64_t tap, int64_t step, float* __restrict u, int64_t plane, int64_t count) {
#pragma GCC ivdep
    for (int64_t n = 0; n < count; n++) {
      float rows[4][3];
      for (int j = 0; j < 3; j++) {
        const float a = g[(0 + j) * tap + n * step], b = g[(3 + j) * tap + n * step], c = g[(6 + j) * tap + n * step];
        rows[turns ? 3 : 0][j] = a;
        rows[1][j] = 0.5f * (a + b + c);
        rows[2][j] = 0.5f * (a - b + c);
        rows[turns ? 0 : 3][j] = c;
      }
      for (int i = 0; i < 4; i++) {
        const float a = rows[i][0], b = rows[i][1], c = rows[i][2];
        u[(4 * i + (turns ? 3 : 0)) * plane + n] = a;
        u[(4 * i + 1) * plane + n] = 0.5f * (a + b + c);
        u[(4 * i + 2) * plane + n] = 0.5f * (a - b + c);
        u[(4 * i + (turns ? 0 : 3)) * plane + n] = c;
      }
    }
  }
};

// Tiles of 2×2 outputs over a batch of maps.
struct Tiles {
  int64_t height, width, channels, outHeight, outWidth, down, across, count, pad;
  Tiles(const Tensor& x, int64_t outHeight, int64_t outWidth, int64_t pad)
      : height(x.dim(1)), width(x.dim(2)), channels(x.dim(3)), outHeight(outHeight), outWidth(outWidth),
        down((outHeight + 1) / 2), across((outWidth + 1) / 2), count(x.dim(0) * down * across), pad(pad) {}

  // V = Bᵀ d B of tiles [first, first + number) into v [16][number][depth], of the `depth` channels from `channel` on.
  void transformInput(const float* x, int64_t first, int64_t number, int64_t channel, int64_t depth, float* v, const float* zeros) const {
    const int64_t plane = number * depth;
    for (int64_t t = 0; t < number; t++) {
      const int64_t tile = first + t, image = tile / (down * across), row = (tile / across) % down, column = tile % across;
      const float* d[4][4];
      for (int i = 0; i < 4; i++) for (int j = 0; j < 4; j++) {
        const int64_t y = 2 * row + i - pad, z = 2 * column + j - pad;
        d[i][j] = y < 0 || z < 0 || y >= height || z >= width ? zeros : x + ((image * height + y) * width + z) * channels + channel;
      }
      inputTile(d, v + t * depth, plane, depth);
    }
  }

 private:
  static void inputTile(const float* const (&d)[4][4], float* __restrict v, int64_t plane, int64_t channels) {
    int64_t c = 0;
    for (; c + lanes <= channels; c += lanes) {
      Vector rows[4][4];
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++) {
        const auto at = [&](int i) { return *reinterpret_cast<const Vector*>(d[i][j] + c); };
        const Vector a = at(0), b = at(1), e = at(2), f = at(3);
        rows[0][j] = a - e;
        rows[1][j] = b + e;
        rows[2][j] = e - b;
        rows[3][j] = b - f;
      }
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) {
        const auto put = [&](int j, Vector value) { *reinterpret_cast<Vector*>(v + (4 * i + j) * plane + c) = value; };
        put(0, rows[i][0] - rows[i][2]);
        put(1, rows[i][1] + rows[i][2]);
        put(2, rows[i][2] - rows[i][1]);
        put(3, rows[i][1] - rows[i][3]);
      }
    }
    for (; c < channels; c++) {
      float rows[4][4];
      for (int j = 0; j < 4; j++) {
        const float a = d[0][j][c], b = d[1][j][c], e = d[2][j][c], f = d[3][j][c];
        rows[0][j] = a - e; rows[1][j] = b + e; rows[2][j] = e - b; rows[3][j] = b - f;
      }
      for (int i = 0; i < 4; i++) {
        v[(4 * i) * plane + c] = rows[i][0] - rows[i][2];
        v[(4 * i + 1) * plane + c] = rows[i][1] + rows[i][2];
        v[(4 * i + 2) * plane + c] = rows[i][2] - rows[i][1];
        v[(4 * i + 3) * plane + c] = rows[i][1] - rows[i][3];
      }
    }
  }
};

constexpr int64_t tilesPerBlock = 48;

struct Winograd {
  explicit Winograd(Attributes& attributes) : act(static_cast<int>(attributes.integer("act"))), pad(attributes.integer("pad")) {}
  const int act;
  const int64_t pad;

  void compute(Context& context) {
    const Tensor x = context.input(0), filter = context.input(1), bias = context.input(2);
    const OutputSides sides(x, pad);
    const int64_t depth = x.dim(3), outHeight = sides.height, outWidth = sides.width;
    require(filter.rank() == 3 && filter.dim(0) == planes && depth > 0 && (filter.dim(1) == depth || filter.dim(2) == depth), "planes need the shape [16, input channels, output channels]");
    const int64_t cout = filter.size() / planes / depth;
    requireVectors(cout);
    requireBias(bias, cout);
    const Tensor y = context.output<float>(0, {x.dim(0), outHeight, outWidth, cout});
    if (y.size() == 0) return;
    const Tiles tiles(x, outHeight, outWidth, pad);
    const float* const from = x.data<float>();
    const float* const u = filter.data<float>();
    const float* const added = bias.size() > 0 ? bias.data<float>() : nullptr;
    float* const to = y.data<float>();
    const int64_t blocks = (tiles.count + tilesPerBlock - 1) / tilesPerBlock, panels = (cout + panelWidth - 1) / panelWidth;
    // Few tiles (small batches): the threads share the panels instead.
    const int64_t threads = Pool::get().threads();
    const int64_t groups = blocks >= 2 * threads ? 1 : std::min(panels, threads);
    const int64_t perGroup = (panels + groups - 1) / groups;
    withActivation(act, [&](auto f) {
      Pool::get().parallelFor(blocks * groups, std::max<int64_t>(1, 4000000 / (tilesPerBlock * planes * depth * cout / groups + 1)), [&](int64_t begin, int64_t end, int) {
        const std::vector<float> zeros(depth, 0.0f);
        float* const v = scratch<0>(planes * tilesPerBlock * (depth + panelWidth));
        float* const m = v + planes * tilesPerBlock * depth;
        for (int64_t task = begin; task < end; task++) {
          const int64_t first = task / groups * tilesPerBlock, number = std::min(tilesPerBlock, tiles.count - first);
          tiles.transformInput(from, first, number, 0, depth, v, zeros.data());
          const int64_t lastPanel = std::min(panels, (task % groups + 1) * perGroup);
          for (int64_t panel = task % groups * perGroup; panel < lastPanel; panel++) {
            const int64_t column = panel * panelWidth, width = std::min<int64_t>(panelWidth, cout - column);
            const float* const planesOf = u + panelOffset(column, depth);
            for (int p = 0; p < planes; p++)
              multiply(number, width, depth, v + p * number * depth, depth, 1, planesOf + p * depth * width, width, m + p * number * width, width, false);
            for (int64_t t = 0; t < number; t++) outputTile(tiles, first + t, m + t * width, number * width, column, width, cout, added, to, f);
          }
        }
      });
    });
  }

 private:
  // Y = Aᵀ M A with Aᵀ = [1 1 1 0; 0 1 -1 -1], plus bias, through the activation.
  template <class F>
  static void outputTile(const Tiles& tiles, int64_t tile, const float* m, int64_t plane, int64_t column, int64_t width, int64_t cout, const float* bias, float* y, F f) {
    const int64_t image = tile / (tiles.down * tiles.across), row = (tile / tiles.across) % tiles.down * 2, across = tile % tiles.across * 2;
    float* const out = y + ((image * tiles.outHeight + row) * tiles.outWidth + across) * cout + column;
    const bool right = across + 1 < tiles.outWidth, below = row + 1 < tiles.outHeight;
    for (int64_t c = 0; c < width; c += lanes) {
      Vector rows[2][4];
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++) {
        const auto at = [&](int i) { return *reinterpret_cast<const Vector*>(m + (4 * i + j) * plane + c); };
        const Vector a = at(1), b = at(2);
        rows[0][j] = at(0) + a + b;
        rows[1][j] = a - b - at(3);
      }
      const Vector shift = bias ? *reinterpret_cast<const Vector*>(bias + column + c) : Vector{};
      const auto put = [&](int i, int j, Vector value) {
        float values[lanes];
        *reinterpret_cast<Vector*>(values) = value + shift;
        for (int lane = 0; lane < lanes; lane++) values[lane] = f.value(values[lane]);
        *reinterpret_cast<Vector*>(out + (i * tiles.outWidth + j) * cout + c) = *reinterpret_cast<Vector*>(values);
      };
      put(0, 0, rows[0][0] + rows[0][1] + rows[0][2]);
      if (right) put(0, 1, rows[0][1] - rows[0][2] - rows[0][3]);
      if (below) put(1, 0, rows[1][0] + rows[1][1] + rows[1][2]);
      if (below && right) put(1, 1, rows[1][1] - rows[1][2] - rows[1][3]);
    }
  }
};

// How the threads share the gradient of a filter: over copies of the planes, each the sum of a range of tiles, and over panels and
// groups of rows, which no two tasks share. The copies depend on the shapes alone, so that the sums have the same bits on any
// number of threads; they stay below `mostCopied`.
struct Shares {
  static constexpr int64_t smallPlanes = 1 << 18, mostCopied = 1 << 24;  // float32 values
  static constexpr int64_t blocksPerCopy = 8, mostCopies = 16;  // a copy costs one addition where its blocks cost hundreds of products
  static constexpr int64_t fewestRows = 64;  // fewer would cost more in transforming dy again than they save

  int64_t panels, copies, groups = 1, rowsPerGroup, panelsPerTask = 1;
  Shares(int64_t cin, int64_t cout, int64_t blocks, int64_t copy) : panels((cout + panelWidth - 1) / panelWidth), rowsPerGroup(cin) {
    copies = std::clamp<int64_t>(std::min(blocks / blocksPerCopy, mostCopied / copy), 1, mostCopies);
    const int64_t threads = Pool::get().threads();
    if (copies % threads == 0 || copies >= 4 * threads) panelsPerTask = panels;
    else if (copies > threads) panelsPerTask = std::max<int64_t>(1, panels * copies / (4 * threads));  // no thread waits for another
    else if (copies * panels < threads && copy > smallPlanes) {
      groups = std::clamp<int64_t>(cin / fewestRows, 1, (threads + copies * panels - 1) / (copies * panels));
      rowsPerGroup = (cin + groups - 1) / groups;
      groups = (cin + rowsPerGroup - 1) / rowsPerGroup;
    }
  }
  int64_t tasksAcross() const { return (panels + panelsPerTask - 1) / panelsPerTask; }
  int64_t count() const { return copies * groups * tasksAcross(); }
};

struct WinogradFilterGrad {
  explicit WinogradFilterGrad(Attributes& attributes) : pad(attributes.integer("pad")) {}
  const int64_t pad;

  void compute(Context& context) {
    const Tensor x = context.input(0), dy = context.input(1);
    requireFlow(x, dy, pad);
    const int64_t cin = x.dim(3), cout = dy.dim(3);
    const Tensor dfilter = context.output<float>(0, {3, 3, cin, cout});
    if (dfilter.size() == 0) return;
    const Tiles tiles(x, dy.dim(1), dy.dim(2), pad);
    const float* const from = x.data<float>();
    const float* const flow = dy.data<float>();
    const int64_t blocks = (tiles.count + tilesPerBlock - 1) / tilesPerBlock;
    const int64_t copy = planes * cin * cout;
    const Shares shares(cin, cout, blocks, copy);
    const int64_t copies = shares.copies;
    float* const sums = scratch<1>(copies * copy);
    Pool::get().parallelFor(copies * copy, smallestShare, [=](int64_t begin, int64_t end, int) { std::fill(sums + begin, sums + end, 0.0f); });
    const int64_t panels = shares.panels;
    // One task: tiles of blocks [firstBlock, lastBlock) into the rows and columns of a sum.
    const auto run = [&](int64_t firstBlock, int64_t lastBlock, int64_t firstRow, int64_t lastRow, int64_t firstPanel, int64_t lastPanel, float* sum) {
      const int64_t rows = lastRow - firstRow;
      const std::vector<float> zeros(rows, 0.0f);
      float* const v = scratch<0>(planes * tilesPerBlock * (rows + panelWidth));
      float* const d = v + planes * tilesPerBlock * rows;
      for (int64_t block = firstBlock; block < lastBlock; block++) {
        const int64_t first = block * tilesPerBlock, number = std::min(tilesPerBlock, tiles.count - first);
        tiles.transformInput(from, first, number, firstRow, rows, v, zeros.data());
        for (int64_t panel = firstPanel; panel < lastPanel; panel++) {
          const int64_t column = panel * panelWidth, width = std::min<int64_t>(panelWidth, cout - column);
          for (int64_t t = 0; t < number; t++) flowTile(tiles, first + t, flow, column, width, cout, d + t * width, number * width);
          float* const to = sum + panelOffset(column, cin) + firstRow * width;
          for (int p = 0; p < planes; p++)
            multiply(rows, width, number, v + p * number * rows, 1, rows, d + p * number * width, width, to + p * cin * width, width, true);
        }
      }
    };
    Pool::get().parallelFor(shares.count(), 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t task = begin; task < end; task++) {
        const int64_t part = task % copies, group = task / copies % shares.groups, rest = task / copies / shares.groups;
        const int64_t row = group * shares.rowsPerGroup, panel = rest * shares.panelsPerTask;
        run(blocks * part / copies, blocks * (part + 1) / copies, row, std::min(cin, row + shares.rowsPerGroup), panel, std::min(panels, panel + shares.panelsPerTask), sums + part * copy);
      }
    });

    float* const to = dfilter.data<float>();
    parallelRows(cin, planes * cout, [=](int64_t begin, int64_t end, int) {
      for (int64_t column = 0; column < cout; column += panelWidth) {
        const int64_t width = std::min<int64_t>(panelWidth, cout - column);
        for (int64_t k = begin; k < end; k++) filterTile(sums + panelOffset(column, cin) + k * width, cin * width, copies, copy, to + k * cout + column, cin * cout, width);
      }
    });
  }

 private:
  // dM = A dY Aᵀ.
  static void flowTile(const Tiles& tiles, int64_t tile, const float* dy, int64_t column, int64_t width, int64_t cout, float* d, int64_t plane) {
    const int64_t image = tile / (tiles.down * tiles.across), row = (tile / tiles.across) % tiles.down * 2, across = tile % tiles.across * 2;
    const float* const in = dy + ((image * tiles.outHeight + row) * tiles.outWidth + across) * cout + column;
    const bool right = across + 1 < tiles.outWidth, below = row + 1 < tiles.outHeight;
    for (int64_t c = 0; c < width; c += lanes) {
      const auto at = [&](int i, int j, bool inside) { return inside ? *reinterpret_cast<const Vector*>(in + (i * tiles.outWidth + j) * cout + c) : Vector{}; };
      const Vector a = at(0, 0, true), b = at(0, 1, right), e = at(1, 0, below), f = at(1, 1, below && right);
      const Vector left[4] = {a, a + e, a - e, -e}, rest[4] = {b, b + f, b - f, -f};
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) {
        const auto put = [&](int j, Vector value) { *reinterpret_cast<Vector*>(d + (4 * i + j) * plane + c) = value; };
        put(0, left[i]);
        put(1, left[i] + rest[i]);
        put(2, left[i] - rest[i]);
        put(3, -rest[i]);
      }
    }
  }

  // dg = Gᵀ dU G, summed over the threads' copies.
  static void filterTile(const float* u, int64_t plane, int64_t copies, int64_t copy, float* __restrict g, int64_t tap, int64_t width) {
    for (int64_t c = 0; c < width; c += lanes) {
      Vector rows[3][4];
      for (int j = 0; j < 4; j++) {
        const auto at = [&](int i) {
          Vector sum{};
          for (int64_t part = 0; part < copies; part++) sum += *reinterpret_cast<const Vector*>(u + part * copy + (4 * i + j) * plane + c);
          return sum;
        };
        const Vector a = at(1) * 0.5f, b = at(2) * 0.5f;
        rows[0][j] = at(0) + a + b;
        rows[1][j] = a - b;
        rows[2][j] = a + b + at(3);
      }
      for (int i = 0; i < 3; i++) {
        const Vector a = rows[i][1] * 0.5f, b = rows[i][2] * 0.5f;
        const auto put = [&](int j, Vector value) { *reinterpret_cast<Vector*>(g + (3 * i + j) * tap + c) = value; };
        put(0, rows[i][0] + a + b);
        put(1, a - b);
        put(2, a + b + rows[i][3]);
      }
    }
  }
};

}  // namespace stagecraft
