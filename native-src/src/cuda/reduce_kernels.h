/*
 * The kernels of reduce_by.h: who takes the elements of an output (a thread, some lanes, blocks, columns of a block), and
 * in which order. All have several loads in flight, and float lanes take short runs: what is longer is
 * merged in R's wider Total.
 */
#ifndef FLAMBEAU_CUDA_REDUCE_KERNELS_H
#define FLAMBEAU_CUDA_REDUCE_KERNELS_H
#include "../shared/reducers.h"
#include "indexer.h"
#include "merging.h"

namespace flambeau {
namespace device {

constexpr int kLoads = 8;          // elements that a thread has in flight
constexpr int kPacks = kInFlight;  // or so many times 16 bytes
constexpr int kRun = 64;           // steps of a lane before it is widened
constexpr int kAccumulators = 4;   // independent lanes of a thread: their steps overlap

/** How a reduction's elements lie. */
struct Lines {
  int64_t outer, len, inner;
  Quotient columns;  // output by inner

  Lines(int64_t outer, int64_t len, int64_t inner)
      : outer(outer), len(len), inner(inner), columns(Quotient::of(most<int64_t>(inner, 1), outer * inner)) {}
  FL_HD int64_t outputs() const { return outer * inner; }
  /** Where an output's first element is; the next ones follow `inner` apart. */
  FL_HD int64_t start(int64_t output) const {
    if (inner == 1) return output * len;
    return columns.divide(output) * (len - 1) * inner + output;  // (o len) inner + (output - o inner)
  }
};

/* ------------------------------------------------------------------------------------------------ loads */
/** Can elements of this load be read 16 bytes at a time? See LoadFrom. */
template <class Load> constexpr bool packable(typename Load::Element*) { return true; }
template <class Load> constexpr bool packable(...) { return false; }
template <class Load> constexpr bool kPackable = packable<Load>(nullptr);

template <class Load>
__device__ auto call_load(const Load& load, int64_t at, int64_t output, int64_t k, int)
    -> decltype(load(at, output, k)) {
  return load(at, output, k);
}
template <class Load>
__device__ auto call_load(const Load& load, int64_t at, int64_t output, int64_t, long) -> decltype(load(at, output)) {
  return load(at, output);
}
/** Element k of an output, at `at`, in what R takes. */
template <class Load> __device__ auto read(const Load& load, int64_t at, int64_t output, int64_t k) {
  if constexpr (kPackable<Load>) {
    return load.value(load.x[at], output, k);
  } else {
    return call_load(load, at, output, k, 0);
  }
}

/** A thread's lanes merged. */
template <class R> __device__ typename R::Total merge_lanes(const typename R::Lane (&lane)[kAccumulators]) {
  return R::merge(R::merge(R::widen(lane[0]), R::widen(lane[1])), R::merge(R::widen(lane[2]), R::widen(lane[3])));
}

/** Elements k, k + step, ... before end of an output, whose element 0 is at start. */
template <class R, class Load>
__device__ typename R::Total take_line(const Load& load, int64_t start, int64_t stride, int64_t output, int64_t k,
                                       int step, int64_t end) {
  using Element = decltype(read(load, start, output, k));
  typename R::Total total = R::widen(R::lane());
  int64_t at = start + k * stride;
  const int64_t hop = step * stride;
  while (k < end) {
    typename R::Lane lane[kAccumulators] = {R::lane(), R::lane(), R::lane(), R::lane()};
    for (int steps = 0; steps < kRun && k < end; steps += kLoads / kAccumulators) {
      const int left = static_cast<int>(least<int64_t>(end - k, kLoads * kThreads));
      Element e[kLoads];
      int64_t place = at;
#pragma unroll
      for (int j = 0; j < kLoads; ++j) {  // past the end the first one again: loads without a branch
        e[j] = read(load, j * step < left ? place : at, output, j * step < left ? k + j * step : k);
        place += hop;
      }
#pragma unroll
      for (int j = 0; j < kLoads; ++j) {
        if (j * step < left) lane[j % kAccumulators] = R::step(lane[j % kAccumulators], e[j]);
      }
      k += kLoads * step;
      at = place;
    }
    total = R::merge(total, merge_lanes<R>(lane));
  }
  return total;
}

/** A block's elements begin to end of a line that lies at start: neighbours, 16 bytes at a time. */
template <class R, class Load>
__device__ typename R::Total take_packs(const Load& load, bool aligned, int64_t start, int64_t output, int64_t begin,
                                        int64_t end) {
  using T = typename Load::Element;
  constexpr int N = kPack<T>;
  typename R::Total total = R::widen(R::lane());
  const int64_t packs = (end - begin) / N, step = blockDim.x;
  const T* x = load.x + start + begin;
  for (int64_t p = threadIdx.x; p < packs;) {
    typename R::Lane lane[kAccumulators] = {R::lane(), R::lane(), R::lane(), R::lane()};
    for (int steps = 0; steps < kRun && p < packs; steps += kPacks * N / most(N, kAccumulators)) {
      Pack<T, N> held[kPacks];
#pragma unroll
      for (int j = 0; j < kPacks; ++j) {
        const T* from = x + (p + j * step < packs ? p + j * step : p) * N;
        if (aligned) {
          held[j] = *reinterpret_cast<const Pack<T, N>*>(from);
        } else {  // the same elements to the same thread: the same bits wherever x lies
#pragma unroll
          for (int i = 0; i < N; ++i) held[j].at[i] = from[i];
        }
      }
#pragma unroll
      for (int j = 0; j < kPacks; ++j) {
        if (p + j * step >= packs) break;
#pragma unroll
        for (int i = 0; i < N; ++i) {
          const int l = (j * N + i) % kAccumulators;
          lane[l] = R::step(lane[l], load.value(held[j].at[i], output, begin + (p + j * step) * N + i));
        }
      }
      p += kPacks * step;
    }
    total = R::merge(total, merge_lanes<R>(lane));
  }
  const int64_t k = begin + packs * N + threadIdx.x;  // what does not fill a pack
  if (k < end) total = R::merge(total, R::widen(R::step(R::lane(), read(load, start + k, output, k))));
  return total;
}

/** Parts from, from + step, ... before end, which lie `stride` apart, merged in this order: eight in flight. */
template <class R, class Total>
__device__ Total merge_parts(const Total* part, int64_t stride, int64_t from, int step, int64_t end) {
  Total total = R::widen(R::lane());
  for (int64_t k = from; k < end; k += kLoads * step) {
    Total held[kLoads];
#pragma unroll
    for (int j = 0; j < kLoads; ++j) held[j] = part[(k + j * step < end ? k + j * step : k) * stride];
#pragma unroll
    for (int j = 0; j < kLoads; ++j) {
      if (k + j * step < end) total = R::merge(total, held[j]);
    }
  }
  return total;
}

/* ------------------------------------------------------------------------------------------------ kernels */
/** A thread for each output: very short lines, and outputs enough to fill the GPU side by side. */
template <class R, class Load, class Store> __global__ void reduce_threads(Lines lines, Load load, Store store) {
  for (int64_t output = first_item(); output < lines.outputs(); output += item_step()) {
    store(output, take_line<R>(load, lines.start(output), lines.inner, output, 0, 1, lines.len));
  }
}

/** `width` lanes (4, 8 or 32) for each output: lines of up to some hundred neighbours. */
template <class R, class Load, class Store>
__global__ void reduce_groups(Lines lines, int width, Load load, Store store) {
  const int lane = static_cast<int>(threadIdx.x) % width, group = static_cast<int>(threadIdx.x) % 32 / width;
  // All lanes of a warp go round together: they exchange what they hold.
  for (int64_t output = first_item() / width; output - group < lines.outputs(); output += item_step() / width) {
    typename R::Total total = R::widen(R::lane());
    if (output < lines.outputs()) {
      total = take_line<R>(load, lines.start(output), 1, output, lane, width, lines.len);
    }
    for (int bits = width / 2; bits > 0; bits /= 2) total = R::merge(total, from_lane(total, bits));
    if (lane == 0 && output < lines.outputs()) store(output, total);
  }
}

/** How the elements of an output are shared among blocks. partial, tickets: not used when there is one share. */
template <class Total> struct Shares {
  int64_t count, len;
  Total* partial;  // count for each output
  uint32_t* tickets;
};

/** A block for each output and each share of its line; the last of an output's blocks merges the shares in order. */
template <class R, class Load, class Store>
__global__ void __launch_bounds__(kThreads)
    reduce_blocks(Lines lines, Shares<typename R::Total> shares, bool aligned, Load load, Store store) {
  using Total = typename R::Total;
  FL_SHARED(Total[32], shared);
  for (int64_t task = blockIdx.x; task < lines.outputs() * shares.count; task += gridDim.x) {
    const int64_t output = task / shares.count, share = task - output * shares.count;
    const int64_t start = output * lines.len, begin = share * shares.len, end = least(lines.len, begin + shares.len);
    Total total;
    if constexpr (kPackable<Load>) {
      total = take_packs<R>(load, aligned, start, output, begin, end);
    } else {
      total = take_line<R>(load, start, 1, output, begin + threadIdx.x, kThreads, end);
    }
    total = merge_block<R>(total, shared);
    if (shares.count > 1) {
      if (threadIdx.x == 0) shares.partial[task] = total;
      if (!is_last(shares.tickets + output, shares.count)) continue;
      total = merge_parts<R>(shares.partial + output * shares.count, 1, threadIdx.x, kThreads, shares.count);
      total = merge_block<R>(total, shared);
    }
    if (threadIdx.x == 0) store(output, total);
  }
}

/** The totals of a block's rows, `width` threads each, brought together: the first row has the answers. */
template <class R, class Total> __device__ Total merge_rows(Total total, Total* shared, int width) {
  __syncthreads();  // shared memory may still be read
  shared[threadIdx.x] = total;
  for (int half = static_cast<int>(blockDim.x) / 2; half >= width; half /= 2) {
    __syncthreads();
    if (static_cast<int>(threadIdx.x) < half) {
      total = R::merge(total, shared[threadIdx.x + half]);
      shared[threadIdx.x] = total;
    }
  }
  return total;
}

/**
 * Tiles of `width` neighbouring outputs (2, 4, ... 32), as many threads for each as a block has rows of that width: what
 * is reduced lies `inner` apart. The last of a tile's blocks merges the shares.
 */
template <class R, class Load, class Store>
__global__ void __launch_bounds__(kThreads, sizeof(typename R::Lane) <= 8 ? 4 : 2)
    reduce_columns(Lines lines, Shares<typename R::Total> shares, int width, Load load, Store store) {
  using Total = typename R::Total;
  FL_SHARED(Total[kThreads], shared);
  const int64_t tiles = ceil_div(lines.inner, width), outputs = lines.outputs();
  const int column = static_cast<int>(threadIdx.x) % width, row = static_cast<int>(threadIdx.x) / width;
  const int rows = kThreads / width;
  for (int64_t task = blockIdx.x; task < lines.outer * tiles * shares.count; task += gridDim.x) {
    const int64_t tile = task / shares.count, share = task - tile * shares.count, o = tile / tiles;
    const int64_t i = (tile - o * tiles) * width + column, output = o * lines.inner + i;
    const int64_t begin = share * shares.len, end = least(lines.len, begin + shares.len);
    const bool is_there = i < lines.inner;
    Total total = R::widen(R::lane());
    if (is_there) {
      total = take_line<R>(load, o * lines.len * lines.inner + i, lines.inner, output, begin + row, rows, end);
    }
    total = merge_rows<R>(total, shared, width);
    if (shares.count > 1) {
      if (row == 0 && is_there) shares.partial[share * outputs + output] = total;
      if (!is_last(shares.tickets + tile, shares.count)) continue;
      total = merge_parts<R>(shares.partial + output, outputs, row, rows, is_there ? shares.count : 0);
      total = merge_rows<R>(total, shared, width);
    }
    if (row == 0 && is_there) store(output, total);
  }
}

}  // namespace device
}  // namespace flambeau
#endif
