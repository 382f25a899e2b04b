/* What the losses at class indices share: checked targets, and the sums of losses and weights. */
#ifndef FLAMBEAU_KERNELS_LIKELIHOOD_H
#define FLAMBEAU_KERNELS_LIKELIHOOD_H
#include "reduce_lines.h"

namespace flambeau {
namespace FL_ISA {
namespace losses {

/** Every target is a class or ignored; else the status, with the first bad one in the message. */
inline int32_t check_targets(const char* op, int64_t n, const int64_t* target, int64_t classes, int64_t ignore_index) {
  const auto is_bad = [=](int64_t label) {
    return int64_t{label != ignore_index} & int64_t{static_cast<uint64_t>(label) >= static_cast<uint64_t>(classes)};
  };
  int64_t bad = 0;
  for (int64_t i = 0; i < n; ++i) bad |= is_bad(target[i]);
  if (bad == 0) return FL_OK;
  int64_t i = 0;
  while (i < n - 1 && !is_bad(target[i])) ++i;
  return fail(FL_BAD_INDEX, "%s: target %lld at position %lld is not a class; give 0 to %lld, or %lld to ignore", op,
              static_cast<long long>(target[i]), static_cast<long long>(i), static_cast<long long>(classes - 1),
              static_cast<long long>(ignore_index));
}

/** A target that was checked, by one read; -1: it is ignored, as what another thread has written meanwhile may be. */
FL_HD int64_t label_at(const int64_t* target, int64_t classes, int64_t ignore_index) {
  const int64_t label = read_once(target);
  return label != ignore_index && static_cast<uint64_t>(label) < static_cast<uint64_t>(classes) ? label : -1;
}

template <class T> struct Sums { typename SumOf<T>::Total loss, weight; };

/** Merges the sums in order, into the mean or the sum, and the weight of all. */
template <class T>
FL_HD void finish_likelihood(int32_t reduction, int64_t n, const Sums<T>* sums, T* y, T* total_weight) {
  Sums<T> all = {0, 0};
  for (int64_t i = 0; i < n; ++i) {
    all.loss += sums[i].loss;
    all.weight += sums[i].weight;
  }
  *total_weight = T(all.weight);
  if (reduction == FL_MEAN) *y = T(all.loss / all.weight);
  if (reduction == FL_SUM) *y = T(all.loss);
}

}  // namespace losses
}  // namespace FL_ISA
}  // namespace flambeau
#endif
