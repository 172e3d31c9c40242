// Gathers rows of a table by a constant index, for relative position biases:
//   StagecraftGather(table [m, c], index [n]) → [n, c], with `turned` [c, n]
//   StagecraftGatherGrad(dy, index) → dtable [`rows`, c], summed over repeated indices
#pragma once
#include "op.h"
#include "pool.h"

namespace stagecraft {

inline void requirePlaces(const int32_t* index, int64_t count, int64_t rows) {
  for (int64_t i = 0; i < count; i++) require(index[i] >= 0 && index[i] < rows, "an index needs to name a row of the table");
}

struct Gather {
  explicit Gather(Attributes& attributes) : turned(attributes.integer("turned") != 0) {}
  const bool turned;

  void compute(Context& context) {
    const Tensor table = context.input(0), index = context.input(1);
    require(table.rank() == 2, "a table needs two axes");
    const int64_t columns = table.dim(1), count = index.size();
    requirePlaces(index.data<int32_t>(), count, table.dim(0));
    const Tensor result = context.output<float>(0, turned ? std::vector<int64_t>{columns, count} : std::vector<int64_t>{count, columns});
    const float* const from = table.data<float>();
    const int32_t* const rows = index.data<int32_t>();
    float* const to = result.data<float>();
    if (turned) {
      parallelRows(columns, count, [=](int64_t begin, int64_t end, int) {
        for (int64_t column = begin; column < end; column++)
          for (int64_t i = 0; i < count; i++) to[column * count + i] = from[rows[i] * columns + column];
      });
    } else {
      parallelRows(count, columns, [=](int64_t begin, int64_t end, int) {
        for (int64_t i = begin; i < end; i++) std::copy(from + rows[i] * columns, from + (rows[i] + 1) * columns, to + i * columns);
      });
    }
  }
};

struct GatherGrad {
  explicit GatherGrad(Attributes& attributes) : turned(attributes.integer("turned") != 0), rows(attributes.integer("rows")) {}
  const bool turned;
  const int64_t rows;

  void compute(Context& context) {
    const Tensor dy = context.input(0), index = context.input(1);
    require(dy.rank() == 2 && dy.dim(turned ? 1 : 0) == index.size(), "the gradient needs an entry for each index");
    const int64_t columns = turned ? dy.dim(0) : dy.dim(1), count = index.size();
    requirePlaces(index.data<int32_t>(), count, rows);
    const Tensor result = context.output<float>(0, {rows, columns});
    const float* const flow = dy.data<float>();
    const int32_t* const at = index.data<int32_t>();
    float* const to = result.data<float>();
    std::fill(to, to + rows * columns, 0.0f);
    // Threads own disjoint columns: no sum has two writers, and the order of a sum never changes.
    const int64_t step = turned ? 1 : columns, line = turned ? count : 1;
    parallelRows(columns, count, [=](int64_t begin, int64_t end, int) {
      const std::vector<float> empty(rows, 0.0f);
      std::vector<float> sums;
      for (int64_t column = begin; column < end; column++) {
        sums = empty;
        for (int64_t i = 0; i < count; i++) sums[at[i]] += flow[column * line + i * step];
        for (int64_t row = 0; row < rows; row++) to[row * columns + column] = sums[row];
      }
    });
  }
};

}  // namespace stagecraft
