// Flushes denormal inputs and results to zero, as TensorFlow's threads do. Workers that did not would give different bits
// with two threads than with one. Arithmetic on denormals also takes up to a hundred cycles.
#pragma once
#include <cstdint>

namespace stagecraft {

// The calling thread's floating-point control register, and its flush bits.
#if defined(__x86_64__)
using ControlWord = uint32_t;
constexpr ControlWord flushBits = 0x8040;  // MXCSR: flush to zero (bit 15), denormals are zero (bit 6)
inline ControlWord readControl() { return __builtin_ia32_stmxcsr(); }
inline void writeControl(ControlWord word) { __builtin_ia32_ldmxcsr(word); }
#elif defined(__aarch64__)
using ControlWord = uint64_t;
constexpr ControlWord flushBits = uint64_t{1} << 24;  // FPCR.FZ: inputs and results alike
inline ControlWord readControl() {
  ControlWord word;
  asm volatile("mrs %0, fpcr" : "=r"(word));
  return word;
}
inline void writeControl(ControlWord word) { asm volatile("msr fpcr, %0" : : "r"(word)); }
#else
using ControlWord = uint32_t;
constexpr ControlWord flushBits = 0;
inline ControlWord readControl() { return 0; }
inline void writeControl(ControlWord) {}
#endif

// Flushes on the constructing thread for the lifetime of the object.
class FlushDenormals {
 public:
  FlushDenormals() : before_(readControl()) { writeControl(before_ | flushBits); }
  ~FlushDenormals() { writeControl(before_); }
  FlushDenormals(const FlushDenormals&) = delete;

 private:
  const ControlWord before_;
};

}  // namespace stagecraft
