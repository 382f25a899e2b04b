/*
 * What reductions are made of: totals of lines (elements next to each other) and of columns.
 *
 * The cuts depend on the shape alone: lines (inner 1) are cut into blocks of kLineBlock elements, columns (inner > 1)
 * into strips of kStrip neighbours and blocks of kRowBlock rows. Blocks leave totals that are merged in order, so that
 * a result does not depend on the number of threads.
 */
#ifndef FLAMBEAU_KERNELS_REDUCE_LINES_H
#define FLAMBEAU_KERNELS_REDUCE_LINES_H
#include "../../shared/reducers.h"
#include "support.h"

namespace flambeau {
namespace FL_ISA {
namespace reductions {

constexpr int64_t kLineBlock = 8192;
constexpr int64_t kStrip = 256;
constexpr int64_t kRowBlock = 1024;  // rows whose totals one task merges
constexpr int64_t kShortRows = 16;   // rows that are summed in lanes of the element's own type
constexpr int64_t kShortRun = 64;    // registers that are: float lanes lose little in so few additions

/** The lanes of a register as one total, merged in halves. */
template <class R, class V> FL_HD typename R::Total merge_lanes(V v) {
  constexpr int kWidth = Lanes<V>::count;
  if constexpr (IsSame<V, VecFloat>::value && IsSame<typename R::Total, double>::value) {
    HalfFloat parts[2];
    __builtin_memcpy(parts, &v, sizeof v);
    const VecDouble both = __builtin_convertvector(parts[0], VecDouble) + __builtin_convertvector(parts[1], VecDouble);
    return fold(both, [](VecDouble a, VecDouble b) { return a + b; })[0];
  } else if constexpr (IsFloating<typename Lanes<V>::Element>::value) {
    return fold(v, [](V a, V b) { return R::step(a, b); })[0];
  }
  typename R::Total totals[kWidth];
  for (int j = 0; j < kWidth; ++j) totals[j] = R::widen(typename R::Lane(v[j]));
  for (int half = kWidth / 2; half > 0; half /= 2) {
    for (int j = 0; j < half; ++j) totals[j] = R::merge(totals[j], totals[j + half]);
  }
  return totals[0];
}

/** A contiguous run of n elements, one block at most, as a total. transform maps an element (or a register) first. */
template <class R, class T, class M> FL_HD typename R::Total block_total(int64_t n, const T* x, const M& transform) {
  using Lane = typename R::Lane;
  if constexpr (R::registers) {
    using V = Vec<T>;
    constexpr int64_t kWidth = kLanes<T>;
    int64_t i = 0;
    typename R::Total total = R::widen(R::lane());
    constexpr int64_t kLeast = IsFloating<T>::value ? 1 : kWidth;  // only floats have loads of part of a register
    while (i + kLeast <= n) {
      V lanes[4];
      for (V& lane : lanes) lane = splat<V>(R::lane());
      const int64_t until = min_of(n, i + 4 * kWidth * kShortRun);
      for (; i + 4 * kWidth <= until; i += 4 * kWidth) {
        lanes[0] = R::step(lanes[0], transform(load<V>(x + i)));
        lanes[1] = R::step(lanes[1], transform(load<V>(x + i + kWidth)));
        lanes[2] = R::step(lanes[2], transform(load<V>(x + i + 2 * kWidth)));
        lanes[3] = R::step(lanes[3], transform(load<V>(x + i + 3 * kWidth)));
      }
      for (; i + kWidth <= until; i += kWidth) lanes[0] = R::step(lanes[0], transform(load<V>(x + i)));
      if constexpr (IsFloating<T>::value) {
        if (i < until) {
          const V last = transform(load_some<V>(x + i, until - i, T(0)));
          lanes[1] = R::step(lanes[1], select(first_lanes<V>(until - i), last, splat<V>(R::lane())));
          i = until;
        }
      }
      const V all = R::step(R::step(lanes[0], lanes[1]), R::step(lanes[2], lanes[3]));
      total = R::merge(total, merge_lanes<R>(all));
    }
    for (; i < n; ++i) total = R::merge(total, R::widen(R::step(R::lane(), transform(x[i]))));
    return total;
  } else {
    constexpr int kWidth = 16;
    Lane lanes[kWidth];
    for (Lane& lane : lanes) lane = R::lane();
    int64_t i = 0;
    for (; i + kWidth <= n; i += kWidth) {
      for (int j = 0; j < kWidth; ++j) lanes[j] = R::step(lanes[j], transform(x[i + j]));
    }
    for (; i < n; ++i) lanes[0] = R::step(lanes[0], transform(x[i]));
    typename R::Total total = R::widen(lanes[0]);
    for (int j = 1; j < kWidth; ++j) total = R::merge(total, R::widen(lanes[j]));
    return total;
  }
}

struct Itself {
  template <class V> FL_HD V operator()(V x) const { return x; }
};
/** (x - center)^2. */
template <class T> struct SquaredDistance {
  T center;
  template <class V> FL_HD V operator()(V x) const {
    const V d = x - splat<V>(center);
    return d * d;
  }
};

/** e^(x - top). */
template <class T> struct ExpBelow {
  T top;
  template <class V> FL_HD V operator()(V x) const { return exp_(x - splat<V>(top)); }
};

/** Lines of a tensor whose reduced dim is the last: result(line, total) is called once a line. map(line): a transform.
 */
template <class R, class T, class M, class F>
FL_HD int32_t reduce_lines(const char* op, int64_t lines, int64_t len, const T* x, const M& map, const F& result) {
  const int64_t blocks = (len + kLineBlock - 1) / kLineBlock;
  const double ns = 0.02 * sizeof(T);
  if (blocks == 1) {
    parallel_for(lines, ns * static_cast<double>(len) + 5, [&](int64_t begin, int64_t end) {
      for (int64_t line = begin; line < end; ++line) result(line, block_total<R>(len, x + line * len, map(line)));
    });
    return FL_OK;
  }
  const Scratch<typename R::Total> totals(lines * blocks);
  if (!totals) return out_of_memory(op);
  parallel_for(lines * blocks, ns * kLineBlock, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t line = i / blocks, from = i % blocks * kLineBlock;
      totals[i] = block_total<R>(min_of(kLineBlock, len - from), x + line * len + from, map(line));
    }
  });
  for (int64_t line = 0; line < lines; ++line) {
    typename R::Total total = totals[line * blocks];
    for (int64_t b = 1; b < blocks; ++b) total = R::merge(total, totals[line * blocks + b]);
    result(line, total);
  }
  return FL_OK;
}

/** Rows [0, rows) of a strip of `width` columns, `step` elements apart, into totals. map(column) gives a transform. */
template <class R, class T, class M>
FL_HD void strip_totals(int64_t rows, int64_t step, int64_t width, const T* x, const M& map,
                        typename R::Total* totals) {
  alignas(64) typename R::Lane lanes[kStrip];
  for (int64_t c = 0; c < width; ++c) totals[c] = R::widen(R::lane());
  for (int64_t row = 0; row < rows; row += kShortRows) {
    const int64_t until = min_of(rows, row + kShortRows);
    for (int64_t c = 0; c < width; ++c) lanes[c] = R::lane();
    for (int64_t r = row; r < until; ++r) {
      const T* from = x + r * step;
      FL_INDEPENDENT for (int64_t c = 0; c < width; ++c) lanes[c] = R::step(lanes[c], map(c)(from[c]));
    }
    for (int64_t c = 0; c < width; ++c) totals[c] = R::merge(totals[c], R::widen(lanes[c]));
  }
}

/** Columns: result(o * inner + i, total) once for each; map(o * inner + i): a transform. */
template <class R, class T, class M, class F>
FL_HD int32_t reduce_columns(const char* op, int64_t outer, int64_t len, int64_t inner, const T* x, const M& map,
                             const F& result) {
  using Total = typename R::Total;
  const int64_t strips = (inner + kStrip - 1) / kStrip;
  const int64_t blocks = (len + kRowBlock - 1) / kRowBlock;
  const int64_t columns = outer * inner;
  const Scratch<Total> totals(blocks == 1 ? 1 : blocks * columns);
  if (!totals) return out_of_memory(op);
  const double cost = 0.1 * static_cast<double>(min_of(len, kRowBlock) * min_of(inner, kStrip)) + 20;
  parallel_for(outer * blocks * strips, cost, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) {
      const int64_t strip = task % strips, block = task / strips % blocks, o = task / strips / blocks;
      const int64_t column = strip * kStrip, row = block * kRowBlock;
      const int64_t width = min_of(kStrip, inner - column);
      const int64_t first = o * inner + column;
      alignas(64) Total local[kStrip];
      strip_totals<R>(
          min_of(kRowBlock, len - row), inner, width, x + (o * len + row) * inner + column,
          [&](int64_t c) { return map(first + c); }, local);
      if (blocks == 1) {
        for (int64_t c = 0; c < width; ++c) result(first + c, local[c]);
      } else {
        __builtin_memcpy(totals.get() + block * columns + first, local, static_cast<size_t>(width) * sizeof(Total));
      }
    }
  });
  if (blocks == 1) return FL_OK;
  parallel_for(columns, 2.0 * static_cast<double>(blocks), [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) {
      Total total = totals[c];
      for (int64_t b = 1; b < blocks; ++b) total = R::merge(total, totals[b * columns + c]);
      result(c, total);
    }
  });
  return FL_OK;
}

template <class R, class T, class M, class F>
FL_HD int32_t reduce_all(const char* op, int64_t outer, int64_t len, int64_t inner, const T* x, const M& map,
                         const F& result) {
  return inner == 1 ? reduce_lines<R>(op, outer, len, x, map, result)
                    : reduce_columns<R>(op, outer, len, inner, x, map, result);
}

/** Sums f(i, count), a register of terms, over a line: short runs in registers, runs merged in the wider type. */
template <class T, class F> FL_HD typename SumOf<T>::Total sum_registers(int64_t n, const F& f) {
  typename SumOf<T>::Total total = 0;
  constexpr int64_t kRun = 2 * kLanes<T> * kShortRun;
  for (int64_t block = 0; block < n; block += kRun) {
    const int64_t until = min_of(n, block + kRun);
    Vec<T> lanes = {}, others = {};
    int64_t i = block;
    for (; i + 2 * kLanes<T> <= until; i += 2 * kLanes<T>) {
      lanes += f(i, int64_t{kLanes<T>});
      others += f(i + kLanes<T>, int64_t{kLanes<T>});
    }
    if (i + kLanes<T> <= until) {
      lanes += f(i, int64_t{kLanes<T>});
      i += kLanes<T>;
    }
    if (i < until) {
      others += select(first_lanes<Vec<T>>(until - i), f(i, until - i), lit<Vec<T>>(0));
    }
    total += merge_lanes<SumOf<T>>(lanes + others);
  }
  return total;
}

/**
 * The greatest element of a line, NaN left out: a NaN comes into the sum of the exponentials anyway, and through it into
 * every result.
 */
template <class T> FL_HD Vec<T> top_of(int64_t len, const T* x) {
  using V = Vec<T>;
  constexpr T kLeast = -__builtin_inff();
  V tops[4] = {splat<V>(kLeast), splat<V>(kLeast), splat<V>(kLeast), splat<V>(kLeast)};
  int64_t i = 0;
  for (; i + 4 * kLanes<T> <= len; i += 4 * kLanes<T>) {
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) tops[j] = greater_of(load<V>(x + i + j * kLanes<T>), tops[j]);
  }
  for (; i + kLanes<T> <= len; i += kLanes<T>) tops[0] = greater_of(load<V>(x + i), tops[0]);
  if (i < len) tops[1] = greater_of(load_some<V>(x + i, len - i, kLeast), tops[1]);
  const V top = greater_of(greater_of(tops[0], tops[1]), greater_of(tops[2], tops[3]));
  return fold(top, [](V a, V b) { return greater_of(a, b); });
}

}  // namespace reductions
}  // namespace FL_ISA
}  // namespace flambeau
#endif
