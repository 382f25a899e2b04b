/* Ops of two inputs: the structs of shared/binary_functors.h over dense memory, with a scalar, and with strides. */
#include "../shared/binary_functors.h"
#include "kernels.h"
#include "pointwise.h"
#include "ordered_bits.h"

namespace flambeau {
namespace device {
namespace {

enum class Form { both, scalar_right, scalar_left };

/** Ops that compute for so long that what they read is there in time, and that would make much code several times over. */
template <class Op> constexpr bool kLong = IsSame<Op, Remainder>::value || IsSame<Op, BinaryPow>::value;

/** All comparisons: bits of `yes` are the answers where a < b (bit 0), a == b, a > b, and where none of these is so. */
struct Compare {
  uint32_t yes;
  template <class T> FL_HD uint8_t value(T a, T b) const {
    return static_cast<uint8_t>(yes >> (a < b ? 0 : a == b ? 1 : a > b ? 2 : 3) & 1);
  }
};
/** All logic of x != 0: bit 2 a + b of `yes` is the answer. */
struct Logic {
  uint32_t yes;
  template <class T> FL_HD uint8_t value(T a, T b) const {
    return static_cast<uint8_t>(yes >> (2 * (a != T(0)) + (b != T(0))) & 1);
  }
};

/** The minimum or maximum of two integers, signed or unsigned, by their ordered bits. */
template <class S> struct Extreme {
  OrderedBits<S> order;
  template <class T> FL_HD T value(T a, T b) const { return order(a) > order(b) ? a : b; }
};

/** op(a, b); a zero divisor is reported, and gives 0. */
template <class Op, class T, class R> struct ResultOf {
  static constexpr bool kHeavy = kLong<Op>;
  Op op;
  Reporter reporter;
  __device__ R operator()(T a, T b) const {
    if constexpr (kDivides<Op, Compute<T>>) {
      if (b == 0) {
        reporter.report(FL_DIVIDE_BY_ZERO, 0, 0);
        return R(0);
      }
    }
    return from_compute<R>(op.value(to_compute(a), to_compute(b)));
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
/* With FL_CUDA_SYNC divisors are checked first, so that nothing is written when one is 0. */

template <class T, class F> int32_t visit_common(int32_t op, const F& f) {
  using S = Signless<T>;
  switch (op) {
    case FL_MINIMUM:
    case FL_MAXIMUM:
      if constexpr (IsWhole<T>::value) {
        return f(Tag<S>(), Extreme<S>{ordered_bits<T>(op == FL_MAXIMUM)}, Tag<S>());
      } else {
        return op == FL_MINIMUM ? f(Tag<T>(), Minimum(), Tag<T>()) : f(Tag<T>(), Maximum(), Tag<T>());
      }
    case FL_EQ: return f(Tag<T>(), Compare{0b0010}, Tag<uint8_t>());
    case FL_NE: return f(Tag<T>(), Compare{0b1101}, Tag<uint8_t>());
    case FL_LT: return f(Tag<T>(), Compare{0b0001}, Tag<uint8_t>());
    case FL_LE: return f(Tag<T>(), Compare{0b0011}, Tag<uint8_t>());
    case FL_GT: return f(Tag<T>(), Compare{0b0100}, Tag<uint8_t>());
    case FL_GE: return f(Tag<T>(), Compare{0b0110}, Tag<uint8_t>());
    case FL_AND: return f(Tag<S>(), Logic{0b1000}, Tag<uint8_t>());
    case FL_OR: return f(Tag<S>(), Logic{0b1110}, Tag<uint8_t>());
    case FL_XOR: return f(Tag<S>(), Logic{0b0110}, Tag<uint8_t>());
    default: return kNoOp;
  }
}
template <class T, class F> int32_t visit_arithmetic(int32_t op, const F& f) {
  using S = Signless<T>;
  switch (op) {
    case FL_ADD: return f(Tag<S>(), Add(), Tag<S>());
    case FL_SUB: return f(Tag<S>(), Sub(), Tag<S>());
    case FL_MUL: return f(Tag<S>(), Mul(), Tag<S>());
    case FL_DIV:
      if constexpr (IsFloating<Compute<T>>::value) return f(Tag<T>(), Div(), Tag<T>());
      return kNoOp;
    case FL_BINARY_POW: return f(Tag<T>(), BinaryPow(), Tag<T>());
    case FL_REMAINDER: return f(Tag<T>(), Remainder(), Tag<T>());
    default: return visit_common<T>(op, f);
  }
}
/** Sums of bools are "or", products "and". */
template <class F> int32_t visit_bools(int32_t op, const F& f) {
  switch (op) {
    case FL_ADD: return f(Tag<uint8_t>(), BitOr(), Tag<uint8_t>());
    case FL_MUL: return f(Tag<uint8_t>(), BitAnd(), Tag<uint8_t>());
    default: return visit_common<uint8_t>(op, f);
  }
}

/** Calls f(tag of T, op, tag of the result's type). */
template <class F> int32_t visit_op(const char* name, int32_t op, int32_t dtype, const F& f) {
  return visit<kComputed>(name, dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    if constexpr (IsSame<T, Bool>::value) {
      return visit_bools(op, f);
    } else {
      return visit_arithmetic<T>(op, f);
    }
  });
}

int32_t dense(Device& d, const char* name, int32_t op, int32_t dtype, Form form, int64_t n, fl_address a, fl_address b,
              fl_address y, int64_t scalar) {
  return visit_op(name, op, dtype, [&](auto tag, auto functor, auto result) -> int32_t {
    using T = decltype(tag.value);
    using R = decltype(result.value);
    const T* left = pointer<const T>(a);
    const T* right = pointer<const T>(form == Form::scalar_left ? a : b);
    if constexpr (kDivides<decltype(functor), Compute<T>>) {
      if (is_on(FL_CUDA_SYNC) && form != Form::scalar_right) {
        const Grid grid = grid_for(d, n);
        const int32_t checked = launch(d, "remainder", check_kernel<T>, grid, n, right, d.reporter("remainder"));
        if (checked != FL_OK) return checked;
      }
    }
    // A half's scalar is rounded to the half first, as a tensor's element would be.
    const Source<T> same(nullptr, from_compute<T>(decode_scalar<Compute<T>>(scalar)));
    return each(d, name, ResultOf<decltype(functor), T, R>{functor, d.reporter("remainder")}, n, pointer<R>(y),
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
  const bool floating = (kind_of(dtype) & kFloats) != 0;
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
  return visit_op("binary_strided", op, dtype, [&](auto tag, auto functor, auto result) -> int32_t {
    using T = decltype(tag.value);
    using R = decltype(result.value);
    if constexpr (kDivides<decltype(functor), Compute<T>>) {
      if (is_on(FL_CUDA_SYNC)) {
        const int32_t checked = for_pieces(g, [&](const Geometry<3>& part, const int64_t(&begin)[3]) {
          const Indexer<3> indexer(part);
          return launch(d, "remainder", check_strided<T>, grid_for(d, indexer.items), indexer,
                        pointer<const T>(b) + begin[2], d.reporter("remainder"));
        });
        if (checked != FL_OK) return checked;
      }
    }
    return each_strided(d, "binary_strided", ResultOf<decltype(functor), T, R>{functor, d.reporter("remainder")}, g,
                        pointer<R>(y), pointer<const T>(a), pointer<const T>(b));
  });
}

}  // namespace device
}  // namespace flambeau
