/*
 * Cross entropy at class indices: softmax, logarithm and likelihood in one pass over the scores, and one more for the
 * gradient. Positions are taken in groups, whose size depends on the shape alone: their sums are merged in order.
 */
#ifndef FLAMBEAU_KERNELS_CROSS_ENTROPY_INL
#define FLAMBEAU_KERNELS_CROSS_ENTROPY_INL
#include "../../shared/cross_entropy.h"
#include "likelihood.h"

namespace flambeau {
namespace FL_ISA {
namespace losses {

using reductions::kStrip;
constexpr int64_t kRows = 64;  // that one task takes, at most

/** Scores (outer, classes, inner), and what they are held against. */
template <class T> struct Scores {
  int64_t outer, classes, inner;
  const T* x;
  const int64_t* target;
  const T* weight;  // null: ones
  int64_t ignore_index;
  Smoothing<T> smoothing;

  /** The class of position i; -1: it is ignored. */
  FL_HD int64_t label(int64_t i) const { return label_at(target + i, classes, ignore_index); }
  FL_HD T weight_of(int64_t c) const { return weight != nullptr ? weight[c] : T(1); }
  FL_HD Vec<T> weights_of(int64_t c, int64_t count) const {
    return weight != nullptr ? take(weight + c, count, T(0)) : lit<Vec<T>>(1);
  }
};

/** Positions side by side that one task takes: rows, or columns. Score c of position r is at x[r step + c inner]. */
template <class T> struct Group {
  int64_t first, count, step;
  const T* x;
};
/** How positions are cut into groups: `line` of them side by side, once for rows, else `outer` times. */
template <class T> struct Cut {
  int64_t width, line, per_line, groups;
  explicit Cut(const Scores<T>& s) {
    const bool rows = s.inner == 1;
    width = rows ? max_of(1, min_of(kRows, kBlock / s.classes)) : kStrip;
    line = rows ? s.outer : s.inner;
    per_line = (line + width - 1) / width;
    groups = per_line * (rows ? 1 : s.outer);
  }
};
/** f(group, its number) for all groups, in parallel. */
template <class T, class F> FL_HD void each_group(const Scores<T>& s, const Cut<T>& cut, const F& f) {
  const bool rows = s.inner == 1;
  const double ns = (IsSame<T, float>::value ? 0.6 : 10) * static_cast<double>(s.classes) + 10;
  parallel_for(cut.groups, ns * static_cast<double>(min_of(cut.width, cut.line)), [&](int64_t begin, int64_t end) {
    for (int64_t number = begin; number < end; ++number) {
      const int64_t o = number / cut.per_line, i = number % cut.per_line * cut.width;
      const T* x = s.x + (rows ? i * s.classes : o * s.classes * s.inner + i);
      f(Group<T>{o * cut.line + i, min_of(cut.width, cut.line - i), rows ? s.classes : 1, x}, number);
    }
  });
}

/** What a group's positions have found: first sums of e^(x - top), what rounding took from them, then logarithms. */
template <class T> struct Found {
  alignas(64) T top[kStrip], log_sum[kStrip], lost[kStrip];
  typename SumOf<T>::Total all[kStrip];  // with smoothing
  FL_HD LogSum<T> at(int64_t r) const { return {top[r], log_sum[r]}; }
};

template <class T> FL_HD void sum_rows(const Scores<T>& s, const Group<T>& group, Found<T>& found) {
  using V = Vec<T>;
  using Total = typename SumOf<T>::Total;
  const int64_t len = s.classes;
  for (int64_t r = 0; r < group.count; ++r) {
    const T* x = group.x + r * len;
    V top;
    Total sum;
    if (len <= kLanes<T>) {
      const V v = take(x, len, T(-__builtin_inff()));  // lanes past the end add e^-inf = 0
      top = fold(v, [](V a, V b) { return greater_of(a, b); });
      sum = reductions::merge_lanes<SumOf<T>>(exp_(v - top));
    } else {
      top = reductions::top_of(len, x);
      sum = reductions::sum_registers<T>(
          len, [&](int64_t i, int64_t count) { return exp_(take(x + i, count, T(0)) - top); });
    }
    found.top[r] = top[0];
    found.log_sum[r] = T(sum);
    found.lost[r] = T(sum - static_cast<Total>(T(sum)));
  }
}
/** The same of columns, row by row of them. */
template <class T> FL_HD void sum_columns(const Scores<T>& s, const Group<T>& group, Found<T>& found) {
  for (int64_t r = 0; r < group.count; ++r) {
    found.top[r] = -__builtin_inff();
    found.log_sum[r] = found.lost[r] = 0;
  }
  for (int64_t c = 0; c < s.classes; ++c) {
    const T* x = group.x + c * s.inner;
    for (int64_t r = 0; r < group.count; ++r) found.top[r] = greater_of(x[r], found.top[r]);
  }
  for (int64_t c = 0; c < s.classes; ++c) {
    const T* x = group.x + c * s.inner;
    each_register<T>(group.count, [&](int64_t r, int64_t count) {
      const Vec<T> e = exp_(take(x + r, count, T(0)) - take(found.top + r, count, T(0)));
      // What an addition rounds away is added up too: columns are as long as rows.
      const Vec<T> before = take(found.log_sum + r, count, T(0)), after = before + e;
      const Vec<T> lost = select(before > e, (before - after) + e, (e - after) + before);
      put(found.lost + r, take(found.lost + r, count, T(0)) + lost, count);
      put(found.log_sum + r, after, count);
    });
  }
}

template <class T> FL_HD void take_logarithms(int64_t n, Found<T>& found) {
  each_register<T>(n, [&](int64_t r, int64_t count) {
    using V = Vec<T>;
    const V sum = take(found.log_sum + r, count, T(1)), lost = take(found.lost + r, count, T(0));
    if constexpr (kIsSingle<V>) {  // a sum is 1 at least, or NaN
      put(found.log_sum + r, log_special(sum, log_of_normal(sum, lost / sum, lit<V>(0))), count);
    } else {
      put(found.log_sum + r, log_(sum + lost), count);
    }
  });
}

/** The sums of weight times ln p over all classes. */
template <class T> FL_HD void sum_logarithms(const Scores<T>& s, const Group<T>& group, Found<T>& found) {
  if (s.inner == 1) {
    for (int64_t r = 0; r < group.count; ++r) {
      const T* x = group.x + r * s.classes;
      const LogSum<T> line = found.at(r);
      found.all[r] = reductions::sum_registers<T>(s.classes, [&](int64_t i, int64_t count) {
        return s.weights_of(i, count) * line.log_p(take(x + i, count, T(0)));
      });
    }
    return;
  }
  for (int64_t r = 0; r < group.count; ++r) found.all[r] = 0;
  for (int64_t c = 0; c < s.classes; ++c) {
    const T* x = group.x + c * s.inner;
    const T w = s.weight_of(c);
    FL_INDEPENDENT for (int64_t r = 0; r < group.count; ++r) {
      found.all[r] += w * ((x[r] - found.top[r]) - found.log_sum[r]);  // in double
    }
  }
}

template <class T>
int32_t cross_entropy_forward(const Scores<T>& s, int32_t reduction, T* y, LogSum<T>* log_sums, T* total_weight) {
  using Total = typename SumOf<T>::Total;
  const Cut<T> cut(s);
  const Scratch<Sums<T>> sums(cut.groups);
  if (!sums) return out_of_memory("cross_entropy");
  each_group(s, cut, [&](const Group<T>& group, int64_t number) {
    Found<T> found;
    if (s.inner == 1) {
      sum_rows(s, group, found);
    } else {
      sum_columns(s, group, found);
    }
    take_logarithms(group.count, found);
    if (s.smoothing.on) sum_logarithms(s, group, found);
    Sums<T> sum = {0, 0};
    for (int64_t r = 0; r < group.count; ++r) {
      const int64_t i = group.first + r, label = s.label(i);
      const LogSum<T> line = found.at(r);
      if (log_sums != nullptr) log_sums[i] = line;
      T loss = 0, w = 0;
      if (label >= 0) {
        w = s.weight_of(label);
        loss = s.smoothing.loss(w, line.log_p(group.x[r * group.step + label * s.inner]),
                                s.smoothing.on ? T(found.all[r]) : T(0));
      }
      if (reduction == FL_NONE) y[i] = loss;
      sum.loss += static_cast<Total>(loss);
      sum.weight += static_cast<Total>(w);
    }
    sums[number] = sum;
  });
  finish_likelihood(reduction, cut.groups, sums.get(), y, total_weight);
  return FL_OK;
}

/** One line: label -1: no class is the target's. streams: by non-temporal stores; gx lies on cache lines. */
template <class T>
FL_HD void slope_line(const Scores<T>& s, const LogSum<T>& line, const Slopes<T>& slopes, int64_t label, const T* x,
                      T* gx, bool streams) {
  using V = Vec<T>;
  each_register<T>(s.classes, [&](int64_t i, int64_t count) {
    V v = exp_(line.log_p(take(x + i, count, T(0)))) * splat<V>(slopes.all);
    if (s.smoothing.on) v -= splat<V>(slopes.even) * s.weights_of(i, count);
    const int64_t lane = label - i;
    if (lane >= 0 && lane < kLanes<T>) v = select(only_lane<V>(lane), v - splat<V>(slopes.sharp), v);
    put_or_stream(streams, gx + i, v, count);
  });
}
/** The same of columns, row by row of them. slopes_at(i, label): those of position i. */
template <class T, class F>
FL_HD void slope_columns(const Scores<T>& s, const Group<T>& group, const LogSum<T>* log_sums, const F& slopes_at,
                         T* gx) {
  alignas(64) T top[kStrip], log_sum[kStrip], all[kStrip], even[kStrip], sharp[kStrip];
  int64_t label[kStrip];
  for (int64_t r = 0; r < group.count; ++r) {
    label[r] = s.label(group.first + r);
    const Slopes<T> slopes = slopes_at(group.first + r, label[r]);
    top[r] = log_sums[group.first + r].top;
    log_sum[r] = log_sums[group.first + r].log_sum;
    all[r] = slopes.all;
    even[r] = slopes.even;
    sharp[r] = slopes.sharp;
  }
  for (int64_t c = 0; c < s.classes; ++c) {
    const T* x = group.x + c * s.inner;
    const Vec<T> w = splat<Vec<T>>(s.weight_of(c));
    each_register<T>(group.count, [&](int64_t r, int64_t count) {
      const Vec<T> log_p = (take(x + r, count, T(0)) - take(top + r, count, T(0))) - take(log_sum + r, count, T(0));
      Vec<T> v = exp_(log_p) * take(all + r, count, T(0));
      if (s.smoothing.on) v -= take(even + r, count, T(0)) * w;
      put(gx + c * s.inner + r, v, count);
    });
  }
  for (int64_t r = 0; r < group.count; ++r) {
    if (label[r] >= 0) gx[label[r] * s.inner + r] -= sharp[r];
  }
}

template <class T>
int32_t cross_entropy_backward(const Scores<T>& s, int32_t reduction, const T* g, const LogSum<T>* log_sums,
                               const T* total_weight, T* gx) {
  const T same = reduction == FL_NONE ? T(0) : reduction == FL_MEAN ? *g / *total_weight : *g;
  T weights = static_cast<T>(s.classes);
  if (s.smoothing.on && s.weight != nullptr) {
    weights = T(reductions::sum_registers<T>(s.classes, [&](int64_t i, int64_t n) { return s.weights_of(i, n); }));
  }
  const auto slopes_at = [&](int64_t i, int64_t label) {
    if (label < 0) return Slopes<T>();
    return Slopes<T>(s.smoothing, reduction == FL_NONE ? g[i] : same, s.weight_of(label), weights);
  };
  const bool streams = s.inner == 1 && should_stream_lines(s.outer, s.classes, s.x, gx);
  each_group(s, Cut<T>(s), [&](const Group<T>& group, int64_t) {
    T* to = gx + (group.x - s.x);
    if (s.inner > 1) {
      slope_columns(s, group, log_sums, slopes_at, to);
      return;
    }
    for (int64_t r = 0; r < group.count; ++r) {
      const int64_t i = group.first + r, row = r * s.classes, label = s.label(i);
      slope_line(s, log_sums[i], slopes_at(i, label), label, group.x + row, to + row, streams);
    }
    if (streams) stream_fence();
  });
  return FL_OK;
}

/** f(scores) in the type of a floating dtype, once all targets are classes or ignored. */
template <class F>
FL_HD int32_t with_scores(const char* op, int32_t dtype, int64_t outer, int64_t classes, int64_t inner, fl_address x,
                          fl_address target, fl_address weight, int64_t ignore_index, double smoothing, const F& f) {
  const int64_t* labels = pointer<const int64_t>(target);
  const int32_t checked = check_targets(op, outer * inner, labels, classes, ignore_index);
  if (checked != FL_OK) return checked;
  return visit<kFloats>(op, dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    return f(Scores<T>{outer, classes, inner, pointer<const T>(x), labels, pointer<const T>(weight), ignore_index,
                       Smoothing<T>(smoothing, classes)});
  });
}

}  // namespace losses

FL_KERNEL int32_t cross_entropy(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                                fl_address x, fl_address target, fl_address weight, fl_address y, fl_address log_sums,
                                fl_address total_weight, int64_t ignore_index, double smoothing) {
  return losses::with_scores("cross_entropy", dtype, outer, classes, inner, x, target, weight, ignore_index, smoothing,
                             [&](const auto& s) -> int32_t {
                               using T = decltype(s.smoothing.even);
                               return losses::cross_entropy_forward(
                                   s, reduction, pointer<T>(y), pointer<LogSum<T>>(log_sums), pointer<T>(total_weight));
                             });
}

FL_KERNEL int32_t cross_entropy_grad(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                                     fl_address g, fl_address x, fl_address log_sums, fl_address target,
                                     fl_address weight, fl_address total_weight, fl_address gx, int64_t ignore_index,
                                     double smoothing) {
  return losses::with_scores("cross_entropy_grad", dtype, outer, classes, inner, x, target, weight, ignore_index,
                             smoothing, [&](const auto& s) -> int32_t {
                               using T = decltype(s.smoothing.even);
                               return losses::cross_entropy_backward(s, reduction, pointer<const T>(g),
                                                                     pointer<const LogSum<T>>(log_sums),
                                                                     pointer<const T>(total_weight), pointer<T>(gx));
                             });
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
