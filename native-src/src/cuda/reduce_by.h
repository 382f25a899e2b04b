/*
 * Reductions of (outer, len, inner) to (outer, inner) by any monoid of shared/reducers.h, reading through a functor and
 * writing through another: sums, extremes, losses and statistics are all instances. One launch each. The order in which
 * elements are merged depends on the shape and on the GPU alone: results are the same bits in every run.
 */
#ifndef FLAMBEAU_CUDA_REDUCE_BY_H
#define FLAMBEAU_CUDA_REDUCE_BY_H
#include "reduce_kernels.h"
#include "scratch.h"

namespace flambeau {
namespace device {

/** Who takes what, decided on the host. */
struct ReducePlan {
  enum Way { threads, groups, blocks, columns } way;
  int width;          // lanes of a group, columns of a tile
  int64_t tasks;      // lines or tiles, each of them ...
  int64_t shares;     // ... cut into so many,
  int64_t share_len;  // of so many elements

  /** A block for each share. */
  Grid grid() const { return {dim3(static_cast<unsigned>(least<int64_t>(tasks * shares, 1 << 20)))}; }
};

inline ReducePlan plan_reduce(int64_t processors, int64_t outer, int64_t len, int64_t inner) {
  const int64_t outputs = outer * inner;
  if (len <= 4 || (inner > 1 && (len <= 32 || outputs >= processors * 2048))) {
    return {ReducePlan::threads, 1, outputs, 1, len};
  }
  // Lines of 1,024 go to warps if there are warps for all processors, else to blocks: fewer rounds of loads.
  if (inner == 1 && (len <= 256 || (len <= 1024 && outputs >= processors * 8))) {
    return {ReducePlan::groups, len <= 16 ? 4 : len <= 128 ? 8 : 32, outputs, 1, len};
  }
  ReducePlan plan = {ReducePlan::blocks, 1, outer, 1, len};
  int64_t round = kThreads * kPacks * 4;  // elements that a block has in flight
  if (inner > 1) {
    plan.way = ReducePlan::columns;
    for (plan.width = 2; plan.width < 32 && plan.width < inner;) plan.width *= 2;
    plan.tasks = outer * ceil_div(inner, plan.width);
    round = kThreads / plan.width * kLoads;
  }
  // A few blocks for each that runs at a time: processors are not equally fast, and the last to end should be short.
  const int64_t wanted = plan.tasks > kTickets ? 1 : ceil_div(processors * 16, plan.tasks);
  plan.share_len = ceil_div(ceil_div(len, wanted), round) * round;
  plan.shares = ceil_div(len, plan.share_len);
  return plan;
}

/** Elements of x as they are. With Element, x and value a load can be read 16 bytes at a time. */
template <class T> struct LoadFrom {
  using Element = T;
  const T* x;
  __device__ Compute<T> value(T element, int64_t, int64_t) const { return to_compute(element); }
};
/** R's result to y. */
template <class R, class T> struct StoreTo {
  T* y;
  int64_t len;
  __device__ void operator()(int64_t output, typename R::Total total) const {
    y[output] = from_compute<T>(R::finish(total, len));
  }
};

/**
 * Reduces lines of neighbours by R. load(where, output) or load(where, output, k) gives element k of an output in what
 * R takes, or see LoadFrom; store(output, total) keeps a result. Both are structs of the device: nvcc allows no device
 * lambda inside a generic one.
 */
template <class R, class Load, class Store>
int32_t reduce_lines(Device& d, const char* op, int64_t outer, int64_t len, const Load& load, const Store& store) {
  const Lines lines(outer, len, 1);
  const ReducePlan plan = plan_reduce(d.processors, outer, len, 1);
  if (plan.way == ReducePlan::threads) {
    return launch(d, op, reduce_threads<R, Load, Store>, grid_for(d, plan.tasks), lines, load, store);
  }
  if (plan.way == ReducePlan::groups) {
    return launch(d, op, reduce_groups<R, Load, Store>, grid_for(d, plan.tasks * plan.width), lines, plan.width, load,
                  store);
  }
  const Scratch<typename R::Total> partial(d, plan.shares == 1 ? 0 : outer * plan.shares);
  if (!partial) return out_of_memory(op);
  bool aligned = false;
  if constexpr (kPackable<Load>) {
    aligned = packs(load.x) && (outer == 1 || len % kPack<typename Load::Element> == 0);
  }
  const Shares<typename R::Total> shares = {plan.shares, plan.share_len, partial.get(), d.tickets};
  return launch(d, op, reduce_blocks<R, Load, Store>, plan.grid(), lines, shares, aligned, load, store);
}

/** The same of lines whose elements lie `inner` apart. */
template <class R, class Load, class Store>
int32_t reduce_by(Device& d, const char* op, int64_t outer, int64_t len, int64_t inner, const Load& load,
                  const Store& store) {
  if (inner == 1) return reduce_lines<R>(d, op, outer, len, load, store);
  const Lines lines(outer, len, inner);
  const ReducePlan plan = plan_reduce(d.processors, outer, len, inner);
  if (plan.way == ReducePlan::threads) {
    return launch(d, op, reduce_threads<R, Load, Store>, grid_for(d, plan.tasks), lines, load, store);
  }
  const Scratch<typename R::Total> partial(d, plan.shares == 1 ? 0 : outer * inner * plan.shares);
  if (!partial) return out_of_memory(op);
  const Shares<typename R::Total> shares = {plan.shares, plan.share_len, partial.get(), d.tickets};
  return launch(d, op, reduce_columns<R, Load, Store>, plan.grid(), lines, shares, plan.width, load, store);
}

/** FL_REDUCE_AMAX (greatest) and FL_REDUCE_AMIN, in reduce_extremes.cu. */
int32_t reduce_extreme(Device& d, bool greatest, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
                       fl_address y);

}  // namespace device
}  // namespace flambeau
#endif
