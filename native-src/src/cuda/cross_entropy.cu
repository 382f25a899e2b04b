/*
 * Cross entropy at class indices. Forward: a thread, a warp or a block holds a line of neighbours in registers, and
 * reads it once; what is longer, or lies `inner` apart, is walked with a running maximum. Losses and weights are added up
 * on the way: block by block, then the blocks', in an order that depends on the shape alone. One launch each. Backward
 * reads each score once and writes each slope once.
 */
#include "../shared/cross_entropy.h"

#include "kernels.h"
#include "likelihood.h"

namespace flambeau {
namespace device {
namespace {

template <class C> struct PlusOf {
  FL_HD static C merge(C a, C b) { return a + b; }
};
/** Who holds a line together. */
struct ByThread {
  template <class R, class V> __device__ V all(V value) const { return value; }
};
struct ByWarp {
  template <class R, class V> __device__ V all(V value) const { return merge_warp<R>(value); }
};
template <class C> struct ByBlock {
  C* room;
  template <class R, class V> __device__ V all(V value) const { return merge_block<R>(value, room); }
};

/** The scores, and where what is found about a position goes. */
template <class T> struct Scores {
  using C = Compute<T>;
  Labels<T> labels;
  Smoothing<C> smoothing;
  LogSum<C>* log_sums;  // null: not wanted
  T* each;              // null unless each loss is wanted

  __device__ C weight(int64_t c) const { return labels.factor(c); }
  /** Position i, whose scores begin at `at`. all: the weighted logarithms of all classes, with smoothing. */
  __device__ Terms<C> close(int64_t i, int64_t at, LogSum<C> line, C all) const {
    const int64_t label = labels.label(i);
    Terms<C> terms = {0, 0};
    if (label >= 0) {
      terms.weight = weight(label);
      const C log_p = line.log_p(to_compute(labels.x[at + label * labels.inner]));
      terms.loss = smoothing.loss(terms.weight, log_p, all);
    }
    if (log_sums != nullptr) log_sums[i] = line;
    if (each != nullptr) each[i] = from_compute<T>(terms.loss);
    return terms;
  }
};

/** Where a block's sum goes. The last block to come adds them all up, in order, whichever it is. */
template <class T> struct BlockSums {
  using R = TermsOf<Compute<T>>;
  StoreLikelihood<T> store;
  typename R::Total* partial;  // null: one block
  uint32_t* ticket;
  __device__ void close(typename R::Total sum) const {
    __shared__ typename R::Total room[32];
    sum = merge_block<R>(sum, room);
    if (partial != nullptr) {
      if (threadIdx.x == 0) partial[blockIdx.x] = sum;
      if (!is_last(ticket, gridDim.x)) return;
      sum = R::lane();
      for (unsigned b = threadIdx.x; b < gridDim.x; b += blockDim.x) sum = R::merge(sum, partial[b]);
      sum = merge_block<R>(sum, room);
    }
    if (threadIdx.x == 0) store(0, sum);
  }
};

/* ------------------------------------------------------------------------------------------------ held lines */
/** A line held by `members`, N scores each, read P at a time: the terms for member 0, nothing for the others. */
template <int N, int P, class T, class By>
__device__ Terms<Compute<T>> hold(const Scores<T>& s, int64_t row, int member, int members, const By& by) {
  using C = Compute<T>;
  const int64_t len = s.labels.classes;
  const T* x = s.labels.x + row * len;
  C e[N];
#pragma unroll
  for (int j = 0; j < N; j += P) {
    const int64_t k = static_cast<int64_t>(j / P * members + member) * P;
    if (k < len) {
      const Pack<T, P> pack = *reinterpret_cast<const Pack<T, P>*>(x + k);
#pragma unroll
      for (int q = 0; q < P; ++q) e[j + q] = to_compute(pack.at[q]);
    } else {
#pragma unroll
      for (int q = 0; q < P; ++q) e[j + q] = -C(__builtin_inf());
    }
  }
  LogSum<C> line;
  line.top = e[0];
#pragma unroll
  for (int j = 1; j < N; ++j) line.top = ExtremeOf<C, true>::step(line.top, e[j]);
  line.top = by.template all<ExtremeOf<C, true>>(line.top);
  C sum = 0, all = 0;
#pragma unroll
  for (int j = 0; j < N; ++j) {
    if (static_cast<int64_t>(j / P * members + member) * P < len) sum += exp_(e[j] - line.top);
  }
  line.log_sum = log_(by.template all<PlusOf<C>>(sum));
  if (s.smoothing.on) {
#pragma unroll
    for (int j = 0; j < N; ++j) {
      const int64_t k = static_cast<int64_t>(j / P * members + member) * P + j % P;
      if (k < len) all += s.weight(k) * line.log_p(e[j]);
    }
    all = by.template all<PlusOf<C>>(all);
  }
  return member == 0 ? s.close(row, row * len, line, all) : Terms<C>{0, 0};
}

template <int N, int P, class T>
__global__ void __launch_bounds__(1024) hold_by_threads(Scores<T> s, int64_t rows, BlockSums<T> sums) {
  using R = TermsOf<Compute<T>>;
  typename R::Lane lane = R::lane();
  for (int64_t row = first_item(); row < rows; row += item_step()) {
    lane = R::step(lane, hold<N, P>(s, row, 0, 1, ByThread()));
  }
  sums.close(lane);
}
template <int N, int P, class T>
__global__ void __launch_bounds__(kThreads) hold_by_warps(Scores<T> s, int64_t rows, BlockSums<T> sums) {
  using R = TermsOf<Compute<T>>;
  typename R::Lane lane = R::lane();
  for (int64_t row = first_item() / 32; row < rows; row += item_step() / 32) {
    lane = R::step(lane, hold<N, P>(s, row, static_cast<int>(threadIdx.x) % 32, 32, ByWarp()));
  }
  sums.close(lane);
}
template <int N, int P, class T>
__global__ void __launch_bounds__(1024) hold_by_blocks(Scores<T> s, int64_t rows, BlockSums<T> sums) {
  using R = TermsOf<Compute<T>>;
  __shared__ Compute<T> room[32];
  typename R::Lane lane = R::lane();
  for (int64_t row = blockIdx.x; row < rows; row += gridDim.x) {
    lane = R::step(lane, hold<N, P>(s, row, static_cast<int>(threadIdx.x), static_cast<int>(blockDim.x),
                                    ByBlock<Compute<T>>{room}));
  }
  sums.close(lane);
}

/* ------------------------------------------------------------------------------------------------ walked lines */
/** The greatest so far, and the sum of e^(x - top). */
template <class C> struct Walk {
  C top, sum;
  __device__ static Walk start() { return {-C(__builtin_inf()), C(0)}; }
  __device__ void take(C x) {
    if (x > top) {
      sum = sum * exp_(top - x) + C(1);
      top = x;
    } else {
      sum += x == top ? C(1) : exp_(x - top);  // NaN comes in here
    }
  }
  __device__ LogSum<C> close() const {
    return {top, abs_(top) == C(__builtin_inf()) ? C(__builtin_nan("")) : log_(sum)};  // inf - inf
  }
};
template <class C> struct WalksOf {
  __device__ static Walk<C> merge(Walk<C> a, Walk<C> b) {
    const C top = greater_of(a.top, b.top);
    const C mine = a.top == top ? a.sum : a.sum * exp_(a.top - top);
    const C other = b.top == top ? b.sum : b.sum * exp_(b.top - top);
    return {top, mine + other};
  }
};

/** A thread for each position: positions side by side. */
template <class T> __global__ void walk_by_threads(Scores<T> s, int64_t positions, BlockSums<T> sums) {
  using C = Compute<T>;
  using R = TermsOf<C>;
  const int64_t len = s.labels.classes, inner = s.labels.inner;
  typename R::Lane lane = R::lane();
  for (int64_t i = first_item(); i < positions; i += item_step()) {
    const int64_t at = i / inner * len * inner + i % inner;
    Walk<C> walk = Walk<C>::start();
    for (int64_t c = 0; c < len; ++c) walk.take(to_compute(s.labels.x[at + c * inner]));
    const LogSum<C> line = walk.close();
    typename SumOf<C>::Total all = 0;
    if (s.smoothing.on) {
      for (int64_t c = 0; c < len; ++c) all += s.weight(c) * line.log_p(to_compute(s.labels.x[at + c * inner]));
    }
    lane = R::step(lane, s.close(i, at, line, static_cast<C>(all)));
  }
  sums.close(lane);
}

/** A block for each position, P neighbours at a time: long lines, and few whose elements lie apart (P = 1). */
template <int P, class T> __global__ void walk_by_blocks(Scores<T> s, int64_t positions, BlockSums<T> sums) {
  using C = Compute<T>;
  using R = TermsOf<C>;
  __shared__ Walk<C> walks[32];
  __shared__ C room[32];
  const int64_t len = s.labels.classes, inner = s.labels.inner, step = static_cast<int64_t>(blockDim.x) * P;
  typename R::Lane lane = R::lane();
  for (int64_t i = blockIdx.x; i < positions; i += gridDim.x) {
    const int64_t at = i / inner * len * inner + i % inner;
    Walk<C> walk = Walk<C>::start();
    for (int64_t c = threadIdx.x * P; c < len; c += step) {
      const Pack<T, P> pack = *reinterpret_cast<const Pack<T, P>*>(s.labels.x + at + c * inner);
#pragma unroll
      for (int q = 0; q < P; ++q) walk.take(to_compute(pack.at[q]));
    }
    const LogSum<C> line = merge_block<WalksOf<C>>(walk, walks).close();
    C all = 0;
    if (s.smoothing.on) {
      for (int64_t c = threadIdx.x; c < len; c += blockDim.x) {
        all += s.weight(c) * line.log_p(to_compute(s.labels.x[at + c * inner]));
      }
      all = merge_block<PlusOf<C>>(all, room);
    }
    if (threadIdx.x == 0) lane = R::step(lane, s.close(i, at, line, all));
  }
  sums.close(lane);
}

/* ------------------------------------------------------------------------------------------------ backward */
/** What backward knows of every position. */
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
/** What it knows of one of them. same: of all, unless each has a gradient of its own. */
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

constexpr int kPacks = 4;  // that a thread has on their way at once

/** Rows as one run of n elements, P at a time wherever rows end: tiles are found by a division, elements by counting. */
template <int P, class T> __global__ void slope_rows(Slope<T> f, int64_t n) {
  constexpr int64_t kTile = int64_t{kThreads} * P * kPacks;
  const int64_t classes = f.labels.classes;
  const Compute<T> same = At<T>::same(f);
  for (int64_t first = blockIdx.x * kTile; first < n; first += gridDim.x * kTile) {
    const int64_t first_row = first / classes, first_class = first % classes;
    Pack<T, P> packs[kPacks];
#pragma unroll
    for (int u = 0; u < kPacks; ++u) {
      const int64_t at = first + (u * kThreads + static_cast<int>(threadIdx.x)) * P;
      if (at + P <= n) packs[u] = *reinterpret_cast<const Pack<T, P>*>(f.labels.x + at);
    }
#pragma unroll
    for (int u = 0; u < kPacks; ++u) {
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
template <class T> __global__ void slope_columns(Slope<T> f, int64_t positions, int64_t shares) {
  const int64_t classes = f.labels.classes, inner = f.labels.inner, share_len = ceil_div(classes, shares);
  const Compute<T> same = At<T>::same(f);
  for (int64_t task = first_item(); task < positions * shares; task += item_step()) {
    const int64_t i = task % inner, share = task / inner % shares, o = task / inner / shares;
    const int64_t from = o * classes * inner + i, end = least(classes, (share + 1) * share_len);
    const At<T> position(f, o * inner + i, same);
#pragma unroll 4
    for (int64_t c = share * share_len; c < end; ++c) {
      f.gx[from + c * inner] = position.value(f, c, f.labels.x[from + c * inner]);
    }
  }
}

/* ------------------------------------------------------------------------------------------------ launches */
constexpr int64_t kMostBlocks = 1024;  // whose sums one block adds up
constexpr int64_t kOneBlock = 2048;    // positions of few classes that one block takes sooner than several

/** Queues a forward kernel. `each`: positions that a block takes at a time; threads: a power of two. */
template <class T>
int32_t forward(Device& d, void (*kernel)(Scores<T>, int64_t, BlockSums<T>), const Scores<T>& s, int64_t positions,
                const StoreLikelihood<T>& store, int64_t each, unsigned threads) {
  using R = TermsOf<Compute<T>>;
  const int64_t blocks = least(ceil_div(positions, each), kMostBlocks);
  const Scratch<typename R::Total> partial(d, blocks == 1 ? 0 : blocks);
  if (!partial) return out_of_memory("cross_entropy");
  const Grid grid = {dim3(static_cast<unsigned>(blocks)), dim3(threads)};
  return launch(d, "cross_entropy", kernel, grid, s, positions, BlockSums<T>{store, partial.get(), d.tickets});
}

/** May lines of neighbours be read P at a time? */
template <class T> bool in_packs(const Labels<T>& labels, int p) {
  return labels.classes % p == 0 && reinterpret_cast<uintptr_t>(labels.x) % (sizeof(T) * static_cast<size_t>(p)) == 0;
}

template <class T> int32_t forward(Device& d, const Scores<T>& s, int64_t positions, const StoreLikelihood<T>& store) {
  constexpr int P = kPack<T>, kMostHeld = sizeof(Compute<T>) == 8 ? 16 : 32;  // as many as registers are
  const int64_t len = s.labels.classes;
  const bool packs = in_packs(s.labels, P);
  if (s.labels.inner == 1 && len <= 32) {
    const bool pairs = in_packs(s.labels, 2);
    const auto kernel = len <= 16 ? pairs ? hold_by_threads<16, 2, T> : hold_by_threads<16, 1, T>
                        : pairs ? hold_by_threads<32, 2, T>
                                  : hold_by_threads<32, 1, T>;
    if (positions > kOneBlock) return forward(d, kernel, s, positions, store, kThreads, kThreads);
    unsigned threads = 32;
    while (threads < positions && threads < 1024) threads *= 2;
    return forward(d, kernel, s, positions, store, kOneBlock, threads);
  }
  if (s.labels.inner == 1 && len <= 1024) {
    const auto kernel = len <= 256 ? packs ? hold_by_warps<8, P, T> : hold_by_warps<8, 1, T>
                        : packs ? hold_by_warps<32, P, T>
                                   : hold_by_warps<32, 1, T>;
    return forward(d, kernel, s, positions, store, kThreads / 32, kThreads);
  }
  if (s.labels.inner == 1 && len <= kMostHeld * 1024) {
    const unsigned threads = len <= 2048 ? 128 : len <= 4096 ? 256 : len <= 8192 ? 512 : 1024;
    const auto kernel = len <= 16 * 1024 ? packs ? hold_by_blocks<16, P, T> : hold_by_blocks<16, 1, T>
                        : packs ? hold_by_blocks<kMostHeld, P, T>
                                         : hold_by_blocks<kMostHeld, 1, T>;
    return forward(d, kernel, s, positions, store, 1, threads);
  }
  if (s.labels.inner > 1 && (len <= 64 || positions >= static_cast<int64_t>(d.processors) * 256)) {
    return forward(d, walk_by_threads<T>, s, positions, store, kThreads, kThreads);
  }
  const auto kernel = s.labels.inner == 1 && packs ? walk_by_blocks<P, T> : walk_by_blocks<1, T>;
  return forward(d, kernel, s, positions, store, 1, kThreads);
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
    const int32_t status = reduce_by<SumOf<C>>(d, "cross_entropy_grad", 1, classes, 1, LoadFrom<T>{f.labels.weight},
                                               StoreSum<C>{weights.get()});
    if (status != FL_OK) return status;
    f.weights = weights.get();
  }
  if (inner == 1) {
    constexpr int P = kPack<T>;
    const int64_t n = positions * classes;
    return packs(f.labels.x, f.gx) ? launch(d, "cross_entropy_grad", slope_rows<P, T>, grid_for(d, n, P * kPacks), f, n)
                                   : launch(d, "cross_entropy_grad", slope_rows<1, T>, grid_for(d, n, kPacks), f, n);
  }
  // Shares of at least 8 classes, as many as keep the GPU busy.
  const int64_t wanted = ceil_div(static_cast<int64_t>(d.processors) * 2048, positions);
  const int64_t shares = most<int64_t>(1, least(wanted, classes / 8));
  return launch(d, "cross_entropy_grad", slope_columns<T>, grid_for(d, positions * shares), f, positions, shares);
}

}  // namespace

int32_t cross_entropy(Device& d, int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                      fl_address x, fl_address target, fl_address weight, fl_address y, fl_address log_sums,
                      fl_address total_weight, int64_t ignore_index, double smoothing) {
  return visit_float("cross_entropy", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    using C = Compute<T>;
    const Labels<T> labels = {
        pointer<const T>(x), pointer<const int64_t>(target), pointer<const T>(weight), classes, inner,
        ignore_index,        d.reporter("cross_entropy")};
    const int32_t checked = check_first(d, "cross_entropy", labels, outer * inner);
    if (checked != FL_OK) return checked;
    const Scores<T> scores = {labels, Smoothing<C>(smoothing, classes), pointer<LogSum<C>>(log_sums),
                              reduction == FL_NONE ? pointer<T>(y) : nullptr};
    return forward(d, scores, outer * inner, StoreLikelihood<T>{reduction, pointer<T>(y), pointer<T>(total_weight)});
  });
}

int32_t cross_entropy_grad(Device& d, int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                           fl_address g, fl_address x, fl_address log_sums, fl_address target, fl_address weight,
                           fl_address total_weight, fl_address gx, int64_t ignore_index, double smoothing) {
  return visit_float("cross_entropy_grad", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    using C = Compute<T>;
    const Labels<T> labels = {
        pointer<const T>(x), pointer<const int64_t>(target),  pointer<const T>(weight), classes, inner,
        ignore_index,        d.reporter("cross_entropy_grad")};
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
