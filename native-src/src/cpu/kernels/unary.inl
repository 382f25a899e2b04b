/* Ops of one input, and their gradients. */
#ifndef FLAMBEAU_KERNELS_UNARY_INL
#define FLAMBEAU_KERNELS_UNARY_INL
#include "unary_range.h"

namespace flambeau {
namespace FL_ISA {
namespace unary_ops {

/** Nanoseconds an element costs, roughly: what vectors do in a register, and what goes through libm. */
template <class Op, class T> constexpr double cost() { return !Op::vectors ? 0.1 : IsSame<T, float>::value ? 0.4 : 8; }

template <class Op, class T> FL_HD void grad_range(const Op& op, const T* g, const T* x, const T* y, T* gx, int64_t n) {
  if constexpr (Op::vectors && IsSame<T, float>::value) {
    using V = Vec<T>;
    int64_t i = 0;
    for (; i + kLanes<T> <= n; i += kLanes<T>) {
      store(gx + i, op.grad(load<V>(g + i), load<V>(x + i), load<V>(y + i)));
    }
    if (i < n) {
      const int64_t rest = n - i;
      const V last =
          op.grad(load_some<V>(g + i, rest, T(1)), load_some<V>(x + i, rest, T(1)), load_some<V>(y + i, rest, T(1)));
      store_some(gx + i, last, rest);
    }
  } else {
    FL_INDEPENDENT for (int64_t i = 0; i < n; ++i) gx[i] = op.grad(g[i], x[i], y[i]);
  }
}

template <class Op, class T> int32_t value_all(const Op& op, int64_t n, const T* x, T* y) {
  const bool streams = should_stream(n * static_cast<int64_t>(sizeof(T)), y, x);
  parallel_blocks(n, cost<Op, T>(), [&](int64_t begin, int64_t end) {
    write_range(streams, y + begin, end - begin,
                [&](int64_t i, int64_t count, T* to) { value_range(op, x + begin + i, to, count); });
    if (streams) stream_fence();
  });
  return FL_OK;
}

template <class Op, class T> int32_t test_all(const Op& op, int64_t n, const T* x, uint8_t* y) {
  parallel_blocks(n, 0.1, [&](int64_t begin, int64_t end) {
    FL_INDEPENDENT for (int64_t i = begin; i < end; ++i) y[i] = op.value(x[i]);
  });
  return FL_OK;
}

template <class Op, class T> int32_t grad_all(const Op& op, int64_t n, const T* g, const T* x, const T* y, T* gx) {
  const bool misses_input = x == nullptr && (Op::needs == kInput || Op::needs == kBoth);
  const bool misses_output = y == nullptr && (Op::needs == kOutput || Op::needs == kBoth);
  if (misses_input || misses_output) {
    return fail(FL_INTERNAL, "unary_grad: this op's gradient needs its %s", misses_input ? "input" : "output");
  }
  const T* from_x = x == nullptr ? g : x;  // what is not needed may still be loaded
  const T* from_y = y == nullptr ? g : y;
  parallel_blocks(n, cost<Op, T>(), [&](int64_t begin, int64_t end) {
    grad_range(op, g + begin, from_x + begin, from_y + begin, gx + begin, end - begin);
  });
  return FL_OK;
}

/** Calls f with the op's struct, of the ops that floating numbers have. kNoOp: not one of them. */
template <class F> FL_HD int32_t visit_op(int32_t op, double p, double q, const F& f) {
  const int32_t plain = visit_plain(op, f);
  return plain == kNoOp ? visit_smooth(op, p, q, f) : plain;
}

/** |b|, sign(b), b squared and relu(b) of a bool are b. */
FL_HD int32_t bools(int32_t op, int64_t n, const uint8_t* x, uint8_t* y) {
  if (op != FL_ABS && op != FL_SIGN && op != FL_SQUARE && op != FL_RELU) return unsupported("unary", FL_BOOL);
  return test_all(NotEqualZero(), n, x, y);
}

}  // namespace unary_ops

FL_KERNEL int32_t unary(int32_t op, int32_t dtype, int64_t n, fl_address x, fl_address y, double p, double q) {
  using namespace unary_ops;
  if (dtype == FL_BOOL) {
    const uint8_t* from = pointer<const uint8_t>(x);
    uint8_t* to = pointer<uint8_t>(y);
    const int32_t tested = visit_predicate(op, [&](const auto& f) { return test_all(f, n, from, to); });
    return tested == kNoOp ? bools(op, n, from, to) : tested;
  }
  return visit<kNumbers>("unary", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const T* from = pointer<const T>(x);
    const auto* bits = pointer<const Signless<T>>(x);
    const int32_t tested =
        visit_predicate(op, [&](const auto& f) { return test_all(f, n, bits, pointer<uint8_t>(y)); });
    if (tested != kNoOp) return tested;
    const auto all = [&](const auto& f) { return value_all(f, n, from, pointer<T>(y)); };
    if constexpr (IsFloating<T>::value) {
      return visit_op(simpler_power(op, p), p, q, all);
    } else {
      return visit_plain(op, all);
    }
  });
}

FL_KERNEL int32_t unary_grad(int32_t op, int32_t dtype, int64_t n, fl_address g, fl_address x, fl_address y,
                             fl_address gx, double p, double q) {
  using namespace unary_ops;
  return visit<kFloats>("unary_grad", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    return visit_op(op, p, q, [&](const auto& f) {
      return grad_all(f, n, pointer<const T>(g), pointer<const T>(x), pointer<const T>(y), pointer<T>(gx));
    });
  });
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
