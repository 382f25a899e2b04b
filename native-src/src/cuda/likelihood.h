/* What losses at class indices share: the class of a position, and the sums of losses and weights. */
#ifndef FLAMBEAU_CUDA_LIKELIHOOD_H
#define FLAMBEAU_CUDA_LIKELIHOOD_H
#include "reduce_by.h"

namespace flambeau {
namespace device {

template <class T> struct Labels {
  const T* x;  // (outer, classes, inner)
  const int64_t* target;
  const T* weight;
  int64_t classes, inner, ignore_index;
  Reporter reporter;
  Quotient by_inner;  // of positions

  /** The class of position i; -1: it counts nothing. */
  __device__ int64_t label(int64_t i) const {
    const int64_t label = target[i];
    if (label == ignore_index) return -1;
    if (static_cast<uint64_t>(label) >= static_cast<uint64_t>(classes)) {
      reporter.report(FL_BAD_INDEX, label, classes);
      return -1;
    }
    return label;
  }
  /** Where its first score is; the next ones follow `inner` apart. */
  __device__ int64_t first(int64_t i) const { return by_inner.divide(i) * (classes - 1) * inner + i; }
  __device__ Compute<T> factor(int64_t label) const {
    return weight != nullptr ? to_compute(weight[label]) : Compute<T>(1);
  }
};

template <class T>
Labels<T> labels_of(const Device& d, const char* op, int64_t outer, int64_t classes, int64_t inner, fl_address x,
                    fl_address target, fl_address weight, int64_t ignore_index) {
  return {
      pointer<const T>(x), pointer<const int64_t>(target),    pointer<const T>(weight), classes, inner, ignore_index,
      d.reporter(op),      Quotient::of(inner, outer * inner)};
}

template <class T> __global__ void check_kernel(Labels<T> labels, int64_t n) {
  for (int64_t i = first_item(); i < n; i += item_step()) labels.label(i);
}
/** With FL_CUDA_SYNC targets are checked first, so that nothing is written when one is wrong. */
template <class T> int32_t check_first(Device& d, const char* op, const Labels<T>& labels, int64_t n) {
  return is_on(FL_CUDA_SYNC) ? launch(d, op, check_kernel<T>, grid_for(d, n), labels, n) : int32_t{FL_OK};
}

/** What one position adds: its loss, and its weight. */
template <class C> struct Terms { C loss, weight; };
template <class C> struct TermsOf {
  using W = typename SumOf<C>::Total;
  using Lane = Terms<W>;
  using Total = Terms<W>;
  FL_HD static Lane lane() { return {0, 0}; }
  template <class X> FL_HD static Lane step(Lane lane, Terms<X> x) {
    return {lane.loss + static_cast<W>(x.loss), lane.weight + static_cast<W>(x.weight)};
  }
  FL_HD static Total widen(Lane lane) { return lane; }
  FL_HD static Total merge(Total a, Total b) { return {a.loss + b.loss, a.weight + b.weight}; }
};

template <class T> struct StoreLikelihood {
  int32_t reduction;
  T *y, *total_weight;
  __device__ void operator()(int64_t, typename TermsOf<Compute<T>>::Total all) const {
    *total_weight = from_compute<T>(all.weight);
    if (reduction == FL_MEAN) *y = from_compute<T>(all.loss / all.weight);
    if (reduction == FL_SUM) *y = from_compute<T>(all.loss);
  }
};

}  // namespace device
}  // namespace flambeau
#endif
