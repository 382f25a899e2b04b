/* Fills, sequences, choices, conversions and copies. */
#ifndef FLAMBEAU_KERNELS_COPY_INL
#define FLAMBEAU_KERNELS_COPY_INL
#include "../../shared/conversion.h"
#include "../../shared/sequences.h"
#include "transpose.h"

namespace flambeau {
namespace FL_ISA {
namespace copy_ops {

template <class T>
FL_HD void where_row(int64_t n, const uint8_t* c, int64_t sc, const T* a, int64_t sa, const T* b, int64_t sb, T* y,
                     int64_t sy) {
  if (sy == 1 && sc == 1 && sa == 1 && sb == 1) {
    FL_INDEPENDENT for (int64_t i = 0; i < n; ++i) {
      const T yes = a[i], no = b[i];
      y[i] = c[i] != 0 ? yes : no;
    }
  } else if (sy == 1 && sc == 1 && sa == 0 && sb == 1) {
    const T yes = *a;
    FL_INDEPENDENT for (int64_t i = 0; i < n; ++i) {
      const T no = b[i];
      y[i] = c[i] != 0 ? yes : no;
    }
  } else if (sy == 1 && sc == 1 && sa == 1 && sb == 0) {
    const T no = *b;
    FL_INDEPENDENT for (int64_t i = 0; i < n; ++i) {
      const T yes = a[i];
      y[i] = c[i] != 0 ? yes : no;
    }
  } else {
    for (int64_t i = 0; i < n; ++i) y[i * sy] = c[i * sc] != 0 ? a[i * sa] : b[i * sb];
  }
}

/** y[i sy] = x[i sx] converted. */
template <class From, class To> void convert_row(int64_t n, const From* x, int64_t sx, To* y, int64_t sy) {
  if (sx == 1 && sy == 1) {
    if constexpr (IsSame<From, To>::value) {
      if (static_cast<const void*>(x) != y) __builtin_memcpy(y, x, static_cast<size_t>(n) * sizeof(To));
    } else {
      FL_INDEPENDENT for (int64_t i = 0; i < n; ++i) y[i] = convert_one<From, To>(x[i]);
    }
  } else if (sx == 0 && sy == 1) {
    const To same = convert_one<From, To>(*x);
    for (int64_t i = 0; i < n; ++i) y[i] = same;
  } else {
    for (int64_t i = 0; i < n; ++i) y[i * sy] = convert_one<From, To>(x[i * sx]);
  }
}

/** Copies with y dense along the last dim and x dense along dim d: tile by tile, so that both sides use whole lines. */
template <class T> int32_t transpose(const Geometry<2>& g, int d, const T* x, T* y) {
  const Geometry<2> rest = without(g, d);
  const int64_t columns = g.row_length(), lines = g.size[d];
  const int64_t sx = g.row_stride(1), sy = g.stride[0][d];
  constexpr int64_t kSize = sizeof(T), kHigh = 256;
  bool streams = sizeof(T) >= 4 && should_stream(rest.rows() * lines * columns * kSize, y, x);
  streams = streams && reinterpret_cast<uintptr_t>(y) % 64 == 0;
  for (int i = 0; i < g.rank - 1; ++i) streams = streams && g.stride[0][i] * kSize % 64 == 0;
  // Long runs of each row of y for non-temporal stores, else as few rows of x at a time as fill a line.
  const int64_t wide = (streams ? 256 : 64) / kSize, across = (columns + wide - 1) / wide;
  const int64_t down = (lines + kHigh - 1) / kHigh;
  parallel_for(rest.rows() * across * down, 0.3 * static_cast<double>(wide * kHigh), [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) {
      int64_t offset[2];
      rest.row_offsets(task / (across * down), offset);
      const int64_t column = task / down % across * wide, line = task % down * kHigh;
      transpose_region(x + offset[1] + column * sx + line, sx, y + offset[0] + line * sy + column, sy,
                       min_of(wide, columns - column), min_of(kHigh, lines - line), streams);
    }
    if (streams) stream_fence();
  });
  return FL_OK;
}

/** y[i] = values.value(i). */
template <class S, class T> int32_t write_sequence(const S& values, int64_t n, T* y) {
  parallel_blocks(n, FL_FUSES ? 0.5 : 4, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) y[i] = values.value(i);
  });
  return FL_OK;
}

}  // namespace copy_ops

FL_KERNEL int32_t fill(int32_t dtype, int64_t n, fl_address y, int64_t value) {
  return visit_size("fill", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const T same = element_bits<T>(dtype, value);
    T* to = pointer<T>(y);
    parallel_blocks(n, 0.02 * sizeof(T), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) to[i] = same;
    });
    return FL_OK;
  });
}

FL_KERNEL int32_t sequence(int32_t kind, int32_t dtype, int64_t n, fl_address y, int64_t start, int64_t by) {
  return visit<kFloat | kWhole>("sequence", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    if (kind == FL_ARANGE) return copy_ops::write_sequence(Arange<Signless<T>>(start, by), n, pointer<Signless<T>>(y));
    if constexpr (IsFloating<T>::value) {
      if (kind == FL_LINSPACE) return copy_ops::write_sequence(Linspace<T>(n, start, by), n, pointer<T>(y));
    }
    return kNoOp;
  });
}

FL_KERNEL int32_t where(int32_t dtype, fl_address geometry, fl_address condition, fl_address a, fl_address b,
                        fl_address y) {
  const Geometry<4> g(pointer<const int64_t>(geometry));
  const uint8_t* c = pointer<const uint8_t>(condition);
  return visit_size("where", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    for_row_pieces(g, 0.2, [&](const int64_t* offset, int64_t n) {
      copy_ops::where_row(n, c + offset[1], g.row_stride(1), pointer<const T>(a) + offset[2], g.row_stride(2),
                          pointer<const T>(b) + offset[3], g.row_stride(3), pointer<T>(y) + offset[0], g.row_stride(0));
    });
    return FL_OK;
  });
}

FL_KERNEL int32_t convert(int32_t from, int32_t to, int64_t n, fl_address x, fl_address y) {
  return visit_pair("convert", from, to, [&](auto source, auto target) -> int32_t {
    using From = decltype(source.value);
    using To = decltype(target.value);
    parallel_blocks(n, 0.15, [&](int64_t begin, int64_t end) {
      copy_ops::convert_row(end - begin, pointer<const From>(x) + begin, 1, pointer<To>(y) + begin, 1);
    });
    return FL_OK;
  });
}

FL_KERNEL int32_t copy(int32_t from, int32_t to, fl_address geometry, fl_address x, fl_address y) {
  const Geometry<2> g(pointer<const int64_t>(geometry));
  return visit_pair("copy", from, to, [&](auto source, auto target) -> int32_t {
    using From = decltype(source.value);
    using To = decltype(target.value);
    if constexpr (IsSame<From, To>::value) {
      const int d = transposed_dim(g, 1);
      if (d >= 0) return copy_ops::transpose(g, d, pointer<const From>(x), pointer<To>(y));
    }
    for_row_pieces(g, 0.3, [&](const int64_t* offset, int64_t n) {
      copy_ops::convert_row(n, pointer<const From>(x) + offset[1], g.row_stride(1), pointer<To>(y) + offset[0],
                            g.row_stride(0));
    });
    return FL_OK;
  });
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
