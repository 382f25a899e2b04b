/* The slopes of cross entropy at class indices: each score is read once, and each slope written once. */
#include "../shared/cross_entropy.h"

#include "kernels.h"
#include "likelihood.h"

namespace flambeau {
namespace device {
namespace {

/** What backward reads for every position. */
template <class T> struct Slope {
  using C = Compute<T>;
  Labels<T> labels;
  Smoothing<C> smoothing;
  int32_t reduction;
  const T *g, *total_weight;
  const LogSum<C>* log_sums;
  const C* weights;  // their sum; null: ones
  T* gx;
};
/** The slopes of one position. same: the gradient of all, unless each has its own. */
template <class T> struct At {
  using C = Compute<T>;
  int64_t label;
  LogSum<C> line;
  Slopes<C> slopes;

  __device__ static C same(const Slope<T>& f) {
    if (f.reduction == FL_NONE) return C(0);
    return f.reduction == FL_MEAN ? to_compute(*f.g) / to_compute(*f.total_weight) : to_compute(*f.g);
  }
  __device__ At(const Slope<T>& f, int64_t i, C same) : label(f.labels.label(i)), line(f.log_sums[i]) {
    if (label < 0) return;
    const C weights = f.weights != nullptr ? *f.weights : static_cast<C>(f.labels.classes);
    slopes =
        Slopes<C>(f.smoothing, f.reduction == FL_NONE ? to_compute(f.g[i]) : same, f.labels.factor(label), weights);
  }
  __device__ T value(const Slope<T>& f, int64_t c, T x) const {
    C v = exp_(line.log_p(to_compute(x))) * slopes.all;
    if (f.smoothing.on) v -= slopes.even * f.labels.factor(c);
    if (c == label) v -= slopes.sharp;
    return from_compute<T>(v);
  }
};

/** Rows as one run of n elements, P at a time wherever rows end: tiles are found by a division, elements by counting. */
template <int P, class T> __global__ void slope_rows(Slope<T> f, int64_t n, Quotient by_classes) {
  constexpr int64_t kTile = int64_t{kThreads} * P * kInFlight;
  const int64_t classes = f.labels.classes;
  const Compute<T> same = At<T>::same(f);
  for (int64_t first = blockIdx.x * kTile; first < n; first += gridDim.x * kTile) {
    const int64_t first_row = by_classes.divide(first), first_class = first - first_row * classes;
    Pack<T, P> packs[kInFlight];
#pragma unroll
    for (int u = 0; u < kInFlight; ++u) {
      const int64_t at = first + (u * kThreads + static_cast<int>(threadIdx.x)) * P;
      if (at + P <= n) packs[u] = *reinterpret_cast<const Pack<T, P>*>(f.labels.x + at);
    }
#pragma unroll
    for (int u = 0; u < kInFlight; ++u) {
      const int64_t at = first + (u * kThreads + static_cast<int>(threadIdx.x)) * P;
      if (at >= n) break;
      int64_t row = first_row, c = first_class + (at - first);
      if (classes >= kTile) {  // one row ends here, at most
        row += c >= classes;
        c -= c >= classes ? classes : 0;
      } else {
        const uint32_t past = static_cast<uint32_t>(c) / static_cast<uint32_t>(classes);
        row += past;
        c -= past * classes;
      }
      At<T> position(f, row, same);
      if (at + P > n) {  // the last elements fill no pack
        for (int64_t k = at; k < n; ++k, ++c) {
          if (c == classes) {
            position = At<T>(f, ++row, same);
            c = 0;
          }
          f.gx[k] = position.value(f, c, f.labels.x[k]);
        }
        break;
      }
#pragma unroll
      for (int q = 0; q < P; ++q, ++c) {
        if (c == classes) {
          position = At<T>(f, ++row, same);
          c = 0;
        }
        packs[u].at[q] = position.value(f, c, packs[u].at[q]);
      }
      *reinterpret_cast<Pack<T, P>*>(f.gx + at) = packs[u];
    }
  }
}

/** A thread for a share of each position's classes, side by side with other positions'. */
template <class T>
__global__ void slope_columns(Slope<T> f, int64_t positions, int64_t shares, Quotient by_inner, Quotient by_shares) {
  const int64_t classes = f.labels.classes, inner = f.labels.inner, share_len = ceil_div(classes, shares);
  const Compute<T> same = At<T>::same(f);
  for (int64_t task = first_item(); task < positions * shares; task += item_step()) {
    const int64_t line = by_inner.divide(task), i = task - line * inner;
    const int64_t o = by_shares.divide(line), share = line - o * shares;
    const int64_t from = o * classes * inner + i, end = least(classes, (share + 1) * share_len);
    const At<T> position(f, o * inner + i, same);
#pragma unroll 4
    for (int64_t c = share * share_len; c < end; ++c) {
      f.gx[from + c * inner] = position.value(f, c, f.labels.x[from + c * inner]);
    }
  }
}

template <class C> struct StoreSum {
  C* y;
  __device__ void operator()(int64_t, typename SumOf<C>::Total total) const { *y = static_cast<C>(total); }
};

template <class T> int32_t backward(Device& d, Slope<T> f, int64_t outer) {
  using C = Compute<T>;
  const int64_t classes = f.labels.classes, inner = f.labels.inner, positions = outer * inner;
  const bool summed = f.smoothing.on && f.labels.weight != nullptr;
  const Scratch<C> weights(d, summed ? 1 : 0);
  if (!weights) return out_of_memory("cross_entropy_grad");
  if (summed) {
    const int32_t status = reduce_lines<SumOf<C>>(d, "cross_entropy_grad", 1, classes, LoadFrom<T>{f.labels.weight},
                                                  StoreSum<C>{weights.get()});
    if (status != FL_OK) return status;
    f.weights = weights.get();
  }
  if (inner == 1) {
    constexpr int P = kPack<T>;
    const int64_t n = positions * classes;
    const bool packed = packs(f.labels.x, f.gx);
    return launch(d, "cross_entropy_grad", packed ? slope_rows<P, T> : slope_rows<1, T>,
                  grid_for(d, n, (packed ? P : 1) * kInFlight), f, n, Quotient::of(classes, n));
  }
  // Shares of at least 8 classes, as many as keep the GPU busy.
  const int64_t wanted = ceil_div(static_cast<int64_t>(d.processors) * 2048, positions);
  const int64_t shares = most<int64_t>(1, least(wanted, classes / 8));
  return launch(d, "cross_entropy_grad", slope_columns<T>, grid_for(d, positions * shares), f, positions, shares,
                Quotient::of(inner, positions * shares), Quotient::of(shares, outer * shares));
}

}  // namespace

int32_t cross_entropy_grad(Device& d, int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                           fl_address g, fl_address x, fl_address log_sums, fl_address target, fl_address weight,
                           fl_address total_weight, fl_address gx, int64_t ignore_index, double smoothing) {
  return visit<kFloats>("cross_entropy_grad", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    using C = Compute<T>;
    const auto labels = labels_of<T>(d, "cross_entropy_grad", outer, classes, inner, x, target, weight, ignore_index);
    const int32_t checked = check_first(d, "cross_entropy_grad", labels, outer * inner);
    if (checked != FL_OK) return checked;
    return backward(
        d,
        Slope<T>{labels, Smoothing<C>(smoothing, classes), reduction, pointer<const T>(g),
                 pointer<const T>(total_weight), pointer<const LogSum<C>>(log_sums), nullptr, pointer<T>(gx)},
        outer);
  });
}

}  // namespace device
}  // namespace flambeau
