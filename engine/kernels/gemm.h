// A small matrix product held in registers: C[rows × columns] (+)= A · B, float32, columns in panels of `panelWidth`.
#pragma once
#include <cstdint>

namespace stagecraft {

#if defined(__AVX512F__)
constexpr int lanes = 16, panelVectors = 4;
#elif defined(__AVX__)
constexpr int lanes = 8, panelVectors = 2;
#else
constexpr int lanes = 4, panelVectors = 4;
#endif
constexpr int panelWidth = lanes * panelVectors;
constexpr int microRows = 6;  // rows · panelVectors accumulators, the panel's vectors and one of A fit the registers

typedef float Vector __attribute__((vector_size(lanes * sizeof(float)), aligned(4), may_alias));

inline Vector spread(float value) { return Vector{} + value; }

// A(row, k) = a[row · aRow + k · aStep]; B is [depth][width] with width = vectors · lanes; C(row, column) = c[row · cRow + column].
template <int rows, int vectors>
inline void micro(const float* a, int64_t aRow, int64_t aStep, const float* b, int64_t bRow, float* c, int64_t cRow, int64_t depth, bool adds) {
  Vector sums[rows][vectors];
#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) sums[r][v] = adds ? *reinterpret_cast<const Vector*>(c + r * cRow + v * lanes) : Vector{};
  for (int64_t k = 0; k < depth; k++) {
    Vector row[vectors];
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) row[v] = *reinterpret_cast<const Vector*>(b + k * bRow + v * lanes);
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
      const Vector value = spread(a[r * aRow + k * aStep]);
#pragma GCC unroll 8
      for (int v = 0; v < vectors; v++) sums[r][v] += value * row[v];
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) *reinterpret_cast<Vector*>(c + r * cRow + v * lanes) = sums[r][v];
}

template <int vectors>
inline void microRowsOf(int64_t rows, const float* a, int64_t aRow, int64_t aStep, const float* b, int64_t bRow, float* c, int64_t cRow, int64_t depth, bool adds) {
  int64_t r = 0;
  for (; r + microRows <= rows; r += microRows) micro<microRows, vectors>(a + r * aRow, aRow, aStep, b, bRow, c + r * cRow, cRow, depth, adds);
  switch (rows - r) {
    case 5: return micro<5, vectors>(a + r * aRow, aRow, aStep, b, bRow, c + r * cRow, cRow, depth, adds);
    case 4: return micro<4, vectors>(a + r * aRow, aRow, aStep, b, bRow, c + r * cRow, cRow, depth, adds);
    case 3: return micro<3, vectors>(a + r * aRow, aRow, aStep, b, bRow, c + r * cRow, cRow, depth, adds);
    case 2: return micro<2, vectors>(a + r * aRow, aRow, aStep, b, bRow, c + r * cRow, cRow, depth, adds);
    case 1: return micro<1, vectors>(a + r * aRow, aRow, aStep, b, bRow, c + r * cRow, cRow, depth, adds);
    default: return;
  }
}

// `width`: columns, a multiple of `lanes` up to `panelWidth`.
inline void multiply(int64_t rows, int64_t width, int64_t depth, const float* a, int64_t aRow, int64_t aStep, const float* b, int64_t bRow, float* c, int64_t cRow, bool adds) {
  switch (width / lanes) {
    case 4: if constexpr (panelVectors >= 4) return microRowsOf<4>(rows, a, aRow, aStep, b, bRow, c, cRow, depth, adds); return;
    case 3: if constexpr (panelVectors >= 3) return microRowsOf<3>(rows, a, aRow, aStep, b, bRow, c, cRow, depth, adds); return;
    case 2: return microRowsOf<2>(rows, a, aRow, aStep, b, bRow, c, cRow, depth, adds);
    default: return microRowsOf<1>(rows, a, aRow, aStep, b, bRow, c, cRow, depth, adds);
  }
}

}  // namespace stagecraft
