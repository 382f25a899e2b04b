/* Losses and their gradients. */
#ifndef FLAMBEAU_KERNELS_LOSS_INL
#define FLAMBEAU_KERNELS_LOSS_INL
#include "../../shared/loss_functors.h"
#include "likelihood.h"

namespace flambeau {
namespace FL_ISA {
namespace losses {

using reductions::kLineBlock;
constexpr int64_t kTerms = 1024;  // terms of a likelihood that one task sums

template <class F> FL_HD int32_t visit(int32_t op, const F& f) {
  switch (op) {
    case FL_LOSS_MSE: return f(SquaredError());
    case FL_LOSS_L1: return f(AbsoluteError());
    case FL_LOSS_BCE: return f(CrossEntropyOfProbability());
    case FL_LOSS_BCE_LOGITS: return f(CrossEntropyOfLogit());
    default: return fail(FL_UNSUPPORTED, "loss: no loss has the code %d", op);
  }
}

template <class Op, class T>
int32_t forward(const Op& op, int32_t reduction, int64_t n, const T* x, const T* target, T* y) {
  const double ns = IsSame<T, float>::value ? 0.8 : 8;
  const auto terms = [&](int64_t i, int64_t count) {
    return op.value(take(x + i, count, T(0.5)), take(target + i, count, T(0)));
  };
  if (reduction == FL_NONE) {
    parallel_blocks(n, ns, [&](int64_t begin, int64_t end) {
      each_register<T>(end - begin,
                       [&](int64_t i, int64_t count) { put(y + begin + i, terms(begin + i, count), count); });
    });
    return FL_OK;
  }
  using Total = typename SumOf<T>::Total;
  const int64_t blocks = (n + kLineBlock - 1) / kLineBlock;
  const Scratch<Total> totals(blocks);
  if (!totals) return out_of_memory("loss");
  parallel_for(blocks, ns * static_cast<double>(min_of(n, kLineBlock)), [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      const int64_t from = b * kLineBlock;
      totals[b] = reductions::sum_registers<T>(min_of(kLineBlock, n - from),
                                               [&](int64_t i, int64_t count) { return terms(from + i, count); });
    }
  });
  Total total = 0;
  for (int64_t b = 0; b < blocks; ++b) total += totals[b];
  *y = T(reduction == FL_MEAN ? total / static_cast<Total>(n) : total);
  return FL_OK;
}

template <class Op, class T>
int32_t backward(const Op& op, int32_t reduction, int64_t n, const T* g, const T* x, const T* target, T* gx) {
  const T same = reduction == FL_NONE ? T(0) : reduction == FL_MEAN ? *g / T(n) : *g;
  parallel_blocks(n, IsSame<T, float>::value ? 0.6 : 8, [&](int64_t begin, int64_t end) {
    each_register<T>(end - begin, [&](int64_t at, int64_t count) {
      const int64_t i = begin + at;
      const Vec<T> factor = reduction == FL_NONE ? take(g + i, count, T(0)) : splat<Vec<T>>(same);
      put(gx + i, op.grad(factor, take(x + i, count, T(0.5)), take(target + i, count, T(0))), count);
    });
  });
  return FL_OK;
}

template <class T>
int32_t nll_forward(int32_t reduction, int64_t outer, int64_t classes, int64_t inner, const T* log_p,
                    const int64_t* target, const T* weight, T* y, T* total_weight, int64_t ignore_index) {
  using Total = typename SumOf<T>::Total;
  const int64_t n = outer * inner, blocks = (n + kTerms - 1) / kTerms;
  const Scratch<Sums<T>> sums(blocks);
  if (!sums) return out_of_memory("nll_loss");
  parallel_for(blocks, 2.0 * static_cast<double>(min_of(n, kTerms)), [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      Sums<T> sum = {0, 0};
      for (int64_t i = b * kTerms; i < min_of(n, (b + 1) * kTerms); ++i) {
        const int64_t label = label_at(target + i, classes, ignore_index);
        const bool counts = label >= 0;
        const T w = !counts ? T(0) : weight != nullptr ? weight[label] : T(1);
        const T loss = counts ? -w * log_p[(i / inner * classes + label) * inner + i % inner] : T(0);
        if (reduction == FL_NONE) y[i] = loss;
        sum.loss += static_cast<Total>(loss);
        sum.weight += static_cast<Total>(w);
      }
      sums[b] = sum;
    }
  });
  finish_likelihood(reduction, blocks, sums.get(), y, total_weight);
  return FL_OK;
}

template <class T>
int32_t nll_backward(int32_t reduction, int64_t outer, int64_t classes, int64_t inner, const T* g,
                     const int64_t* target, const T* weight, const T* total_weight, T* gx, int64_t ignore_index) {
  const T same = reduction == FL_NONE ? T(0) : reduction == FL_MEAN ? *g / *total_weight : *g;
  const int64_t plane = classes * inner;
  parallel_for(outer, 0.1 * static_cast<double>(plane) + 2.0 * static_cast<double>(inner),
               [&](int64_t begin, int64_t end) {
                 for (int64_t o = begin; o < end; ++o) {
                   T* to = gx + o * plane;
                   __builtin_memset(to, 0, static_cast<size_t>(plane) * sizeof(T));
                   for (int64_t i = 0; i < inner; ++i) {
                     const int64_t label = label_at(target + o * inner + i, classes, ignore_index);
                     if (label < 0) continue;
                     const T factor = reduction == FL_NONE ? g[o * inner + i] : same;
                     to[label * inner + i] = weight != nullptr ? -weight[label] * factor : -factor;
                   }
                 }
               });
  return FL_OK;
}

}  // namespace losses

FL_KERNEL int32_t loss(int32_t op, int32_t reduction, int32_t dtype, int64_t n, fl_address x, fl_address target,
                       fl_address y) {
  return visit<kFloats>("loss", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    return losses::visit(op, [&](const auto& f) {
      return losses::forward(f, reduction, n, pointer<const T>(x), pointer<const T>(target), pointer<T>(y));
    });
  });
}

FL_KERNEL int32_t loss_grad(int32_t op, int32_t reduction, int32_t dtype, int64_t n, fl_address g, fl_address x,
                            fl_address target, fl_address gx) {
  return visit<kFloats>("loss_grad", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    return losses::visit(op, [&](const auto& f) {
      return losses::backward(f, reduction, n, pointer<const T>(g), pointer<const T>(x), pointer<const T>(target),
                              pointer<T>(gx));
    });
  });
}

FL_KERNEL int32_t nll_loss(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                           fl_address log_probabilities, fl_address target, fl_address weight, fl_address y,
                           fl_address total_weight, int64_t ignore_index) {
  const int64_t* labels = pointer<const int64_t>(target);
  const int32_t checked = losses::check_targets("nll_loss", outer * inner, labels, classes, ignore_index);
  if (checked != FL_OK) return checked;
  return visit<kFloats>("nll_loss", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    return losses::nll_forward(reduction, outer, classes, inner, pointer<const T>(log_probabilities), labels,
                               pointer<const T>(weight), pointer<T>(y), pointer<T>(total_weight), ignore_index);
  });
}

FL_KERNEL int32_t nll_loss_grad(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                                fl_address g, fl_address target, fl_address weight, fl_address total_weight,
                                fl_address gx, int64_t ignore_index) {
  const int64_t* labels = pointer<const int64_t>(target);
  const int32_t checked = losses::check_targets("nll_loss", outer * inner, labels, classes, ignore_index);
  if (checked != FL_OK) return checked;
  return visit<kFloats>("nll_loss_grad", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    return losses::nll_backward(reduction, outer, classes, inner, pointer<const T>(g), labels, pointer<const T>(weight),
                                pointer<const T>(total_weight), pointer<T>(gx), ignore_index);
  });
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
