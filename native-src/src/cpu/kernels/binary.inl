/* Ops of two inputs: one row function per op and type serves dense, scalar and strided operands. */
#ifndef FLAMBEAU_KERNELS_BINARY_INL
#define FLAMBEAU_KERNELS_BINARY_INL
#include "../../shared/binary_functors.h"
#include "../../shared/strided.h"
#include "support.inl"

namespace flambeau {
namespace FL_ISA {
namespace binary_ops {

/** y[i sy] = op(a[i sa], b[i sb]) for i < n; a stride of 0 repeats one element. */
using Row = void (*)(int64_t n, const void* a, int64_t sa, const void* b, int64_t sb, void* y, int64_t sy);

template <class Op, class T>
void row(int64_t n, const void* a, int64_t sa, const void* b, int64_t sb, void* y, int64_t sy) {
  using R = decltype(Op().value(T(), T()));
  const Op op;
  const T* from_a = static_cast<const T*>(a);
  const T* from_b = static_cast<const T*>(b);
  R* to = static_cast<R*>(y);
  if (sy == 1 && sa == 1 && sb == 1) {
    FL_INDEPENDENT for (int64_t i = 0; i < n; ++i) to[i] = op.value(from_a[i], from_b[i]);
  } else if (sy == 1 && sa == 1 && sb == 0) {
    const T same = *from_b;
    FL_INDEPENDENT for (int64_t i = 0; i < n; ++i) to[i] = op.value(from_a[i], same);
  } else if (sy == 1 && sa == 0 && sb == 1) {
    const T same = *from_a;
    FL_INDEPENDENT for (int64_t i = 0; i < n; ++i) to[i] = op.value(same, from_b[i]);
  } else {
    for (int64_t i = 0; i < n; ++i) to[i * sy] = op.value(from_a[i * sa], from_b[i * sb]);
  }
}

template <class T> Row common(int32_t op) {
  switch (op) {
    case FL_MINIMUM: return row<Minimum, T>;
    case FL_MAXIMUM: return row<Maximum, T>;
    case FL_EQ: return row<Equal, T>;
    case FL_NE: return row<NotEqual, T>;
    case FL_LT: return row<Less, T>;
    case FL_LE: return row<LessEqual, T>;
    case FL_GT: return row<Greater, T>;
    case FL_GE: return row<GreaterEqual, T>;
    case FL_AND: return row<LogicalAnd, T>;
    case FL_OR: return row<LogicalOr, T>;
    case FL_XOR: return row<LogicalXor, T>;
    default: return nullptr;
  }
}

template <class T> Row arithmetic(int32_t op) {
  switch (op) {
    case FL_ADD: return row<Add, T>;
    case FL_SUB: return row<Sub, T>;
    case FL_MUL: return row<Mul, T>;
    case FL_DIV:
      if constexpr (IsFloating<T>::value) return row<Div, T>;
      return nullptr;
    case FL_BINARY_POW: return row<BinaryPow, T>;
    case FL_REMAINDER: return row<Remainder, T>;
    default: return common<T>(op);
  }
}

/** Null: no such op for this type. */
FL_HD Row find(int32_t op, int32_t dtype) {
  switch (dtype) {
    case FL_FLOAT32: return arithmetic<float>(op);
    case FL_FLOAT64: return arithmetic<double>(op);
    case FL_INT64: return arithmetic<int64_t>(op);
    case FL_INT32: return arithmetic<int32_t>(op);
    case FL_UINT8: return arithmetic<uint8_t>(op);
    case FL_BOOL:
      return op == FL_ADD ? Row(row<BitOr, uint8_t>) : op == FL_MUL ? Row(row<BitAnd, uint8_t>) : common<uint8_t>(op);
    default: return nullptr;
  }
}

FL_HD int64_t size_of(int32_t dtype) {
  return dtype == FL_FLOAT64 || dtype == FL_INT64 ? 8 : dtype == FL_FLOAT32 || dtype == FL_INT32 ? 4 : 1;
}
FL_HD int64_t output_size(int32_t op, int32_t dtype) { return op >= FL_EQ ? 1 : size_of(dtype); }

FL_HD double cost(int32_t op) { return op == FL_BINARY_POW ? 8 : op == FL_REMAINDER ? 4 : 0.15; }

/** Is there a 0 among n integers, `stride` apart? */
FL_HD bool has_zero(int32_t dtype, int64_t n, const void* x, int64_t stride) {
  return visit_number(dtype, 0, [&](auto tag) -> int32_t {
           using T = decltype(tag.value);
           const T* from = static_cast<const T*>(x);
           int32_t zeros = 0;
           for (int64_t i = 0; i < n; ++i) zeros |= from[i * stride] == T(0);
           return zeros;
         }) != 0;
}
FL_HD bool divides_integers(int32_t op, int32_t dtype) {
  return op == FL_REMAINDER && (dtype == FL_INT64 || dtype == FL_INT32 || dtype == FL_UINT8);
}
inline int32_t divided_by_zero() {
  return fail(FL_DIVIDE_BY_ZERO, "remainder: integer division by zero; the divisor must not hold 0");
}

FL_HD const char* at(fl_address base, int64_t offset) { return pointer<const char>(base) + offset; }

}  // namespace binary_ops

FL_KERNEL int32_t binary(int32_t op, int32_t dtype, int64_t n, fl_address a, fl_address b, fl_address y) {
  using namespace binary_ops;
  const Row row = find(op, dtype);
  if (row == nullptr) return unsupported("binary", dtype);
  if (divides_integers(op, dtype) && has_zero(dtype, n, at(b, 0), 1)) return divided_by_zero();
  const int64_t in = size_of(dtype), out = output_size(op, dtype);
  parallel_blocks(n, cost(op), [&](int64_t begin, int64_t end) {
    row(end - begin, at(a, begin * in), 1, at(b, begin * in), 1, pointer<char>(y) + begin * out, 1);
  });
  return FL_OK;
}

FL_KERNEL int32_t binary_scalar(int32_t op, int32_t dtype, int64_t n, fl_address a, fl_address y, int64_t scalar,
                                int32_t reversed) {
  using namespace binary_ops;
  if (op == FL_BINARY_POW && !reversed && (dtype == FL_FLOAT32 || dtype == FL_FLOAT64)) {
    return unary(FL_POW, dtype, n, a, y, decode_scalar<double>(scalar), 0);
  }
  const Row row = find(op, dtype);
  if (row == nullptr) return unsupported("binary_scalar", dtype);
  alignas(8) char bits[8] = {0};
  visit_any(dtype, 0, [&](auto tag) -> int32_t {
    tag.value = decode_scalar<decltype(tag.value)>(scalar);
    __builtin_memcpy(bits, &tag.value, sizeof tag.value);
    return 0;
  });
  const int64_t in = size_of(dtype), out = output_size(op, dtype);
  if (divides_integers(op, dtype) && (reversed ? has_zero(dtype, n, at(a, 0), 1) : has_zero(dtype, 1, bits, 0))) {
    return divided_by_zero();
  }
  parallel_blocks(n, cost(op), [&](int64_t begin, int64_t end) {
    char* to = pointer<char>(y) + begin * out;
    if (reversed) {
      row(end - begin, bits, 0, at(a, begin * in), 1, to, 1);
    } else {
      row(end - begin, at(a, begin * in), 1, bits, 0, to, 1);
    }
  });
  return FL_OK;
}

FL_KERNEL int32_t binary_strided(int32_t op, int32_t dtype, fl_address geometry, fl_address a, fl_address b,
                                 fl_address y) {
  using namespace binary_ops;
  const Row row = find(op, dtype);
  if (row == nullptr) return unsupported("binary_strided", dtype);
  const Geometry<3> g(pointer<const int64_t>(geometry));
  const int64_t in = size_of(dtype), out = output_size(op, dtype);
  if (divides_integers(op, dtype)) {
    RowWalk<3> walk(g, 0);
    for (int64_t r = 0; r < g.rows(); ++r, walk.next()) {
      if (has_zero(dtype, g.row_length(), at(b, walk.offset[2] * in), g.row_stride(2))) return divided_by_zero();
    }
  }
  for_row_pieces(g, cost(op), [&](const int64_t* offset, int64_t n) {
    row(n, at(a, offset[1] * in), g.row_stride(1), at(b, offset[2] * in), g.row_stride(2),
        pointer<char>(y) + offset[0] * out, g.row_stride(0));
  });
  return FL_OK;
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
