// Element types, and the functions of activations as branch-free code that compilers turn into vector instructions.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace stagecraft {

struct bfloat16 { uint16_t bits; };

inline float bitsToFloat(uint32_t bits) { float value; std::memcpy(&value, &bits, 4); return value; }
inline uint32_t floatToBits(float value) { uint32_t bits; std::memcpy(&bits, &value, 4); return bits; }

inline float load(float value) { return value; }
inline float load(bfloat16 value) { return bitsToFloat(uint32_t{value.bits} << 16); }
inline void store(float& to, float value) { to = value; }
inline void store(bfloat16& to, float value) {
  const uint32_t bits = floatToBits(value);
  to.bits = static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);  // to nearest, ties to even
}

// e^x, relative error below 2e-7: 2^n times a polynomial of degree 6 on [-ln2/2, ln2/2].
inline float fastExp(float x) {
  x = std::min(std::max(x, -87.0f), 88.0f);
  const float n = std::nearbyint(x * 1.44269504f);
  const float r = (x - n * 0.693145752f) - n * 1.42860677e-6f;
  float p = 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  return p * bitsToFloat(static_cast<uint32_t>(static_cast<int32_t>(n) + 127) << 23);
}

// erf as a ratio of polynomials on [-4, 4] (coefficients as in Eigen and XLA), absolute error below 2e-7.
inline float fastErf(float x) {
  x = std::min(std::max(x, -4.0f), 4.0f);
  const float s = x * x;
  float p = -2.72614225801306e-10f;
  p = p * s + 2.77068142495902e-08f;
  p = p * s - 2.10102402082508e-06f;
  p = p * s - 5.69250639462346e-05f;
  p = p * s - 7.34990630326855e-04f;
  p = p * s - 2.95459980854025e-03f;
  p = p * s - 1.60960333262415e-02f;
  float q = -1.45660718464996e-05f;
  q = q * s - 2.13374055278905e-04f;
  q = q * s - 1.68282697438203e-03f;
  q = q * s - 7.37332916720468e-03f;
  q = q * s - 1.42647390514189e-02f;
  return x * p / q;
}

inline float logistic(float x) { return 1.0f / (1.0f + fastExp(-x)); }

// Activations, numbered by the attribute `act` (src/runtime/tfjs/ops/native/kernel-ops.ts).
struct None { static float value(float x) { return x; } static float slope(float) { return 1.0f; } };
struct Relu { static float value(float x) { return std::max(x, 0.0f); } static float slope(float x) { return x > 0.0f ? 1.0f : 0.0f; } };
struct Gelu {
  static float value(float x) { return 0.5f * x * (1.0f + fastErf(x * 0.70710678f)); }
  static float slope(float x) { return 0.5f * (1.0f + fastErf(x * 0.70710678f)) + x * 0.39894228f * fastExp(-0.5f * x * x); }
};
struct Silu {
  static float value(float x) { return x * logistic(x); }
  static float slope(float x) { const float gate = logistic(x); return gate * (1.0f + x * (1.0f - gate)); }
};
// GELU's tanh approximation: x / 2 · (1 + tanh(u)) = x · logistic(2u) with u = sqrt(2 / pi) · (x + 0.044715 x^3).
struct GeluTanh {
  static constexpr float factor = 1.59576912f, cubic = 0.044715f;  // factor: 2 · sqrt(2 / pi)
  static float gate(float x) { return logistic(x * (factor + factor * cubic * x * x)); }
  static float inside(float x) { return std::min(std::max(x, -20.0f), 20.0f); }  // beyond, the gate is 0 or 1
  static float value(float x) { return x * gate(inside(x)); }
  static float slope(float x) {
    x = inside(x);
    const float share = gate(x);
    return share * (1.0f + x * (1.0f - share) * (factor + 3 * factor * cubic * x * x));
  }
};

template <class Body>
void withActivation(int act, const Body& body) {
  switch (act) {
    case 1: return body(Relu{});
    case 2: return body(Gelu{});
    case 3: return body(Silu{});
    case 4: return body(GeluTanh{});
    default: return body(None{});
  }
}

}  // namespace stagecraft
