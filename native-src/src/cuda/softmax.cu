/*
 * Softmax and log-softmax, and their gradients. Lines of up to 32K neighbours are read once and written once, held
 * in the registers of a warp or of a block. What is longer still, or lies
 * `inner` apart, is read twice.
 */
#include "../shared/functors.h"
#include "kernels.h"
#include "reduce_by.h"

namespace flambeau {
namespace device {
namespace {

/** The greatest, NaN left out: a NaN comes into the sum of the exponentials anyway. */
template <class T> struct TopOf {
  using Total = T;
  FL_HD static T merge(T a, T b) { return greater_of(b, a); }
};
template <class T> struct PlusOf {
  using Total = T;
  FL_HD static T merge(T a, T b) { return a + b; }
};

/* Forward and backward as seen by the loops: what a line needs to know, and what becomes of an element. */

/** y = e^(x - top) / sum, or x - top - ln sum. */
template <class T, bool kLog> struct Forward {
  using C = Compute<T>;
  const T* x;
  T* y;

  struct Element {
    C x;
  };
  __device__ Element load(int64_t at) const { return {to_compute(x[at])}; }
  __device__ static Element none() { return {-C(__builtin_inf())}; }

  /** What the first pass over a line finds, for lines held in registers: the top; then the sum. */
  template <int N, class Merge> __device__ void finish(Element (&e)[N], const Merge& merge, C (&out)[N]) const {
    C top = -C(__builtin_inf());
#pragma unroll
    for (int j = 0; j < N; ++j) top = greater_of(e[j].x, top);
    top = merge.template all<TopOf<C>>(top);
    C sum = 0;
#pragma unroll
    for (int j = 0; j < N; ++j) {
      e[j].x = e[j].x - top;
      out[j] = exp_(e[j].x);
      sum += out[j];
    }
    sum = merge.template all<PlusOf<C>>(sum);
    const C factor = kLog ? log_(sum) : C(1) / sum;
#pragma unroll
    for (int j = 0; j < N; ++j) out[j] = kLog ? e[j].x - factor : out[j] * factor;
  }
  __device__ void store(int64_t at, C value) const { y[at] = from_compute<T>(value); }

  /** For lines that are read twice. */
  struct Walk {
    C top, sum;
    __device__ static Walk start() { return {-C(__builtin_inf()), C(0)}; }
    __device__ void take(Element e) {
      const C higher = greater_of(e.x, top);
      if (higher != top) {
        sum *= top == -C(__builtin_inf()) ? C(0) : exp_(top - higher);
        top = higher;
      }
      sum += exp_(e.x - top);  // an infinite top makes this NaN, as it must be
    }
    __device__ void merge(const Walk& other) {
      const C higher = greater_of(other.top, top);
      const C mine = sum == C(0) || top == higher ? sum : sum * exp_(top - higher);
      const C theirs = other.sum == C(0) || other.top == higher ? other.sum : other.sum * exp_(other.top - higher);
      top = higher;
      sum = mine + theirs;
    }
    __device__ void close() { sum = kLog ? log_(sum) : C(1) / sum; }
    __device__ C value(Element e) const { return kLog ? e.x - top - sum : exp_(e.x - top) * sum; }
  };
};

/** gx = y (g - sum(g y)), or g - e^y sum(g). */
template <class T, bool kLog> struct Backward {
  using C = Compute<T>;
  const T* g;
  const T* y;
  T* gx;

  struct Element {
    C g, y;
  };
  __device__ Element load(int64_t at) const { return {to_compute(g[at]), to_compute(y[at])}; }
  __device__ static Element none() { return {C(0), C(0)}; }
  __device__ static C term(Element e) { return kLog ? e.g : e.g * e.y; }
  __device__ static C apply(Element e, C sum) { return kLog ? e.g - exp_(e.y) * sum : e.y * (e.g - sum); }

  template <int N, class Merge> __device__ void finish(Element (&e)[N], const Merge& merge, C (&out)[N]) const {
    C sum = 0;
#pragma unroll
    for (int j = 0; j < N; ++j) sum += term(e[j]);
    sum = merge.template all<PlusOf<C>>(sum);
#pragma unroll
    for (int j = 0; j < N; ++j) out[j] = apply(e[j], sum);
  }
  __device__ void store(int64_t at, C value) const { gx[at] = from_compute<T>(value); }

  struct Walk {
    C sum;
    __device__ static Walk start() { return {C(0)}; }
    __device__ void take(Element e) { sum += term(e); }
    __device__ void merge(const Walk& other) { sum += other.sum; }
    __device__ void close() {}
    __device__ C value(Element e) const { return apply(e, sum); }
  };
};

/* Who holds a line together. */
template <int kWidth> struct ByLanes {
  template <class R> __device__ typename R::Total all(typename R::Total total) const {
    return merge_warp<R, kWidth>(total);
  }
};
template <class C> struct ByBlock {
  C* room;
  template <class R> __device__ C all(C total) const { return merge_block<R>(total, room); }
};

/** kWidth lanes for each line of at most kWidth N neighbours. */
template <int kWidth, int N, class F> __global__ void line_warps(F f, int64_t rows, int64_t len) {
  const int lane = static_cast<int>(threadIdx.x) % kWidth;
  const int64_t step = item_step() / kWidth;
  // All lanes of a warp go round together: they exchange what they hold.
  for (int64_t row = first_item() / kWidth; row - first_item() % 32 / kWidth < rows; row += step) {
    typename F::Element e[N];
    typename F::C out[N];
#pragma unroll
    for (int j = 0; j < N; ++j) {
      e[j] = row < rows && lane + j * kWidth < len ? f.load(row * len + lane + j * kWidth) : F::none();
    }
    f.finish(e, ByLanes<kWidth>(), out);
#pragma unroll
    for (int j = 0; j < N; ++j) {
      if (row < rows && lane + j * kWidth < len) f.store(row * len + lane + j * kWidth, out[j]);
    }
  }
}

/** A block for each line of at most N times its threads. */
template <int N, class F> __global__ void __launch_bounds__(1024) line_blocks(F f, int64_t rows, int64_t len) {
  using C = typename F::C;
  __shared__ C room[32];
  const int64_t threads = blockDim.x;
  for (int64_t row = blockIdx.x; row < rows; row += gridDim.x) {
    typename F::Element e[N];
    C out[N];
#pragma unroll
    for (int j = 0; j < N; ++j) {
      const int64_t k = threadIdx.x + j * threads;
      e[j] = k < len ? f.load(row * len + k) : F::none();
    }
    f.finish(e, ByBlock<C>{room}, out);
#pragma unroll
    for (int j = 0; j < N; ++j) {
      const int64_t k = threadIdx.x + j * threads;
      if (k < len) f.store(row * len + k, out[j]);
    }
  }
}

/** A thread for each line, in order: lines whose elements lie apart, side by side with other lines. */
template <class F> __global__ void line_threads(F f, Lines lines) {
  for (int64_t output = first_item(); output < lines.outputs(); output += item_step()) {
    typename F::Walk walk = F::Walk::start();
    for (int64_t k = 0; k < lines.len; ++k) walk.take(f.load(lines.at(output, k)));
    walk.close();
    for (int64_t k = 0; k < lines.len; ++k) {
      const int64_t at = lines.at(output, k);
      f.store(at, walk.value(f.load(at)));
    }
  }
}

/** A block for each line, read twice: long lines, and few lines whose elements lie apart. */
template <class F> __global__ void line_walks(F f, Lines lines) {
  __shared__ typename F::Walk walks[kThreads];
  for (int64_t output = blockIdx.x; output < lines.outputs(); output += gridDim.x) {
    typename F::Walk walk = F::Walk::start();
    for (int64_t k = threadIdx.x; k < lines.len; k += blockDim.x) walk.take(f.load(lines.at(output, k)));
    walks[threadIdx.x] = walk;
    __syncthreads();
    for (unsigned half = kThreads / 2; half > 0; half /= 2) {
      if (threadIdx.x < half) {
        walk.merge(walks[threadIdx.x + half]);
        walks[threadIdx.x] = walk;
      }
      __syncthreads();
    }
    walk = walks[0];
    walk.close();
    for (int64_t k = threadIdx.x; k < lines.len; k += blockDim.x) {
      const int64_t at = lines.at(output, k);
      f.store(at, walk.value(f.load(at)));
    }
    __syncthreads();
  }
}

template <class F> int32_t each_line(Device& d, const char* op, const F& f, int64_t outer, int64_t len, int64_t inner) {
  const Lines lines = {outer, len, inner};
  if (inner > 1 || len > 32 * 1024) {
    if (inner > 1 && (lines.outputs() >= static_cast<int64_t>(d.processors) * 256 || len <= 64)) {
      return launch(d, op, line_threads<F>, grid_for(d, lines.outputs()), f, lines);
    }
    return launch(d, op, line_walks<F>, Grid{dim3(static_cast<unsigned>(least<int64_t>(lines.outputs(), 1 << 20)))}, f,
                  lines);
  }
  if (len <= 1024) {
    const int width = len <= 16 ? 4 : len <= 32 ? 8 : 32;
    const auto kernel = len <= 16    ? line_warps<4, 4, F>
                        : len <= 32  ? line_warps<8, 4, F>
                        : len <= 128 ? line_warps<32, 4, F>
                                     : line_warps<32, 32, F>;
    return launch(d, op, kernel, grid_for(d, outer * width), f, outer, len);
  }
  const unsigned threads = len <= 2048 ? 128 : len <= 8192 ? 512 : 1024;
  const auto kernel = len <= 16 * 1024 ? line_blocks<16, F> : line_blocks<32, F>;
  return launch(d, op, kernel, Grid{dim3(static_cast<unsigned>(least<int64_t>(outer, 1 << 20))), dim3(threads)}, f,
                outer, len);
}

}  // namespace

int32_t softmax(Device& d, int32_t log, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
                fl_address y) {
  return visit_float("softmax", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const T* from = pointer<const T>(x);
    T* to = pointer<T>(y);
    return log != 0 ? each_line(d, "softmax", Forward<T, true>{from, to}, outer, len, inner)
                    : each_line(d, "softmax", Forward<T, false>{from, to}, outer, len, inner);
  });
}

int32_t softmax_grad(Device& d, int32_t log, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address g,
                     fl_address y, fl_address gx) {
  return visit_float("softmax_grad", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const T *from_g = pointer<const T>(g), *from_y = pointer<const T>(y);
    T* to = pointer<T>(gx);
    return log != 0 ? each_line(d, "softmax_grad", Backward<T, true>{from_g, from_y, to}, outer, len, inner)
                    : each_line(d, "softmax_grad", Backward<T, false>{from_g, from_y, to}, outer, len, inner);
  });
}

}  // namespace device
}  // namespace flambeau
