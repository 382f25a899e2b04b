/* Ops of two inputs: the structs of shared/binary_functors.h over dense memory, with a scalar, and with strides. */
#include "../shared/binary_functors.h"
#include "kernels.h"
#include "pointwise.h"

namespace flambeau {
namespace device {
namespace {

enum class Form { both, scalar_right, scalar_left };

/** Ops that must not divide integers by 0. */
template <class Op, class T> constexpr bool kDivides = IsSame<Op, Remainder>::value && !IsFloating<Compute<T>>::value;

/** Ops that compute for so long that what they read is there in time, and that would make much code several times over. */
template <class Op> constexpr bool kLong = IsSame<Op, Remainder>::value || IsSame<Op, BinaryPow>::value;

/** op(a, b); a zero divisor is reported, and gives 0. */
template <class Op, class T, class R> struct ResultOf {
  static constexpr bool kHeavy = kLong<Op>;
  Reporter reporter;
  __device__ R operator()(T a, T b) const {
    if constexpr (kDivides<Op, T>) {
      if (b == 0) {
        reporter.report(FL_DIVIDE_BY_ZERO, 0, 0);
        return R(0);
      }
    }
    return from_compute<R>(Op().value(to_compute(a), to_compute(b)));
  }
};

template <class T> __global__ void check_kernel(int64_t n, const T* b, Reporter reporter) {
  for (int64_t i = first_item(); i < n; i += item_step()) {
    if (b[i] == T(0)) reporter.report(FL_DIVIDE_BY_ZERO, 0, 0);
  }
}
template <class T> __global__ void check_strided(Indexer<3> indexer, const T* b, Reporter reporter) {
  for (int64_t i = first_item(); i < indexer.items; i += item_step()) {
    int64_t at[3];
    indexer.offsets(static_cast<uint32_t>(i), at);
    if (b[at[2]] == T(0)) reporter.report(FL_DIVIDE_BY_ZERO, 0, 0);
  }
}
/* With FL_CUDA_SYNC divisors are looked at first, so that nothing is written when one is 0. */

template <class T, class F> int32_t visit_common(int32_t op, const F& f) {
  switch (op) {
    case FL_MINIMUM: return f(Minimum(), Tag<T>());
    case FL_MAXIMUM: return f(Maximum(), Tag<T>());
    case FL_EQ: return f(Equal(), Tag<uint8_t>());
    case FL_NE: return f(NotEqual(), Tag<uint8_t>());
    case FL_LT: return f(Less(), Tag<uint8_t>());
    case FL_LE: return f(LessEqual(), Tag<uint8_t>());
    case FL_GT: return f(Greater(), Tag<uint8_t>());
    case FL_GE: return f(GreaterEqual(), Tag<uint8_t>());
    case FL_AND: return f(LogicalAnd(), Tag<uint8_t>());
    case FL_OR: return f(LogicalOr(), Tag<uint8_t>());
    case FL_XOR: return f(LogicalXor(), Tag<uint8_t>());
    default: return -1;
  }
}
template <class T, class F> int32_t visit_arithmetic(int32_t op, const F& f) {
  switch (op) {
    case FL_ADD: return f(Add(), Tag<T>());
    case FL_SUB: return f(Sub(), Tag<T>());
    case FL_MUL: return f(Mul(), Tag<T>());
    case FL_DIV:
      if constexpr (IsFloating<Compute<T>>::value) return f(Div(), Tag<T>());
      return -1;
    case FL_BINARY_POW: return f(BinaryPow(), Tag<T>());
    case FL_REMAINDER: return f(Remainder(), Tag<T>());
    default: return visit_common<T>(op, f);
  }
}

/** Calls f(tag of T, op, tag of the result's type). */
template <class F> int32_t visit(const char* name, int32_t op, int32_t dtype, const F& f) {
  int32_t status;
  if (dtype == FL_BOOL) {  // sums of bools are "or", products "and"
    const auto run = [&](auto functor, auto result) { return f(Tag<uint8_t>(), functor, result); };
    status = op == FL_ADD   ? run(BitOr(), Tag<uint8_t>())
             : op == FL_MUL ? run(BitAnd(), Tag<uint8_t>())
                            : visit_common<uint8_t>(op, run);
  } else {
    status = visit_numbers(name, dtype, [&](auto tag) -> int32_t {
      return visit_arithmetic<decltype(tag.value)>(op,
                                                   [&](auto functor, auto result) { return f(tag, functor, result); });
    });
  }
  return status < 0 ? unsupported(name, dtype) : status;
}

int32_t dense(Device& d, const char* name, int32_t op, int32_t dtype, Form form, int64_t n, fl_address a, fl_address b,
              fl_address y, int64_t scalar) {
  return visit(name, op, dtype, [&](auto tag, auto functor, auto result) -> int32_t {
    using T = decltype(tag.value);
    using R = decltype(result.value);
    const T* left = pointer<const T>(a);
    const T* right = pointer<const T>(form == Form::scalar_left ? a : b);
    if constexpr (kDivides<decltype(functor), T>) {
      if (is_on(FL_CUDA_SYNC) && form != Form::scalar_right) {
        const Grid grid = grid_for(d, n);
        const int32_t checked = launch(d, "remainder", check_kernel<T>, grid, n, right, d.reporter("remainder"));
        if (checked != FL_OK) return checked;
      }
    }
    // A half's scalar is rounded to the half first, as a tensor's element would be.
    const Source<T> same(nullptr, from_compute<T>(decode_scalar<Compute<T>>(scalar)));
    return each(d, name, ResultOf<decltype(functor), T, R>{d.reporter("remainder")}, n, pointer<R>(y),
                form == Form::scalar_left ? same : Source<T>(left),
                form == Form::scalar_right ? same : Source<T>(right));
  });
}

}  // namespace

int32_t binary(Device& d, int32_t op, int32_t dtype, int64_t n, fl_address a, fl_address b, fl_address y) {
  return dense(d, "binary", op, dtype, Form::both, n, a, b, y, 0);
}

int32_t binary_scalar(Device& d, int32_t op, int32_t dtype, int64_t n, fl_address a, fl_address y, int64_t scalar,
                      int32_t reversed) {
  const bool floating = dtype == FL_FLOAT32 || dtype == FL_FLOAT64 || dtype == FL_FLOAT16 || dtype == FL_BFLOAT16;
  if (op == FL_BINARY_POW && reversed == 0 && floating) {
    return unary(d, FL_POW, dtype, n, a, y, decode_scalar<double>(scalar), 0);
  }
  if (op == FL_REMAINDER && reversed == 0 && !floating && scalar == 0) {
    return fail(FL_DIVIDE_BY_ZERO, "remainder: integer division by zero; the divisor must not hold 0");
  }
  return dense(d, "binary_scalar", op, dtype, reversed != 0 ? Form::scalar_left : Form::scalar_right, n, a, 0, y,
               scalar);
}

int32_t binary_strided(Device& d, int32_t op, int32_t dtype, fl_address geometry, fl_address a, fl_address b,
                       fl_address y) {
  const Geometry<3> g(pointer<const int64_t>(geometry));
  return visit("binary_strided", op, dtype, [&](auto tag, auto functor, auto result) -> int32_t {
    using T = decltype(tag.value);
    using R = decltype(result.value);
    if constexpr (kDivides<decltype(functor), T>) {
      if (is_on(FL_CUDA_SYNC)) {
        const int32_t checked = for_pieces(g, [&](const Geometry<3>& part, const int64_t(&begin)[3]) {
          const Indexer<3> indexer(part);
          return launch(d, "remainder", check_strided<T>, grid_for(d, indexer.items), indexer,
                        pointer<const T>(b) + begin[2], d.reporter("remainder"));
        });
        if (checked != FL_OK) return checked;
      }
    }
    return each_strided(d, "binary_strided", ResultOf<decltype(functor), T, R>{d.reporter("remainder")}, g,
                        pointer<R>(y), pointer<const T>(a), pointer<const T>(b));
  });
}

}  // namespace device
}  // namespace flambeau
