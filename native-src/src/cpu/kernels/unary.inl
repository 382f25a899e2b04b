/* Ops of one input, and their gradients. */
#ifndef FLAMBEAU_KERNELS_UNARY_INL
#define FLAMBEAU_KERNELS_UNARY_INL
#include "../../shared/functors.h"
#include "support.inl"

namespace flambeau {
namespace FL_ISA {
namespace unary_ops {

/** Nanoseconds an element costs, roughly: what vectors do in a register, and what goes through libm. */
template <class Op, class T> constexpr double cost() { return !Op::vectors ? 0.1 : IsSame<T, float>::value ? 0.4 : 8; }

template <class Op, class T> __attribute__((noinline)) void value_range(const Op& op, const T* x, T* y, int64_t n) {
  if constexpr (Op::vectors && IsSame<T, float>::value) {
    using V = Vec<T>;
    int64_t i = 0;
    for (; i + kLanes<T> <= n; i += kLanes<T>) store(y + i, op.value(load<V>(x + i)));
    if (i < n) store_some(y + i, op.value(load_some<V>(x + i, n - i, T(1))), n - i);
  } else {
    FL_INDEPENDENT for (int64_t i = 0; i < n; ++i) y[i] = op.value(x[i]);
  }
}

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
  const bool past = goes_past(n * static_cast<int64_t>(sizeof(T)), y, x);
  parallel_blocks(n, cost<Op, T>(), [&](int64_t begin, int64_t end) {
    write_range(past, y + begin, end - begin,
                [&](int64_t i, int64_t count, T* to) { value_range(op, x + begin + i, to, count); });
    if (past) fence_past();
  });
  return FL_OK;
}

template <class Op, class T> int32_t ask_all(const Op& op, int64_t n, const T* x, uint8_t* y) {
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

/** Calls f with the op's struct; an op whose output is not a float gives `otherwise`. */
template <class F> FL_HD int32_t visit(int32_t op, double p, double q, int32_t otherwise, const F& f) {
  switch (op) {
    case FL_NEG: return f(Neg());
    case FL_ABS: return f(Abs());
    case FL_SIGN: return f(Sign());
    case FL_EXP: return f(Exp());
    case FL_LOG: return f(Log());
    case FL_LOG1P: return f(Log1p());
    case FL_SQRT: return f(Sqrt());
    case FL_RSQRT: return f(Rsqrt());
    case FL_RECIPROCAL: return f(Reciprocal());
    case FL_SQUARE: return f(Square());
    case FL_SIN: return f(Sin());
    case FL_COS: return f(Cos());
    case FL_TANH: return f(Tanh());
    case FL_SIGMOID: return f(Sigmoid());
    case FL_ERF: return f(Erf());
    case FL_FLOOR: return f(Floor());
    case FL_CEIL: return f(Ceil());
    case FL_ROUND: return f(Round());
    case FL_CLAMP: return f(Clamp{p, q});
    case FL_RELU: return f(Relu());
    case FL_LEAKY_RELU: return f(LeakyRelu{p});
    case FL_ELU: return f(Elu{p});
    case FL_GELU: return f(Gelu());
    case FL_GELU_TANH: return f(GeluTanh());
    case FL_SILU: return f(Silu());
    case FL_SOFTPLUS: return f(Softplus{p, q});
    case FL_POW: return p == 2 ? f(Square()) : p == 3 ? f(Cube()) : f(Pow{p});
    case FL_EXPM1: return f(Expm1());
    default: return otherwise;
  }
}

/** The powers whose values (not slopes: those read the output) other ops have. */
FL_HD int32_t simpler_power(int32_t op, double p) {
  if (op != FL_POW) return op;
  return p == 0.5 ? FL_SQRT : p == -0.5 ? FL_RSQRT : p == -1 ? FL_RECIPROCAL : op;
}

template <class T> int32_t integers(int32_t op, int64_t n, const T* x, T* y, int32_t dtype) {
  switch (op) {
    case FL_NEG: return value_all(Neg(), n, x, y);
    case FL_ABS: return value_all(Abs(), n, x, y);
    case FL_SIGN: return value_all(Sign(), n, x, y);
    case FL_SQUARE: return value_all(Square(), n, x, y);
    case FL_RELU: return value_all(Relu(), n, x, y);
    default: return unsupported("unary", dtype);
  }
}

/** |b|, sign(b), b squared and relu(b) of a bool are b. */
FL_HD int32_t bools(int32_t op, int64_t n, const uint8_t* x, uint8_t* y) {
  if (op != FL_ABS && op != FL_SIGN && op != FL_SQUARE && op != FL_RELU) return unsupported("unary", FL_BOOL);
  return ask_all(NotEqualZero(), n, x, y);
}

template <class T> int32_t ask(int32_t op, int64_t n, const T* x, uint8_t* y) {
  switch (op) {
    case FL_IS_NAN: return ask_all(IsNan(), n, x, y);
    case FL_IS_INF: return ask_all(IsInf(), n, x, y);
    case FL_IS_FINITE: return ask_all(IsFinite(), n, x, y);
    default: return ask_all(LogicalNot(), n, x, y);
  }
}

}  // namespace unary_ops

FL_KERNEL int32_t unary(int32_t op, int32_t dtype, int64_t n, fl_address x, fl_address y, double p, double q) {
  using namespace unary_ops;
  const bool question = op == FL_IS_NAN || op == FL_IS_INF || op == FL_IS_FINITE || op == FL_LOGICAL_NOT;
  if (dtype == FL_BOOL && !question) return bools(op, n, pointer<const uint8_t>(x), pointer<uint8_t>(y));
  if (dtype == FL_BOOL) return ask(op, n, pointer<const uint8_t>(x), pointer<uint8_t>(y));
  return visit_number(dtype, FL_UNSUPPORTED, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const T* from = pointer<const T>(x);
    if (question) return ask(op, n, from, pointer<uint8_t>(y));
    if constexpr (!IsFloating<T>::value) {
      return integers(op, n, from, pointer<T>(y), dtype);
    } else {
      const int32_t unknown = FL_UNSUPPORTED;
      const int32_t status = visit(simpler_power(op, p), p, q, unknown,
                                   [&](const auto& f) { return value_all(f, n, from, pointer<T>(y)); });
      return status == unknown ? unsupported("unary", dtype) : status;
    }
  });
}

FL_KERNEL int32_t unary_grad(int32_t op, int32_t dtype, int64_t n, fl_address g, fl_address x, fl_address y,
                             fl_address gx, double p, double q) {
  using namespace unary_ops;
  const int32_t status = visit_floating(dtype, FL_UNSUPPORTED, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    return visit(op, p, q, FL_UNSUPPORTED, [&](const auto& f) {
      return grad_all(f, n, pointer<const T>(g), pointer<const T>(x), pointer<const T>(y), pointer<T>(gx));
    });
  });
  return status == FL_UNSUPPORTED ? unsupported("unary_grad", dtype) : status;
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
