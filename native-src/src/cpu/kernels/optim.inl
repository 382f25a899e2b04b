/* One step of an optimizer (shared/optimizers.h) for all parameters of a group. */
#ifndef FLAMBEAU_KERNELS_OPTIM_INL
#define FLAMBEAU_KERNELS_OPTIM_INL
#include "../../shared/optimizers.h"
#include "support.h"

namespace flambeau {
namespace FL_ISA {
namespace optimizers {

/**
 * f(row, begin, end) for ranges of elements of every row of a table, cut into even shares of the whole, however large
 * or small the rows are.
 */
template <class F> FL_HD void for_rows(int64_t count, const int64_t* table, double ns, const F& f) {
  int64_t total = 0;
  for (int64_t r = 0; r < count; ++r) total += table[r * FL_ROW_LENGTH + FL_ROW_N];
  parallel_blocks(total, ns, [&](int64_t begin, int64_t end) {
    int64_t start = 0;  // where the row begins in the numbering of all elements
    for (int64_t r = 0; r < count && start < end; ++r) {
      const int64_t* row = table + r * FL_ROW_LENGTH;
      const int64_t from = max_of(begin - start, 0), to = min_of(end - start, row[FL_ROW_N]);
      if (from < to) f(row, from, to);
      start += row[FL_ROW_N];
    }
  });
}

/** A step for elements of a row that has the states kHas. */
template <int kHas, class T, class Optimizer>
void step_range(const Optimizer& optimizer, const int64_t* row, int64_t begin, int64_t end) {
  const Optimizer o = optimizer;
  T* parameter = pointer<T>(row[FL_ROW_PARAMETER]);
  const T* gradient = pointer<const T>(row[FL_ROW_GRADIENT]);
  const int64_t* states = row + FL_ROW_STATES;
  T *s0 = pointer<T>(states[0]), *s1 = pointer<T>(states[1]), *s2 = pointer<T>(states[2]), *s3 = pointer<T>(states[3]);
  FL_INDEPENDENT
  for (int64_t i = begin; i < end; ++i) {
    T p = parameter[i], s[4] = {};
    if constexpr ((kHas & 1) != 0) s[0] = s0[i];
    if constexpr ((kHas & 2) != 0) s[1] = s1[i];
    if constexpr ((kHas & 4) != 0) s[2] = s2[i];
    if constexpr ((kHas & 8) != 0) s[3] = s3[i];
    o.step(p, gradient[i], s, kHas);
    if constexpr ((kHas & 1) != 0) s0[i] = s[0];
    if constexpr ((kHas & 2) != 0) s1[i] = s[1];
    if constexpr ((kHas & 4) != 0) s2[i] = s[2];
    if constexpr ((kHas & 8) != 0) s3[i] = s[3];
    parameter[i] = p;
  }
}

/** step_range for what there is: kHas, and such bits of kMayHave as `has` has. */
template <int kHas, int kMayHave, class T, class Optimizer>
void step_row(int has, const Optimizer& optimizer, const int64_t* row, int64_t begin, int64_t end) {
  if constexpr (kMayHave == 0) {
    step_range<kHas, T>(optimizer, row, begin, end);
  } else {
    constexpr int kBit = kMayHave & -kMayHave;
    if (has & kBit) {
      step_row<kHas | kBit, kMayHave ^ kBit, T>(has, optimizer, row, begin, end);
    } else {
      step_row<kHas, kMayHave ^ kBit, T>(has, optimizer, row, begin, end);
    }
  }
}

}  // namespace optimizers

FL_KERNEL int32_t step(int32_t kind, int32_t dtype, int32_t flags, int64_t count, fl_rows table) {
  using namespace optimizers;
  return visit_optimizer(kind, [&](auto optimizer) {
    return visit<kFloats>(decltype(optimizer)::template Of<float>::name, dtype, [&](auto tag) {
      using T = decltype(tag.value);
      using Step = typename decltype(optimizer)::template Of<T>;
      for_rows(count, pointer<const int64_t>(table), Step::ns, [&](const int64_t* row, int64_t begin, int64_t end) {
        const Step step(flags, {row + FL_ROW_NUMBERS});
        int has = step.options;
        for (int k = 0; k < FL_ROW_NUMBERS - FL_ROW_STATES; ++k) has |= row[FL_ROW_STATES + k] != 0 ? 1 << k : 0;
        step_row<Step::needs, Step::may_have, T>(has, step, row, begin, end);
      });
      return FL_OK;
    });
  });
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
