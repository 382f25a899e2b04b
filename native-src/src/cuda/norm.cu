/*
 * Layer normalisation and its gradients. Rows of up to 32K elements (the gradient's: of 8K) are held in the registers of a
 * warp or a block, and read once; longer ones are read again, from the L2 cache as a rule.
 */
#include "../shared/functors.h"
#include "kernels.h"
#include "reduce_by.h"
#include "row_teams.h"

namespace flambeau {
namespace device {
namespace {

/** Two sums at a time. Rows are summed as the elements' type: in short runs, then as a tree. */
template <class C> struct Two { C a, b; };
template <class C> struct TwoSums {
  using Lane = Two<C>;
  using Total = Two<C>;
  FL_HD static Lane lane() { return {C(0), C(0)}; }
  FL_HD static Lane step(Lane lane, Two<C> x) { return {lane.a + x.a, lane.b + x.b}; }
  FL_HD static Total widen(Lane lane) { return lane; }
  FL_HD static Total merge(Total x, Total y) { return {x.a + y.a, x.b + y.b}; }
};

/** What a team holds of a row: each(f) calls f(offset, element) for each element of this thread. */
template <class Team, class T> struct HeldRow {
  const T* x;
  int len;
  Compute<T> element[Team::each];

  __device__ HeldRow(const T* row, int64_t n) : x(row + Team::thread()), len(static_cast<int>(n)) {
    Team::for_each(len, [&](int j, int offset) { element[j] = to_compute(x[offset]); });
  }
  template <class F> __device__ void each(const F& f) const {
    Team::for_each(len, [&](int j, int offset) { f(offset, element[j]); });
  }
};
/** Nothing: elements are read whenever they are needed. */
struct Block : Team<1024, 0> {};
template <class T> struct HeldRow<Block, T> {
  const T* x;
  int64_t len;
  __device__ HeldRow(const T* row, int64_t n) : x(row + Block::thread()), len(n) {}
  template <class F> __device__ void each(const F& f) const {
#pragma unroll 8
    for (int64_t offset = 0; offset < len - Block::thread(); offset += Block::width) f(offset, to_compute(x[offset]));
  }
};

/**
 * The variance is that around a first mean, less the square of what that one was off: exact enough without a wider type
 * ("corrected two-pass", T. Chan, G. Golub and R. LeVeque, 1983).
 */
template <class Team, class T>
__global__ void __launch_bounds__(Team::threads, Team::blocks)
    forward_kernel(int64_t rows, int64_t columns, const T* x, const T* weight, const T* bias, T* y, T* mean, T* rstd,
                   Compute<T> eps) {
  using C = Compute<T>;
  FL_SHARED(Two<C>[32], shared);
  const C n = static_cast<C>(columns);
  for (int64_t r = Team::first_row(); Team::goes_on(r, rows); r += Team::row_step()) {
    const HeldRow<Team, T> row(x + r * columns, r < rows ? columns : 0);
    Two<C> sums = {C(0), C(0)};
    row.each([&](auto, C v) { sums.a += v; });
    const C estimate = Team::template all<TwoSums<C>>(sums, shared).a / n;
    sums.a = C(0);
    row.each([&](auto, C v) {
      sums.a += v - estimate;
      sums.b += (v - estimate) * (v - estimate);
    });
    sums = Team::template all<TwoSums<C>>(sums, shared);
    const C off = sums.a / n, center = estimate + off;
    const C variance = sums.b / n - off * off;
    const C scale = C(1) / sqrt_((variance < C(0) ? C(0) : variance) + eps);
    if (Team::thread() == 0 && r < rows) {
      mean[r] = from_compute<T>(center);
      rstd[r] = from_compute<T>(scale);
    }
    T* to = y + r * columns + Team::thread();
    row.each([&](auto offset, C v) {
      C z = (v - center) * scale;
      if (weight != nullptr) z = z * to_compute(weight[Team::thread() + offset]);
      if (bias != nullptr) z = z + to_compute(bias[Team::thread() + offset]);
      to[offset] = from_compute<T>(z);
    });
  }
}

/**
 * gx = rstd (h - mean(h) - z mean(h z)), h = g weight, z = (x - mean) rstd. On the way each thread sums g z and g over its
 * rows, column by column: sums (null: not wanted) has a row for each team, or for each warp of lanes: the columns of g z,
 * then those of g. gx may be null.
 */
template <class Team, class T>
__global__ void __launch_bounds__(Team::threads, Team::blocks)
    backward_kernel(int64_t rows, int columns, const T* g, const T* x, const T* mean, const T* rstd, const T* weight,
                    T* gx, Compute<T>* sums) {
  using C = Compute<T>;
  FL_SHARED(Two<C>[32], shared);
  const C n = static_cast<C>(columns);
  const int thread = Team::thread();
  Two<C> column[Team::each];
#pragma unroll
  for (int j = 0; j < Team::each; ++j) column[j] = {C(0), C(0)};
  for (int64_t r = Team::first_row(); Team::goes_on(r, rows); r += Team::row_step()) {
    const bool is_there = r < rows;
    const C center = is_there ? to_compute(mean[r]) : C(0), scale = is_there ? to_compute(rstd[r]) : C(0);
    const int64_t at = r * columns + thread;
    C from_g[Team::each], z[Team::each];
    Team::for_each(is_there ? columns : 0, [&](int j, int offset) {
      from_g[j] = to_compute(g[at + offset]);
      z[j] = to_compute(x[at + offset]);
    });
    Two<C> of_h = {C(0), C(0)};
    Team::for_each(is_there ? columns : 0, [&](int j, int offset) {
      z[j] = (z[j] - center) * scale;
      const C h = weight == nullptr ? from_g[j] : from_g[j] * to_compute(weight[thread + offset]);
      of_h = TwoSums<C>::step(of_h, {h, h * z[j]});
      column[j] = TwoSums<C>::step(column[j], {from_g[j] * z[j], from_g[j]});
    });
    if (gx == nullptr) continue;
    of_h = Team::template all<TwoSums<C>>(of_h, shared);
    of_h = {of_h.a / n, of_h.b / n};
    Team::for_each(is_there ? columns : 0, [&](int j, int offset) {
      const C h = weight == nullptr ? from_g[j] : from_g[j] * to_compute(weight[thread + offset]);
      gx[at + offset] = from_compute<T>(scale * (h - of_h.a - z[j] * of_h.b));
    });
  }
  if (sums == nullptr) return;
    // Lanes that have the same columns of different rows.
#pragma unroll
  for (int j = 0; j < Team::each; ++j) {
    for (int bits = 16; bits >= Team::width; bits /= 2) {
      column[j] = TwoSums<C>::merge(column[j], from_lane(column[j], bits));
    }
  }
  if (Team::width < 32 && static_cast<int>(threadIdx.x) % 32 >= Team::width) return;
  const int64_t of_row = Team::width <= 32 ? first_item() / 32 : blockIdx.x;
  C* to = sums + of_row * 2 * columns + thread;
  Team::for_each(columns, [&](int j, int offset) {
    to[offset] = column[j].a;
    to[offset + columns] = column[j].b;
  });
}

/** Rows that are not held: g is read twice, x too; the columns are summed by a reduction. */
template <class T>
__global__ void __launch_bounds__(1024, 1) backward_long(int64_t rows, int64_t columns, const T* g, const T* x,
                                                         const T* mean, const T* rstd, const T* weight, T* gx) {
  using C = Compute<T>;
  FL_SHARED(Two<C>[32], shared);
  const C n = static_cast<C>(columns);
  for (int64_t r = blockIdx.x; r < rows; r += gridDim.x) {
    const C center = to_compute(mean[r]), scale = to_compute(rstd[r]);
    const auto h = [&](int64_t c) {
      const C v = to_compute(g[r * columns + c]);
      return weight == nullptr ? v : v * to_compute(weight[c]);
    };
    const auto z = [&](int64_t c) { return (to_compute(x[r * columns + c]) - center) * scale; };
    Two<C> of_h = {C(0), C(0)};
#pragma unroll 4
    for (int64_t c = threadIdx.x; c < columns; c += 1024) of_h = TwoSums<C>::step(of_h, {h(c), h(c) * z(c)});
    of_h = merge_block<TwoSums<C>>(of_h, shared);
    of_h = {of_h.a / n, of_h.b / n};
#pragma unroll 4
    for (int64_t c = threadIdx.x; c < columns; c += 1024) {
      gx[r * columns + c] = from_compute<T>(scale * (h(c) - of_h.a - z(c) * of_h.b));
    }
  }
}

/* The gradients of weight and bias, as sums over rows. */
template <class T> struct LoadTwo {
  const T *g, *x, *mean, *rstd;
  __device__ Two<Compute<T>> operator()(int64_t at, int64_t, int64_t row) const {
    const Compute<T> v = to_compute(g[at]);
    return {v * ((to_compute(x[at]) - to_compute(mean[row])) * to_compute(rstd[row])), v};
  }
};
template <class T> struct StoreTwo {
  T *gweight, *gbias;
  __device__ void operator()(int64_t column, Two<Compute<T>> total) const {
    if (gweight != nullptr) gweight[column] = from_compute<T>(total.a);
    if (gbias != nullptr) gbias[column] = from_compute<T>(total.b);
  }
};
/** The same of teams' sums: the columns of g z, then those of g. */
template <class T> struct StoreColumn {
  T *gweight, *gbias;
  int64_t columns;
  __device__ void operator()(int64_t column, typename SumOf<Compute<T>>::Total total) const {
    T* to = column < columns ? gweight : gbias;
    if (to != nullptr) to[column < columns ? column : column - columns] = from_compute<T>(total);
  }
};

/** Blocks for rows whose columns are summed on the way: each team should have some rows for the sums that it leaves. */
template <class Team> Grid grid_of_sums(const Device& d, int64_t rows, int64_t columns) {
  const int64_t teams = Team::threads / Team::width,
                most_blocks = d.processors * (columns <= 32 ? 32 : Team::blocks * 2);
  return {dim3(static_cast<unsigned>(least(ceil_div(rows, teams * 4), most_blocks))), dim3(Team::threads)};
}

}  // namespace

int32_t layer_norm(Device& d, int32_t dtype, int64_t rows, int64_t columns, fl_address x, fl_address weight,
                   fl_address bias, fl_address y, fl_address mean, fl_address rstd, double eps) {
  return visit<kFloats>("layer_norm", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const auto run = [&](auto team, const Grid& grid) {
      return launch(d, "layer_norm", forward_kernel<decltype(team), T>, grid, rows, columns, pointer<const T>(x),
                    pointer<const T>(weight), pointer<const T>(bias), pointer<T>(y), pointer<T>(mean), pointer<T>(rstd),
                    static_cast<Compute<T>>(eps));
    };
    return with_team<sizeof(Compute<T>) / 4>(
        columns, [&](auto team) { return run(team, decltype(team)::grid(d, rows)); },
        [&] { return run(Block(), Block::grid(d, rows)); });
  });
}

int32_t layer_norm_grad(Device& d, int32_t dtype, int64_t rows, int64_t columns, fl_address g, fl_address x,
                        fl_address mean, fl_address rstd, fl_address weight, fl_address gx, fl_address gweight,
                        fl_address gbias) {
  return visit<kFloats>("layer_norm_grad", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    using C = Compute<T>;
    const T *from_g = pointer<const T>(g), *from_x = pointer<const T>(x);
    const T *from_mean = pointer<const T>(mean), *from_rstd = pointer<const T>(rstd);
    const T* of_weight = pointer<const T>(weight);
    T *to = pointer<T>(gx), *to_weight = pointer<T>(gweight), *to_bias = pointer<T>(gbias);
    const bool sums_wanted = to_weight != nullptr || to_bias != nullptr;
    const auto held = [&](auto team) -> int32_t {
      using Holders = decltype(team);
      const Grid grid = sums_wanted ? grid_of_sums<Holders>(d, rows, columns) : Holders::grid(d, rows);
      const int64_t sums_rows = grid.blocks.x * static_cast<int64_t>(Holders::width <= 32 ? Holders::threads / 32 : 1);
      const Scratch<C> sums(d, sums_wanted ? sums_rows * 2 * columns : 0);
      if (!sums) return out_of_memory("layer_norm_grad");
      const int32_t status =
          launch(d, "layer_norm_grad", backward_kernel<Holders, T>, grid, rows, static_cast<int>(columns), from_g,
                 from_x, from_mean, from_rstd, of_weight, to, sums.get());
      if (status != FL_OK || !sums_wanted) return status;
      return reduce_by<SumOf<C>>(d, "layer_norm_grad", 1, sums_rows, 2 * columns, LoadFrom<C>{sums.get()},
                                 StoreColumn<T>{to_weight, to_bias, columns});
    };
    const auto read_again = [&]() -> int32_t {
      int32_t status = FL_OK;
      if (to != nullptr) {
        status = launch(d, "layer_norm_grad", backward_long<T>, Block::grid(d, rows), rows, columns, from_g, from_x,
                        from_mean, from_rstd, of_weight, to);
      }
      if (status != FL_OK || !sums_wanted) return status;
      return reduce_by<TwoSums<C>>(d, "layer_norm_grad", 1, rows, columns,
                                   LoadTwo<T>{from_g, from_x, from_mean, from_rstd}, StoreTwo<T>{to_weight, to_bias});
    };
    // Of each element g, z and two sums.
    return with_team<sizeof(C)>(columns, held, read_again);
  });
}

}  // namespace device
}  // namespace flambeau
