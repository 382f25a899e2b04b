/*
 * Softmax and log-softmax, and their gradients. Lines of up to 32K neighbours are read once and written once, held
 * in the registers of a warp or of a block. What is longer still, or lies `inner` apart, is read twice.
 */
#include "../shared/functors.h"
#include "kernels.h"
#include "reduce_by.h"
#include "row_teams.h"

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

/* Forward and backward as the loops see them: what is reduced over a line, and the result for an element. */

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
      const bool rises = e.x > top;
      const C far = exp_(rises ? top - e.x : e.x - top);
      if (rises) {
        sum = sum * far + (C(1) + (e.x - e.x));  // an infinite top makes the sum NaN, as it must be
        top = e.x;
      } else if (e.x != -C(__builtin_inf())) {  // which adds nothing, and may be all there is so far
        sum += far;
      }
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

/** Reduces over the threads of a team. */
template <class Team, class C> struct Merging {
  C* shared;
  template <class R> __device__ C all(C total) const { return Team::template all<R>(total, shared); }
};

/** A team for each line, which it holds. */
template <class Team, class F>
__global__ void __launch_bounds__(Team::threads, Team::blocks) line_teams(F f, int64_t rows, int len) {
  FL_SHARED(typename F::C[32], shared);
  for (int64_t row = Team::first_row(); Team::goes_on(row, rows); row += Team::row_step()) {
    const int there = row < rows ? len : 0;
    const int64_t at = row * len + Team::thread();
    typename F::Element e[Team::each];
    typename F::C out[Team::each];
#pragma unroll
    for (int j = 0; j < Team::each; ++j) e[j] = F::none();
    Team::for_each(there, [&](int j, int offset) { e[j] = f.load(at + offset); });
    f.finish(e, Merging<Team, typename F::C>{shared}, out);
    Team::for_each(there, [&](int j, int offset) { f.store(at + offset, out[j]); });
  }
}

/** Gradients of lines that a block can hold half of: the other half is read again, and still lies in the L2 cache. */
template <class Team, class F>
__global__ void __launch_bounds__(Team::threads, Team::blocks) line_halves(F f, int64_t rows, int len) {
  using C = typename F::C;
  FL_SHARED(C[32], shared);
  for (int64_t row = Team::first_row(); row < rows; row += Team::row_step()) {
    const int64_t at = row * len + Team::thread();
    C g[Team::each], sum = 0;
    Team::for_each(len, [&](int j, int offset) {
      const typename F::Element e = f.load(at + offset);
      g[j] = e.g;
      sum += F::term(e);
    });
    sum = Team::template all<PlusOf<C>>(sum, shared);
    Team::for_each(len, [&](int j, int offset) {
      f.store(at + offset, F::apply({g[j], to_compute(f.y[at + offset])}, sum));
    });
  }
}

/* Lines that are read twice. */

/** Elements k, k + step, ... of a line. */
template <class F>
__device__ typename F::Walk walk_line(const F& f, const Lines& lines, int64_t output, int k, int64_t step) {
  typename F::Walk walk = F::Walk::start();
  const int64_t start = lines.start(output);
  for (int64_t at = k; at < lines.len; at += kInFlight * step) {
    typename F::Element e[kInFlight];
#pragma unroll
    for (int j = 0; j < kInFlight; ++j)
      e[j] = f.load(start + (at + j * step < lines.len ? at + j * step : at) * lines.inner);
#pragma unroll
    for (int j = 0; j < kInFlight; ++j) {
      if (at + j * step < lines.len) walk.take(e[j]);
    }
  }
  return walk;
}
template <class F>
__device__ void write_line(const F& f, const Lines& lines, int64_t output, int k, int64_t step,
                           const typename F::Walk& walk) {
  const int64_t start = lines.start(output);
#pragma unroll 4
  for (int64_t at = k; at < lines.len; at += step) {
    f.store(start + at * lines.inner, walk.value(f.load(start + at * lines.inner)));
  }
}

/** A thread for each line: short lines whose elements lie apart, side by side with other lines. */
template <class F> __global__ void line_threads(F f, Lines lines) {
  for (int64_t output = first_item(); output < lines.outputs(); output += item_step()) {
    typename F::Walk walk = walk_line(f, lines, output, 0, 1);
    walk.close();
    write_line(f, lines, output, 0, 1, walk);
  }
}

template <class W> struct MergeWalks {
  __device__ static W merge(W a, const W& b) {
    a.merge(b);
    return a;
  }
};

/** Blocks of `width` (1, 2, ... 32) neighbouring lines and as many threads for each as that leaves. */
template <class F> __global__ void __launch_bounds__(1024, 1) line_walks(F f, Lines lines, int width) {
  using Walk = typename F::Walk;
  FL_SHARED(Walk[1024], shared);
  const int64_t tiles = ceil_div(lines.inner, width);
  const int column = static_cast<int>(threadIdx.x) % width, row = static_cast<int>(threadIdx.x) / width;
  const int rows = static_cast<int>(blockDim.x) / width;
  for (int64_t task = blockIdx.x; task < lines.outer * tiles; task += gridDim.x) {
    const int64_t o = task / tiles, i = (task - o * tiles) * width + column, output = o * lines.inner + i;
    const bool is_there = i < lines.inner;
    Walk walk = is_there ? walk_line(f, lines, output, row, rows) : Walk::start();
    walk = merge_rows<MergeWalks<Walk>>(walk, shared, width);
    if (row == 0) {
      walk.close();
      shared[column] = walk;
    }
    __syncthreads();
    if (is_there) write_line(f, lines, output, row, rows, shared[column]);
  }
}

template <class F> int32_t walk_lines(Device& d, const char* op, const F& f, const Lines& lines) {
  if (lines.inner > 1 && (lines.outputs() >= static_cast<int64_t>(d.processors) * 512 || lines.len <= 32)) {
    return launch(d, op, line_threads<F>, grid_for(d, lines.outputs()), f, lines);
  }
  int width = 1;
  while (width < 32 && width < lines.inner) width *= 2;
  const int64_t tasks = lines.outer * ceil_div(lines.inner, width);
  // The lines of all blocks that run at a time should stay in the L2 cache until they are read again.
  const dim3 threads(lines.inner == 1 ? 1024 : kThreads);
  return launch(d, op, line_walks<F>, Grid{dim3(static_cast<unsigned>(least<int64_t>(tasks, 1 << 20))), threads}, f,
                lines, width);
}

template <class F> int32_t each_line(Device& d, const char* op, const F& f, int64_t outer, int64_t len, int64_t inner) {
  constexpr int words = static_cast<int>(sizeof(typename F::Element)) / 4;
  const auto walks = [&] { return walk_lines(d, op, f, Lines(outer, len, inner)); };
  if (inner > 1) return walks();
  const auto held = [&](auto team) {
    using Holders = decltype(team);
    return launch(d, op, line_teams<Holders, F>, Holders::grid(d, outer), f, outer, static_cast<int>(len));
  };
  return with_team<words>(len, held, [&]() -> int32_t {
    if constexpr (sizeof(typename F::Element) > sizeof(typename F::C)) {
      constexpr int each = 2 * kHeld / words;
      using Holders = Team<1024, each>;
      if (len <= 1024 * each) {
        return launch(d, op, line_halves<Holders, F>, Holders::grid(d, outer), f, outer, static_cast<int>(len));
      }
    }
    return walks();
  });
}

}  // namespace

int32_t softmax(Device& d, int32_t log, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
                fl_address y) {
  return visit<kFloats>("softmax", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const T* from = pointer<const T>(x);
    T* to = pointer<T>(y);
    return log != 0 ? each_line(d, "softmax", Forward<T, true>{from, to}, outer, len, inner)
                    : each_line(d, "softmax", Forward<T, false>{from, to}, outer, len, inner);
  });
}

int32_t softmax_grad(Device& d, int32_t log, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address g,
                     fl_address y, fl_address gx) {
  return visit<kFloats>("softmax_grad", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const T *from_g = pointer<const T>(g), *from_y = pointer<const T>(y);
    T* to = pointer<T>(gx);
    return log != 0 ? each_line(d, "softmax_grad", Backward<T, true>{from_g, from_y, to}, outer, len, inner)
                    : each_line(d, "softmax_grad", Backward<T, false>{from_g, from_y, to}, outer, len, inner);
  });
}

}  // namespace device
}  // namespace flambeau
