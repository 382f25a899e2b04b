/* Ops of one input, and their gradients: the structs of shared/functors.h over dense memory. */
#include "../shared/functors.h"
#include "kernels.h"
#include "pointwise.h"

namespace flambeau {
namespace device {
namespace {

template <class Op, class T, class R> struct ValueOf {
  static constexpr bool kHeavy = false;
  Op op;
  __device__ R operator()(T x) const { return from_compute<R>(op.value(to_compute(x))); }
};
template <class Op, class T> struct GradOf {
  static constexpr bool kHeavy = false;
  Op op;
  __device__ T operator()(T g, T x, T y) const {
    return from_compute<T>(op.grad(to_compute(g), to_compute(x), to_compute(y)));
  }
};

template <class Op, class T, class R> int32_t value_all(Device& d, const Op& op, int64_t n, const T* x, R* y) {
  return each(d, "unary", ValueOf<Op, T, R>{op}, n, y, Source<T>(x));
}

template <class Op, class T>
int32_t grad_all(Device& d, const Op& op, int64_t n, const T* g, const T* x, const T* y, T* gx) {
  const bool misses_input = x == nullptr && (Op::needs == kInput || Op::needs == kBoth);
  const bool misses_output = y == nullptr && (Op::needs == kOutput || Op::needs == kBoth);
  if (misses_input || misses_output) {
    return fail(FL_INTERNAL, "unary_grad: this op's gradient needs its %s", misses_input ? "input" : "output");
  }
  // What is not needed is not loaded either.
  return each(d, "unary_grad", GradOf<Op, T>{op}, n, gx, Source<T>(g), Source<T>(x), Source<T>(y));
}

}  // namespace

int32_t unary(Device& d, int32_t op, int32_t dtype, int64_t n, fl_address x, fl_address y, double p, double q) {
  if (dtype == FL_BOOL && op == FL_NEG) return unsupported("neg", dtype);
  return visit<kComputed>("unary", dtype, [&](auto tag) -> int32_t {
    using T = Byte<decltype(tag.value)>;
    const T* from = pointer<const T>(x);
    const auto* bits = pointer<const Signless<T>>(x);
    int32_t status = visit_predicate(op, [&](const auto& f) { return value_all(d, f, n, bits, pointer<uint8_t>(y)); });
    if (status < 0) status = visit_plain(op, [&](const auto& f) { return value_all(d, f, n, from, pointer<T>(y)); });
    if constexpr (IsFloating<Compute<T>>::value) {
      if (status < 0) {
        status = visit_smooth(simpler_power(op, p), p, q,
                              [&](const auto& f) { return value_all(d, f, n, from, pointer<T>(y)); });
      }
    }
    return status;
  });
}

int32_t unary_grad(Device& d, int32_t op, int32_t dtype, int64_t n, fl_address g, fl_address x, fl_address y,
                   fl_address gx, double p, double q) {
  return visit<kFloats>("unary_grad", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const auto run = [&](const auto& f) {
      return grad_all(d, f, n, pointer<const T>(g), pointer<const T>(x), pointer<const T>(y), pointer<T>(gx));
    };
    int32_t status = visit_plain(op, run);
    return status < 0 ? visit_smooth(op, p, q, run) : status;
  });
}

}  // namespace device
}  // namespace flambeau
