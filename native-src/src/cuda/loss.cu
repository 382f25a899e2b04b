/* Losses and their gradients. */
#include "../shared/loss_functors.h"
#include "kernels.h"
#include "likelihood.h"

namespace flambeau {
namespace device {
namespace {

template <class T> using WideOf = typename SumOf<Compute<T>>::Total;

template <class F> int32_t visit_loss(int32_t op, const F& f) {
  switch (op) {
    case FL_LOSS_MSE: return f(SquaredError());
    case FL_LOSS_L1: return f(AbsoluteError());
    case FL_LOSS_BCE: return f(CrossEntropyOfProbability());
    case FL_LOSS_BCE_LOGITS: return f(CrossEntropyOfLogit());
    default: return fail(FL_UNSUPPORTED, "loss: no loss has the code %d", op);
  }
}

/** An element's loss. What is no probability, and has to be, is reported: to check it the caller would have to wait. */
template <class Op, class T> struct LoadTerm {
  const T *x, *target;
  Reporter reporter;
  __device__ Compute<T> operator()(int64_t at, int64_t) const {
    const Compute<T> p = to_compute(x[at]);
    if (IsSame<Op, CrossEntropyOfProbability>::value && (p < 0 || p > 1)) reporter.report(FL_UNSUPPORTED, 0, 0);
    return Op().value(p, to_compute(target[at]));
  }
};
template <class Op, class T> __global__ void each_kernel(int64_t n, LoadTerm<Op, T> load, T* y) {
  for (int64_t i = first_item(); i < n; i += item_step()) y[i] = from_compute<T>(load(i, 0));
}

template <class Op, class T>
__global__ void grad_kernel(int32_t reduction, int64_t n, const T* g, const T* x, const T* target, T* gx) {
  using C = Compute<T>;
  const C same = reduction == FL_NONE ? C(0) : reduction == FL_MEAN ? to_compute(*g) / C(n) : to_compute(*g);
  for (int64_t i = first_item(); i < n; i += item_step()) {
    const C factor = reduction == FL_NONE ? to_compute(g[i]) : same;
    gx[i] = from_compute<T>(Op().grad(factor, to_compute(x[i]), to_compute(target[i])));
  }
}

/* ------------------------------------------------------------------------------------------------ likelihoods */
template <class T> struct LoadLikelihood {
  Labels<T> labels;
  T* each;  // null unless each loss is wanted
  __device__ Terms<Compute<T>> operator()(int64_t i, int64_t) const {
    using C = Compute<T>;
    const int64_t label = labels.label(i);
    const C w = label < 0 ? C(0) : labels.factor(label);
    C loss = 0;
    if (label >= 0) {
      loss = -w * to_compute(labels.x[labels.first(i) + label * labels.inner]);
    }
    if (each != nullptr) each[i] = from_compute<T>(loss);
    return {loss, w};
  }
};

/** Every element of gx is written once: a position's gradient at its class, 0 elsewhere. */
template <class T>
__global__ void likelihood_grad(Labels<T> labels, int32_t reduction, int64_t n, Quotient by_inner, Quotient by_classes,
                                const T* g, const T* total_weight, T* gx) {
  using C = Compute<T>;
  const C same = reduction == FL_NONE   ? C(0)
                 : reduction == FL_MEAN ? to_compute(*g) / to_compute(*total_weight)
                                        : to_compute(*g);
  for (int64_t at = first_item(); at < n * labels.classes; at += item_step()) {
    const int64_t line = by_inner.divide(at), o = by_classes.divide(line), c = line - o * labels.classes;
    const int64_t position = at + (o - line) * labels.inner;
    C value = 0;
    if (labels.label(position) == c) {
      value = -labels.factor(c) * (reduction == FL_NONE ? to_compute(g[position]) : same);
    }
    gx[at] = from_compute<T>(value);
  }
}

}  // namespace

int32_t loss(Device& d, int32_t op, int32_t reduction, int32_t dtype, int64_t n, fl_address x, fl_address target,
             fl_address y) {
  return visit<kFloats>("loss", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    using C = Compute<T>;
    const T *from = pointer<const T>(x), *wanted = pointer<const T>(target);
    T* to = pointer<T>(y);
    return visit_loss(op, [&](auto f) -> int32_t {
      using Op = decltype(f);
      const LoadTerm<Op, T> load = {from, wanted, d.reporter("bceLoss")};
      if (reduction == FL_NONE) return launch(d, "loss", each_kernel<Op, T>, grid_for(d, n), n, load, to);
      return reduction == FL_MEAN ? reduce_lines<MeanOf<C>>(d, "loss", 1, n, load, StoreTo<MeanOf<C>, T>{to, n})
                                  : reduce_lines<SumOf<C>>(d, "loss", 1, n, load, StoreTo<SumOf<C>, T>{to, n});
    });
  });
}

int32_t loss_grad(Device& d, int32_t op, int32_t reduction, int32_t dtype, int64_t n, fl_address g, fl_address x,
                  fl_address target, fl_address gx) {
  return visit<kFloats>("loss_grad", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    return visit_loss(op, [&](auto f) -> int32_t {
      return launch(d, "loss_grad", grad_kernel<decltype(f), T>, grid_for(d, n), reduction, n, pointer<const T>(g),
                    pointer<const T>(x), pointer<const T>(target), pointer<T>(gx));
    });
  });
}

int32_t nll_loss(Device& d, int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                 fl_address log_probabilities, fl_address target, fl_address weight, fl_address y,
                 fl_address total_weight, int64_t ignore_index) {
  return visit<kFloats>("nll_loss", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const auto labels =
        labels_of<T>(d, "nll_loss", outer, classes, inner, log_probabilities, target, weight, ignore_index);
    const int32_t checked = check_first(d, "nll_loss", labels, outer * inner);
    if (checked != FL_OK) return checked;
    const LoadLikelihood<T> load = {labels, reduction == FL_NONE ? pointer<T>(y) : nullptr};
    return reduce_lines<TermsOf<Compute<T>>>(d, "nll_loss", 1, outer * inner, load,
                                             StoreLikelihood<T>{reduction, pointer<T>(y), pointer<T>(total_weight)});
  });
}

int32_t nll_loss_grad(Device& d, int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                      fl_address g, fl_address target, fl_address weight, fl_address total_weight, fl_address gx,
                      int64_t ignore_index) {
  return visit<kFloats>("nll_loss_grad", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const auto labels = labels_of<T>(d, "nll_loss", outer, classes, inner, 0, target, weight, ignore_index);
    const int32_t checked = check_first(d, "nll_loss", labels, outer * inner);
    if (checked != FL_OK) return checked;
    const int64_t n = outer * inner;
    return launch(d, "nll_loss_grad", likelihood_grad<T>, grid_for(d, n * classes), labels, reduction, n,
                  Quotient::of(inner, n * classes), Quotient::of(classes, outer * classes), pointer<const T>(g),
                  pointer<const T>(total_weight), pointer<T>(gx));
  });
}

}  // namespace device
}  // namespace flambeau
