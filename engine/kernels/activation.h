// StagecraftActivation(x) → act(x); StagecraftActivationGrad(dy, x) → dy · act'(x). One pass each.
#pragma once
#include "op.h"
#include "pool.h"

namespace stagecraft {

template <class F, class T>
[[gnu::noinline]] void activate(const T* from, T* to, int64_t count, F f) {
  #pragma GCC ivdep
  for (int64_t i = 0; i < count; i++) store(to[i], f.value(load(from[i])));
}

template <class F, class T>
[[gnu::noinline]] void activateGrad(const T* flow, const T* from, T* to, int64_t count, F f) {
  #pragma GCC ivdep
  for (int64_t i = 0; i < count; i++) store(to[i], load(flow[i]) * f.slope(load(from[i])));
}

template <class T>
struct Activation {
  explicit Activation(Attributes& attributes) : act(static_cast<int>(attributes.integer("act"))) {}
  const int act;

  void compute(Context& context) {
    const Tensor y = context.outputFrom(0, 0), x = context.input(0);
    const T* const from = x.data<T>();
    T* const to = y.data<T>();
    withActivation(act, [&](auto f) {
      Pool::get().parallelFor(x.size(), smallestShare, [=](int64_t begin, int64_t end, int) {
        activate(from + begin, to + begin, end - begin, f);
      });
    });
  }
};

template <class T>
struct ActivationGrad {
  explicit ActivationGrad(Attributes& attributes) : act(static_cast<int>(attributes.integer("act"))) {}
  const int act;

  void compute(Context& context) {
    const Tensor dx = context.outputFrom(0, 0), dy = context.input(0), x = context.input(1);
    require(dy.sameShape(x), "the gradient needs the shape of the input");
    const T* const flow = dy.data<T>();
    const T* const from = x.data<T>();
    T* const to = dx.data<T>();
    withActivation(act, [&](auto f) {
      Pool::get().parallelFor(x.size(), smallestShare, [=](int64_t begin, int64_t end, int) {
        activateGrad(flow + begin, from + begin, to + begin, end - begin, f);
      });
    });
  }
};

}  // namespace stagecraft
