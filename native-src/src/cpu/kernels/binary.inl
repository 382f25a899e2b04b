/* Ops of two inputs: one row function per op and type serves dense, scalar and strided operands. */
#ifndef FLAMBEAU_KERNELS_BINARY_INL
#define FLAMBEAU_KERNELS_BINARY_INL
#include "../../shared/binary_functors.h"
#include "transpose.h"

namespace flambeau {
namespace FL_ISA {
namespace binary_ops {

/** y[i sy] = op(a[i sa], b[i sb]) for i < n; a stride of 0 repeats one element. */
using Row = void (*)(int64_t n, const void* a, int64_t sa, const void* b, int64_t sb, void* y, int64_t sy);

/** An element of b: a divisor is checked, so it must not be read again. */
template <class Op, class T> FL_HD T right(const T* b) {
  if constexpr (kDivides<Op, T>) return read_once(b);
  return *b;
}

template <class Op, class T>
void row(int64_t n, const void* a, int64_t sa, const void* b, int64_t sb, void* y, int64_t sy) {
  using R = decltype(Op().value(T(), T()));
  const Op op;
  const T* from_a = static_cast<const T*>(a);
  const T* from_b = static_cast<const T*>(b);
  R* to = static_cast<R*>(y);
  if (sy == 1 && sa == 1 && sb == 1) {
    FL_INDEPENDENT for (int64_t i = 0; i < n; ++i) to[i] = op.value(from_a[i], right<Op>(from_b + i));
  } else if (sy == 1 && sa == 1 && sb == 0) {
    const T same = right<Op>(from_b);
    FL_INDEPENDENT for (int64_t i = 0; i < n; ++i) to[i] = op.value(from_a[i], same);
  } else if (sy == 1 && sa == 0 && sb == 1) {
    const T same = *from_a;
    FL_INDEPENDENT for (int64_t i = 0; i < n; ++i) to[i] = op.value(same, right<Op>(from_b + i));
  } else {
    for (int64_t i = 0; i < n; ++i) to[i * sy] = op.value(from_a[i * sa], right<Op>(from_b + i * sb));
  }
}

/** The same by non-temporal stores: y on cache lines, n a whole number of registers, strides of a and b 1 or 0. */
template <class Op>
void row_streaming(int64_t n, const void* a, int64_t sa, const void* b, int64_t sb, void* y, int64_t) {
  using V = Vec<float>;
  const Op op;
  const float* from_a = static_cast<const float*>(a);
  const float* from_b = static_cast<const float*>(b);
  float* to = static_cast<float*>(y);
  if (sa != 0 && sb != 0) {
#pragma GCC unroll 4
    for (int64_t i = 0; i < n; i += kLanes<float>) {
      store_streaming(to + i, op.value(load<V>(from_a + i), load<V>(from_b + i)));
    }
  } else {
    for (int64_t i = 0; i < n; i += kLanes<float>) {
      const V left = sa == 0 ? splat<V>(*from_a) : load<V>(from_a + i);
      store_streaming(to + i, op.value(left, sb == 0 ? splat<V>(*from_b) : load<V>(from_b + i)));
    }
  }
}

/** Null: the op has no such row, and goes through a buffer. */
FL_HD Row find_streaming(int32_t op, int32_t dtype) {
  if (dtype != FL_FLOAT32) return nullptr;
  switch (op) {
    case FL_ADD: return row_streaming<Add>;
    case FL_SUB: return row_streaming<Sub>;
    case FL_MUL: return row_streaming<Mul>;
    case FL_DIV: return row_streaming<Div>;
    default: return nullptr;
  }
}

template <class T> Row common(int32_t op) {
  using S = Signless<T>;
  switch (op) {
    case FL_MINIMUM: return row<Minimum, T>;
    case FL_MAXIMUM: return row<Maximum, T>;
    case FL_EQ: return row<Equal, S>;
    case FL_NE: return row<NotEqual, S>;
    case FL_LT: return row<Less, T>;
    case FL_LE: return row<LessEqual, T>;
    case FL_GT: return row<Greater, T>;
    case FL_GE: return row<GreaterEqual, T>;
    case FL_AND: return row<LogicalAnd, S>;
    case FL_OR: return row<LogicalOr, S>;
    case FL_XOR: return row<LogicalXor, S>;
    default: return nullptr;
  }
}

template <class T> Row arithmetic(int32_t op) {
  using S = Signless<T>;
  switch (op) {
    case FL_ADD: return row<Add, S>;
    case FL_SUB: return row<Sub, S>;
    case FL_MUL: return row<Mul, S>;
    case FL_DIV:
      if constexpr (IsFloating<T>::value) return row<Div, T>;
      return nullptr;
    case FL_BINARY_POW: return row<BinaryPow, T>;
    case FL_REMAINDER: return row<Remainder, T>;
    default: return common<T>(op);
  }
}

FL_HD Row bools(int32_t op) {
  switch (op) {
    case FL_ADD: return row<BitOr, uint8_t>;
    case FL_MUL: return row<BitAnd, uint8_t>;
    default: return common<uint8_t>(op);
  }
}

/** Null: no such op for this type. */
FL_HD Row find(int32_t op, int32_t dtype) {
  Row found = nullptr;
  visit<kComputed>(dtype, 0, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    if constexpr (IsSame<T, Bool>::value) {
      found = bools(op);
    } else {
      found = arithmetic<T>(op);
    }
    return 0;
  });
  return found;
}

FL_HD int64_t output_size(int32_t op, int32_t dtype) { return op >= FL_EQ ? 1 : size_of(dtype); }

FL_HD double cost(int32_t op) { return op == FL_BINARY_POW ? 8 : op == FL_REMAINDER ? 4 : 0.15; }

/** Is there a 0 among n integers, `stride` apart? */
FL_HD bool has_zero(int32_t dtype, int64_t n, const void* x, int64_t stride) {
  return visit<kWhole>(dtype, 0, [&](auto tag) -> int32_t {
           using T = Signless<decltype(tag.value)>;
           const T* from = static_cast<const T*>(x);
           int32_t zeros = 0;
           for (int64_t i = 0; i < n; ++i) zeros |= from[i * stride] == T(0);
           return zeros;
         }) != 0;
}
FL_HD bool divides_integers(int32_t op, int32_t dtype) { return op == FL_REMAINDER && kind_of(dtype) == kWhole; }
inline int32_t divided_by_zero() {
  return fail(FL_DIVIDE_BY_ZERO, "remainder: integer division by zero; the divisor must not hold 0");
}

FL_HD const char* at(fl_address base, int64_t offset) { return pointer<const char>(base) + offset; }

/** write_range for n results of `size` bytes each. */
template <class F> FL_HD void write_row(bool streams, int64_t n, int64_t size, char* y, const F& f) {
  if (!streams) return f(int64_t{0}, n, y);
  if (size == 4) return write_range(true, reinterpret_cast<int32_t*>(y), n, f);
  if (size == 8) return write_range(true, reinterpret_cast<int64_t*>(y), n, f);
  write_range(true, reinterpret_cast<uint8_t*>(y), n, f);
}

/** An operand without strides of its own: how many elements of it are gathered at a time. */
constexpr int64_t kGathered = 1024;

/**
 * Many short rows, y's and one operand's next to each other: the other one, whose elements repeat, is written out for as
 * many rows as fit a buffer, and those rows go as one. kept: it repeats row by row, and one buffer serves all.
 */
template <class T>
void short_rows(Row row, double ns, const Geometry<3>& g, int k, fl_address a, fl_address b, char* y, int64_t out) {
  const int64_t length = g.row_length(), count = g.size[0], high = kGathered / length;
  const int64_t down = g.stride[k][0], across = g.stride[k][1];
  const T* other = pointer<const T>(k == 1 ? a : b);
  const T* dense = pointer<const T>(k == 1 ? b : a);
  parallel_for((count + high - 1) / high, (ns + 0.3) * kGathered, [&](int64_t begin, int64_t end) {
    alignas(64) T buffer[kGathered];
    const bool kept = down == 0;
    for (int64_t task = begin; task < end; ++task) {
      const int64_t first = task * high, rows = min_of(high, count - first);
      if (!kept || task == begin) {
        T* to = buffer;
        for (int64_t r = first; r < first + rows; ++r) {
          for (int64_t c = 0; c < length; ++c) *to++ = other[r * down + c * across];
        }
      }
      const T* from = dense + first * length;
      row(rows * length, k == 1 ? buffer : from, 1, k == 1 ? from : buffer, 1, y + first * length * out, 1);
    }
  });
}

/** The operand (1 or 2) that short_rows may write out; 0: not such a case. */
FL_HD int repeated_operand(const Geometry<3>& g) {
  if (g.rank != 2 || g.row_length() > 64 || g.size[0] < 4) return 0;
  const auto dense = [&](int k) { return g.stride[k][1] == 1 && g.stride[k][0] == g.row_length(); };
  if (!dense(0)) return 0;
  return dense(1) ? 2 : dense(2) ? 1 : 0;
}

constexpr int64_t kLines = 16, kColumns = 256;

/** Where an operand's elements for one row of y begin, and how they go on. */
struct Side {
  const char* from;
  int64_t line, step;  // to the next row of y, to the next element: in elements
};

/**
 * y's rows lie along the last dim, and operand a's or b's along dim d: tiles of such an operand are transposed into a
 * buffer, whose rows then are plain ones.
 */
template <class T>
void transposed_rows(Row row, double ns, const Geometry<3>& g, int d, fl_address a, fl_address b, char* y,
                     int64_t out) {
  const Geometry<3> rest = without(g, d);
  const int64_t lines = g.size[d], columns = g.row_length();
  const int64_t down = (lines + kLines - 1) / kLines, across = (columns + kColumns - 1) / kColumns;
  parallel_for(rest.rows() * down * across, ns * kLines * kColumns, [&](int64_t begin, int64_t end) {
    alignas(64) T buffer[2][kLines * kColumns];
    for (int64_t task = begin; task < end; ++task) {
      int64_t offset[3];
      rest.row_offsets(task / (down * across), offset);
      const int64_t line = task / across % down * kLines, column = task % across * kColumns;
      const int64_t height = min_of(kLines, lines - line), width = min_of(kColumns, columns - column);
      Side side[3];
      for (int k = 1; k < 3; ++k) {
        const int64_t to_line = g.stride[k][d], step = g.row_stride(k);
        const T* from = pointer<const T>(k == 1 ? a : b) + offset[k] + line * to_line + column * step;
        if (to_line == 1 && step > 1) {
          copy_ops::transpose_region(from, step, buffer[k - 1], kColumns, width, height, false);
          side[k] = {reinterpret_cast<const char*>(buffer[k - 1]), kColumns, 1};
        } else {
          side[k] = {reinterpret_cast<const char*>(from), to_line, step};
        }
      }
      for (int64_t j = 0; j < height; ++j) {
        row(width, side[1].from + j * side[1].line * int64_t(sizeof(T)), side[1].step,
            side[2].from + j * side[2].line * int64_t(sizeof(T)), side[2].step,
            y + (offset[0] + (line + j) * g.stride[0][d] + column) * out, 1);
      }
    }
  });
}

}  // namespace binary_ops

FL_KERNEL int32_t binary(int32_t op, int32_t dtype, int64_t n, fl_address a, fl_address b, fl_address y) {
  using namespace binary_ops;
  const Row row = find(op, dtype);
  if (row == nullptr) return unsupported("binary", dtype);
  if (divides_integers(op, dtype) && has_zero(dtype, n, at(b, 0), 1)) return divided_by_zero();
  const int64_t in = size_of(dtype), out = output_size(op, dtype);
  const bool streams = should_stream(n * out, at(y, 0), at(a, 0), at(b, 0));
  parallel_blocks(n, cost(op), [&](int64_t begin, int64_t end) {
    write_row(streams, end - begin, out, pointer<char>(y) + begin * out, [&](int64_t i, int64_t count, void* to) {
      row(count, at(a, (begin + i) * in), 1, at(b, (begin + i) * in), 1, to, 1);
    });
    if (streams) stream_fence();
  });
  return FL_OK;
}

FL_KERNEL int32_t binary_scalar(int32_t op, int32_t dtype, int64_t n, fl_address a, fl_address y, int64_t scalar,
                                int32_t reversed) {
  using namespace binary_ops;
  if (op == FL_BINARY_POW && !reversed && kind_of(dtype) == kFloat) {
    return unary(FL_POW, dtype, n, a, y, decode_scalar<double>(scalar), 0);
  }
  const Row row = find(op, dtype);
  if (row == nullptr) return unsupported("binary_scalar", dtype);
  alignas(8) char bits[8] = {0};
  visit<kComputed>(dtype, 0, [&](auto tag) -> int32_t {
    tag.value = decode_scalar<decltype(tag.value)>(scalar);
    __builtin_memcpy(bits, &tag.value, sizeof tag.value);
    return 0;
  });
  const int64_t in = size_of(dtype), out = output_size(op, dtype);
  if (divides_integers(op, dtype) && (reversed ? has_zero(dtype, n, at(a, 0), 1) : has_zero(dtype, 1, bits, 0))) {
    return divided_by_zero();
  }
  const bool streams = should_stream(n * out, at(y, 0), at(a, 0));
  parallel_blocks(n, cost(op), [&](int64_t begin, int64_t end) {
    write_row(streams, end - begin, out, pointer<char>(y) + begin * out, [&](int64_t i, int64_t count, void* to) {
      const char* from = at(a, (begin + i) * in);
      if (reversed) {
        row(count, bits, 0, from, 1, to, 1);
      } else {
        row(count, from, 1, bits, 0, to, 1);
      }
    });
    if (streams) stream_fence();
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
  for (int k = 1; k < 3; ++k) {
    const int d = transposed_dim(g, k);
    if (d >= 0) {
      return visit_size("binary_strided", dtype, [&](auto tag) -> int32_t {
        transposed_rows<decltype(tag.value)>(row, cost(op) + 0.3, g, d, a, b, pointer<char>(y), out);
        return FL_OK;
      });
    }
  }
  const int repeated = repeated_operand(g);
  if (repeated != 0) {
    return visit_size("binary_strided", dtype, [&](auto tag) -> int32_t {
      short_rows<decltype(tag.value)>(row, cost(op), g, repeated, a, b, pointer<char>(y), out);
      return FL_OK;
    });
  }
  const bool streams = g.row_stride(0) == 1 && g.row_length() >= kColumns &&
                       should_stream(g.rows() * g.row_length() * out, at(y, 0), at(a, 0), at(b, 0));
  Row straight = streams ? find_streaming(op, dtype) : nullptr;
  for (int d = 0; d < g.rank; ++d) {
    const bool whole = d == g.rank - 1 ? g.row_length() % 16 == 0 : g.stride[0][d] % 16 == 0;
    if (!whole || reinterpret_cast<uintptr_t>(at(y, 0)) % 64 != 0) straight = nullptr;
  }
  for (int k = 1; k < 3; ++k) {
    if (g.row_stride(k) != 0 && g.row_stride(k) != 1) straight = nullptr;
  }
  for_row_pieces(
      g, cost(op),
      [&](const int64_t* offset, int64_t n) {
        if (straight != nullptr) {
          straight(n, at(a, offset[1] * in), g.row_stride(1), at(b, offset[2] * in), g.row_stride(2),
                   pointer<char>(y) + offset[0] * out, 1);
          return;
        }
        write_row(streams, n, out, pointer<char>(y) + offset[0] * out, [&](int64_t i, int64_t count, void* to) {
          row(count, at(a, (offset[1] + i * g.row_stride(1)) * in), g.row_stride(1),
              at(b, (offset[2] + i * g.row_stride(2)) * in), g.row_stride(2), to, g.row_stride(0));
        });
      },
      streams);
  return FL_OK;
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
