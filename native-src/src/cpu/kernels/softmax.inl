/* Softmax and its logarithm along the middle of (outer, len, inner), and their gradients. */
#ifndef FLAMBEAU_KERNELS_SOFTMAX_INL
#define FLAMBEAU_KERNELS_SOFTMAX_INL
#include "reduce_lines.h"

namespace flambeau {
namespace FL_ISA {
namespace softmax_ops {

using reductions::kStrip;
using reductions::sum_registers;
using reductions::top_of;

/** A line that one register holds. */
template <class T> FL_HD void short_line(bool log, int64_t len, const T* x, T* y) {
  using V = Vec<T>;
  const V v = take(x, len, T(-__builtin_inff()));  // lanes past the end add e^-inf = 0
  const V below = v - fold(v, [](V a, V b) { return greater_of(a, b); });
  const V e = exp_(below);
  const auto sum = reductions::merge_lanes<SumOf<T>>(e);
  put(y, log ? below - splat<V>(T(log_(sum))) : e * splat<V>(T(1 / sum)), len);
}

constexpr int64_t kLineBytes = 16384;  // longest line whose exponentials are kept in a buffer, in bytes

/** One line: its maximum; exponentials and their sum; the scale. streams: non-temporal stores; y is on cache lines. */
template <class T> FL_HD void softmax_line(int64_t len, const T* x, T* y, bool streams) {
  using V = Vec<T>;
  alignas(64) T buffer[kLineBytes / sizeof(T)];
  T* terms = streams ? buffer : y;
  const V top = top_of(len, x);
  const auto sum = sum_registers<T>(len, [&](int64_t i, int64_t count) {
    const V e = exp_(take(x + i, count, T(0)) - top);
    put(terms + i, e, count);
    return e;
  });
  const V scale = splat<V>(T(1 / sum));
  each_register<T>(len, [&](int64_t i, int64_t count) {
    put_or_stream(streams, y + i, take(terms + i, count, T(0)) * scale, count);
  });
}

template <class T> FL_HD void log_softmax_line(int64_t len, const T* x, T* y, bool streams) {
  using V = Vec<T>;
  const V top = top_of(len, x);
  const auto sum =
      sum_registers<T>(len, [&](int64_t i, int64_t count) { return exp_(take(x + i, count, T(0)) - top); });
  const V log_sum = splat<V>(T(log_(sum)));
  each_register<T>(len, [&](int64_t i, int64_t count) {
    put_or_stream(streams, y + i, (take(x + i, count, T(0)) - top) - log_sum, count);
  });
}

template <class T> FL_HD void grad_line(bool log, int64_t len, const T* g, const T* y, T* gx) {
  using V = Vec<T>;
  if (log) {
    const V sum =
        splat<V>(T(sum_registers<T>(len, [&](int64_t i, int64_t count) { return take(g + i, count, T(0)); })));
    each_register<T>(len, [&](int64_t i, int64_t count) {
      put(gx + i, take(g + i, count, T(0)) - exp_(take(y + i, count, T(0))) * sum, count);
    });
  } else {
    const V sum = splat<V>(T(sum_registers<T>(
        len, [&](int64_t i, int64_t count) { return take(g + i, count, T(0)) * take(y + i, count, T(0)); })));
    each_register<T>(len, [&](int64_t i, int64_t count) {
      put(gx + i, take(y + i, count, T(0)) * (take(g + i, count, T(0)) - sum), count);
    });
  }
}

/** A strip of neighbouring columns at once, row by row: the same three passes. */
template <class T> FL_HD void softmax_strip(bool log, int64_t len, int64_t inner, int64_t width, const T* x, T* y) {
  alignas(64) T top[kStrip], sum[kStrip];
  for (int64_t c = 0; c < width; ++c) {
    top[c] = x[c];
    sum[c] = 0;
  }
  for (int64_t r = 1; r < len; ++r) {
    for (int64_t c = 0; c < width; ++c) top[c] = ExtremeOf<T, true>::step(top[c], x[r * inner + c]);
  }
  for (int64_t r = 0; r < len; ++r) {
    each_register<T>(width, [&](int64_t c, int64_t count) {
      const Vec<T> e = exp_(take(x + r * inner + c, count, T(0)) - take(top + c, count, T(0)));
      if (!log) put(y + r * inner + c, e, count);
      put(sum + c, take(sum + c, count, T(1)) + e, count);
    });
  }
  each_register<T>(width, [&](int64_t c, int64_t count) {
    const Vec<T> total = take(sum + c, count, T(1));
    put(sum + c, log ? log_(total) : lit<Vec<T>>(1) / total, count);
  });
  for (int64_t r = 0; r < len; ++r) {
    const T* from = x + r * inner;
    T* to = y + r * inner;
    if (log) {
      FL_INDEPENDENT for (int64_t c = 0; c < width; ++c) to[c] = (from[c] - top[c]) - sum[c];
    } else {
      FL_INDEPENDENT for (int64_t c = 0; c < width; ++c) to[c] *= sum[c];
    }
  }
}

template <class T>
FL_HD void grad_strip(bool log, int64_t len, int64_t inner, int64_t width, const T* g, const T* y, T* gx) {
  alignas(64) T sum[kStrip];
  for (int64_t c = 0; c < width; ++c) sum[c] = 0;
  for (int64_t r = 0; r < len; ++r) {
    const T* from_g = g + r * inner;
    const T* from_y = y + r * inner;
    FL_INDEPENDENT for (int64_t c = 0; c < width; ++c) sum[c] += log ? from_g[c] : from_g[c] * from_y[c];
  }
  for (int64_t r = 0; r < len; ++r) {
    const int64_t row = r * inner;
    each_register<T>(width, [&](int64_t c, int64_t count) {
      const Vec<T> from_g = take(g + row + c, count, T(0)), from_y = take(y + row + c, count, T(0));
      const Vec<T> total = take(sum + c, count, T(0));
      put(gx + row + c, log ? from_g - exp_(from_y) * total : from_y * (from_g - total), count);
    });
  }
}

/** line(offset) for each line, or strip(offset, width) for each strip of columns, in parallel. */
template <class T, class L, class S>
FL_HD void over(int64_t outer, int64_t len, int64_t inner, const L& line, const S& strip) {
  const double ns = IsSame<T, float>::value ? 0.6 : 10;
  if (inner == 1) {
    parallel_for(outer, ns * static_cast<double>(len) + 10, [&](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; ++o) line(o * len);
      stream_fence();  // after non-temporal stores, if any
    });
    return;
  }
  const int64_t strips = (inner + kStrip - 1) / kStrip;
  parallel_for(outer * strips, ns * static_cast<double>(len * min_of(inner, kStrip)), [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) {
      const int64_t column = task % strips * kStrip;
      strip(task / strips * len * inner + column, min_of(kStrip, inner - column));
    }
  });
}

}  // namespace softmax_ops

FL_KERNEL int32_t softmax(int32_t log, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
                          fl_address y) {
  using namespace softmax_ops;
  return visit<kFloats>("softmax", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const T* from = pointer<const T>(x);
    T* to = pointer<T>(y);
    const bool streams = should_stream_lines(outer, len * inner, from, to) && len * int64_t(sizeof(T)) <= kLineBytes;
    over<T>(
        outer, len, inner,
        [&](int64_t at) {
          if (len <= kLanes<T>) {
            short_line(log != 0, len, from + at, to + at);
          } else if (log) {
            log_softmax_line(len, from + at, to + at, streams);
          } else {
            softmax_line(len, from + at, to + at, streams);
          }
        },
        [&](int64_t at, int64_t width) { softmax_strip(log != 0, len, inner, width, from + at, to + at); });
    return FL_OK;
  });
}

FL_KERNEL int32_t softmax_grad(int32_t log, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address g,
                               fl_address y, fl_address gx) {
  using namespace softmax_ops;
  return visit<kFloats>("softmax_grad", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const T* from_g = pointer<const T>(g);
    const T* from_y = pointer<const T>(y);
    T* to = pointer<T>(gx);
    over<T>(
        outer, len, inner, [&](int64_t at) { grad_line(log != 0, len, from_g + at, from_y + at, to + at); },
        [&](int64_t at, int64_t width) { grad_strip(log != 0, len, inner, width, from_g + at, from_y + at, to + at); });
    return FL_OK;
  });
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
