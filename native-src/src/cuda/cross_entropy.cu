/*
 * Cross entropy at class indices. Forward: a thread, a warp or a block holds a line of up to 8K neighbours in registers,
 * and reads it once; what is longer (a block for it would fill a multiprocessor, and nothing would be in flight while
 * it computes), or lies `inner` apart, is read with a running maximum. Losses and weights are added up on the way:
 * block by block, then the blocks', in an order that depends on the shape alone. One launch. Backward:
 * cross_entropy_grad.cu.
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
/** The threads that hold a line together: how many members, which of them this thread is, and their reductions. */
struct ByThread {
  __device__ static constexpr int members() { return 1; }
  __device__ static int member() { return 0; }
  template <class R, class V> __device__ V all(V value) const { return value; }
};
struct ByWarp {
  __device__ static constexpr int members() { return 32; }
  __device__ static int member() { return static_cast<int>(threadIdx.x) % 32; }
  template <class R, class V> __device__ V all(V value) const { return merge_warp<R>(value); }
};
template <class C> struct ByBlock {
  C* shared;
  __device__ static int members() { return static_cast<int>(blockDim.x); }
  __device__ static int member() { return static_cast<int>(threadIdx.x); }
  template <class R, class V> __device__ V all(V value) const { return merge_block<R>(value, shared); }
};

/** The scores, and where what is found about a position goes. */
template <class T> struct Scores {
  using C = Compute<T>;
  Labels<T> labels;
  Smoothing<C> smoothing;
  LogSum<C>* log_sums;  // null: not wanted
  T* each;              // null unless each loss is wanted

  __device__ C weight(int64_t c) const { return labels.factor(c); }
  /** The score of a position's class, whose scores begin at `at`; label -1: none. */
  __device__ C score(int64_t at, int64_t label) const {
    return label >= 0 ? to_compute(labels.x[at + label * labels.inner]) : C(0);
  }
  /** Position i, of that label and score. all: the weighted logarithms of all classes, with smoothing. */
  __device__ Terms<C> close(int64_t i, int64_t label, C score, LogSum<C> line, C all) const {
    Terms<C> terms = {0, 0};
    if (label >= 0) {
      terms.weight = weight(label);
      terms.loss = smoothing.loss(terms.weight, line.log_p(score), all);
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
    FL_SHARED(typename R::Total[32], shared);
    sum = merge_block<R>(sum, shared);
    if (partial != nullptr) {
      if (threadIdx.x == 0) partial[blockIdx.x] = sum;
      if (!is_last(ticket, gridDim.x)) return;
      sum = merge_parts<R>(partial, 1, threadIdx.x, static_cast<int>(blockDim.x), gridDim.x);
      sum = merge_block<R>(sum, shared);
    }
    if (threadIdx.x == 0) store(0, sum);
  }
};

/* ------------------------------------------------------------------------------------------------ held lines */
/** A line held by By's members, N scores each, read P at a time: the terms for member 0, nothing for the others. */
template <int N, int P, class T, class By>
__device__ Terms<Compute<T>> hold(const Scores<T>& s, int64_t row, const By& by) {
  using C = Compute<T>;
  const int64_t len = s.labels.classes;
  const int first = by.member() * P, left = static_cast<int>(len) - first;
  const T* x = s.labels.x + row * len + first;
  // Asked for now, to be there when it is needed; and what depends on it after the line.
  const int64_t label = by.member() == 0 ? s.labels.label(row) : -1;
  C e[N];
#pragma unroll
  for (int j = 0; j < N; j += P) {
    if (j * By::members() < left) {
      const Pack<T, P> pack = *reinterpret_cast<const Pack<T, P>*>(x + j * By::members());
#pragma unroll
      for (int q = 0; q < P; ++q) e[j + q] = to_compute(pack.at[q]);
    } else {
#pragma unroll
      for (int q = 0; q < P; ++q) e[j + q] = -C(__builtin_inf());
    }
  }
  const C score = s.score(row * len, label);
  LogSum<C> line;
  line.top = e[0];
#pragma unroll
  for (int j = 1; j < N; ++j) line.top = ExtremeOf<C, true>::step(line.top, e[j]);
  line.top = by.template all<ExtremeOf<C, true>>(line.top);
  C sum = 0, all = 0;
#pragma unroll
  for (int j = 0; j < N; ++j) {
    if (j / P * P * By::members() < left) sum += exp_(e[j] - line.top);
  }
  line.log_sum = log_(by.template all<PlusOf<C>>(sum));
  if (s.smoothing.on) {
#pragma unroll
    for (int j = 0; j < N; ++j) {
      const int k = j / P * P * By::members() + j % P;
      if (k < left) all += s.weight(first + k) * line.log_p(e[j]);
    }
    all = by.template all<PlusOf<C>>(all);
  }
  return by.member() == 0 ? s.close(row, label, score, line, all) : Terms<C>{0, 0};
}

constexpr int kHeld = 8192;  // scores that a block holds, at most
/** Threads of a block, at most: each has registers for its line. */
template <int N, class T> constexpr unsigned kSideBySide = N * sizeof(Compute<T>) <= 128 ? 1024 : 512;
template <int N, int P, class T>
__global__ void __launch_bounds__((kSideBySide<N, T>)) hold_by_threads(Scores<T> s, int64_t rows, BlockSums<T> sums) {
  using R = TermsOf<Compute<T>>;
  typename R::Lane lane = R::lane();
  for (int64_t row = first_item(); row < rows; row += item_step()) {
    lane = R::step(lane, hold<N, P>(s, row, ByThread()));
  }
  sums.close(lane);
}
template <int N, int P, class T>
__global__ void __launch_bounds__(kThreads) hold_by_warps(Scores<T> s, int64_t rows, BlockSums<T> sums) {
  using R = TermsOf<Compute<T>>;
  typename R::Lane lane = R::lane();
  for (int64_t row = first_item() / 32; row < rows; row += item_step() / 32) {
    lane = R::step(lane, hold<N, P>(s, row, ByWarp()));
  }
  sums.close(lane);
}
template <int N, int P, class T>
__global__ void __launch_bounds__(kHeld / N) hold_by_blocks(Scores<T> s, int64_t rows, BlockSums<T> sums) {
  using R = TermsOf<Compute<T>>;
  FL_SHARED(Compute<T>[32], shared);
  typename R::Lane lane = R::lane();
  for (int64_t row = blockIdx.x; row < rows; row += gridDim.x) {
    lane = R::step(lane, hold<N, P>(s, row, ByBlock<Compute<T>>{shared}));
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
    const int64_t at = s.labels.first(i);
    Walk<C> walk = Walk<C>::start();
    for (int64_t c = 0; c < len; ++c) walk.take(to_compute(s.labels.x[at + c * inner]));
    const LogSum<C> line = walk.close();
    typename SumOf<C>::Total all = 0;
    if (s.smoothing.on) {
      for (int64_t c = 0; c < len; ++c) all += s.weight(c) * line.log_p(to_compute(s.labels.x[at + c * inner]));
    }
    const int64_t label = s.labels.label(i);
    lane = R::step(lane, s.close(i, label, s.score(at, label), line, static_cast<C>(all)));
  }
  sums.close(lane);
}

/** A block for each position, P neighbours at a time: long lines, and few whose elements lie apart (P = 1). */
template <int P, class T>
__global__ void __launch_bounds__(kThreads) walk_by_blocks(Scores<T> s, int64_t positions, BlockSums<T> sums) {
  using C = Compute<T>;
  using R = TermsOf<C>;
  FL_SHARED(Walk<C>[32], walks);
  FL_SHARED(C[32], shared);
  const int64_t len = s.labels.classes, inner = s.labels.inner, step = static_cast<int64_t>(blockDim.x) * P;
  typename R::Lane lane = R::lane();
  for (int64_t i = blockIdx.x; i < positions; i += gridDim.x) {
    const int64_t at = s.labels.first(i);
    const int64_t label = threadIdx.x == 0 ? s.labels.label(i) : -1;
    const auto packed = [&](int64_t c) { return *reinterpret_cast<const Pack<T, P>*>(s.labels.x + at + c * inner); };
    Walk<C> walk = Walk<C>::start();
    const auto take = [&](const Pack<T, P>& pack) {
#pragma unroll
      for (int q = 0; q < P; ++q) walk.take(to_compute(pack.at[q]));
    };
    int64_t c = threadIdx.x * P;
    for (; c + (kInFlight - 1) * step < len; c += kInFlight * step) {
      Pack<T, P> packs[kInFlight];
#pragma unroll
      for (int k = 0; k < kInFlight; ++k) packs[k] = packed(c + k * step);
#pragma unroll
      for (int k = 0; k < kInFlight; ++k) take(packs[k]);
    }
    for (; c < len; c += step) take(packed(c));
    const C score = s.score(at, label);
    const LogSum<C> line = merge_block<WalksOf<C>>(walk, walks).close();
    C all = 0;
    if (s.smoothing.on) {
      for (int64_t c = threadIdx.x; c < len; c += blockDim.x) {
        all += s.weight(c) * line.log_p(to_compute(s.labels.x[at + c * inner]));
      }
      all = merge_block<PlusOf<C>>(all, shared);
    }
    if (threadIdx.x == 0) lane = R::step(lane, s.close(i, label, score, line, all));
  }
  sums.close(lane);
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
  constexpr int P = kPack<T>;
  const int64_t len = s.labels.classes;
  const bool packs = in_packs(s.labels, P);
  if (s.labels.inner == 1 && len <= 32) {
    const bool pairs = in_packs(s.labels, 2);
    const auto kernel = len <= 16 ? pairs ? hold_by_threads<16, 2, T> : hold_by_threads<16, 1, T>
                        : pairs ? hold_by_threads<32, 2, T>
                                  : hold_by_threads<32, 1, T>;
    if (positions > kOneBlock) return forward(d, kernel, s, positions, store, kThreads, kThreads);
    unsigned threads = 32;
    while (threads < positions && threads < (len <= 16 ? kSideBySide<16, T> : kSideBySide<32, T>)) threads *= 2;
    return forward(d, kernel, s, positions, store, kOneBlock, threads);
  }
  if (s.labels.inner == 1 && len <= 1024) {
    const auto kernel = len <= 256 ? packs ? hold_by_warps<8, P, T> : hold_by_warps<8, 1, T>
                        : packs ? hold_by_warps<32, P, T>
                                   : hold_by_warps<32, 1, T>;
    return forward(d, kernel, s, positions, store, kThreads / 32, kThreads);
  }
  if (s.labels.inner == 1 && len <= kHeld) {
    const unsigned parts = len <= kHeld / 4 ? 4 : len <= kHeld / 2 ? 2 : 1;
    return packs ? forward(d, hold_by_blocks<16, P, T>, s, positions, store, 1, kHeld / 16 / parts)
                 : forward(d, hold_by_blocks<8, 1, T>, s, positions, store, 1, kHeld / 8 / parts);
  }
  if (s.labels.inner > 1 && (len <= 64 || positions >= static_cast<int64_t>(d.processors) * 256)) {
    return forward(d, walk_by_threads<T>, s, positions, store, kThreads, kThreads);
  }
  const auto kernel = s.labels.inner == 1 && packs ? walk_by_blocks<P, T> : walk_by_blocks<1, T>;
  return forward(d, kernel, s, positions, store, 1, kThreads);
}

}  // namespace

int32_t cross_entropy(Device& d, int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                      fl_address x, fl_address target, fl_address weight, fl_address y, fl_address log_sums,
                      fl_address total_weight, int64_t ignore_index, double smoothing) {
  return visit<kFloats>("cross_entropy", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    using C = Compute<T>;
    const auto labels = labels_of<T>(d, "cross_entropy", outer, classes, inner, x, target, weight, ignore_index);
    const int32_t checked = check_first(d, "cross_entropy", labels, outer * inner);
    if (checked != FL_OK) return checked;
    const Scores<T> scores = {labels, Smoothing<C>(smoothing, classes), pointer<LogSum<C>>(log_sums),
                              reduction == FL_NONE ? pointer<T>(y) : nullptr};
    return forward(d, scores, outer * inner, StoreLikelihood<T>{reduction, pointer<T>(y), pointer<T>(total_weight)});
  });
}

}  // namespace device
}  // namespace flambeau
