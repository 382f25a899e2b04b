/*
 * Reductions of (outer, len, inner) to (outer, inner) by any monoid of shared/reducers.h, reading through a functor and
 * writing through another: sums, extremes, losses and statistics are all instances. The order in which elements are
 * merged depends on the shape and on the GPU alone: results are the same bits in every run.
 */
#ifndef FLAMBEAU_CUDA_REDUCE_BY_H
#define FLAMBEAU_CUDA_REDUCE_BY_H
#include "../shared/reducers.h"
#include "launch.h"
#include "scratch.h"

namespace flambeau {
namespace device {

/** What the lane with these bits flipped holds; of a struct, word by word. */
template <class V> __device__ V from_lane(V value, int bits) {
  union Words {
    V value;
    uint32_t word[(sizeof(V) + 3) / 4];
    __device__ Words() {}
  };
  Words words;
  words.word[(sizeof(V) - 1) / 4] = 0;
  words.value = value;
#pragma unroll
  for (uint32_t& word : words.word) word = __shfl_xor_sync(0xffffffffu, word, bits);
  return words.value;
}

/** Brings the totals of kWidth neighbouring lanes together, a whole warp's at most; every lane has the answer. */
template <class R, int kWidth = 32, class Total> __device__ Total merge_warp(Total total) {
#pragma unroll
  for (int bits = kWidth / 2; bits > 0; bits /= 2) total = R::merge(total, from_lane(total, bits));
  return total;
}

/** Brings a block's totals together; every thread has the answer. `room`: shared, 32 totals. */
template <class R, class Total> __device__ Total merge_block(Total total, Total* room) {
  total = merge_warp<R>(total);
  const int warps = static_cast<int>(blockDim.x) / 32, warp = static_cast<int>(threadIdx.x) / 32;
  if (warps == 1) return total;
  if (threadIdx.x % 32 == 0) room[warp] = total;
  __syncthreads();
  Total all = room[0];
  for (int w = 1; w < warps; ++w) all = R::merge(all, room[w]);
  __syncthreads();  // the room may be used again
  return all;
}

/** How a reduction's elements lie. */
struct Lines {
  int64_t outer, len, inner;
  FL_HD int64_t outputs() const { return outer * inner; }
  /** Where element k of an output is. */
  FL_HD int64_t at(int64_t output, int64_t k) const {
    return inner == 1 ? output * len + k : ((output / inner) * len + k) * inner + output % inner;
  }
};

/** One thread for each output: short lines. */
template <class R, class Load, class Store> __global__ void reduce_threads(Lines lines, Load load, Store store) {
  for (int64_t output = first_item(); output < lines.outputs(); output += item_step()) {
    typename R::Lane lane = R::lane();
    for (int64_t k = 0; k < lines.len; ++k) lane = R::step(lane, load(lines.at(output, k), output));
    store(output, R::widen(lane));
  }
}

/** One warp for each output: lines of some hundred neighbours. */
template <class R, class Load, class Store> __global__ void reduce_warps(Lines lines, Load load, Store store) {
  const int64_t warps = item_step() / 32;
  for (int64_t output = first_item() / 32; output < lines.outputs(); output += warps) {
    typename R::Lane lane = R::lane();
    for (int64_t k = threadIdx.x % 32; k < lines.len; k += 32) {
      lane = R::step(lane, load(lines.at(output, k), output));
    }
    const typename R::Total total = merge_warp<R>(R::widen(lane));
    if (threadIdx.x % 32 == 0) store(output, total);
  }
}

/** A block for each output and each share of its line. partial: null when there is one share, else outputs x shares. */
template <class R, class Load, class Store>
__global__ void reduce_blocks(Lines lines, int64_t shares, Load load, Store store, typename R::Total* partial) {
  __shared__ typename R::Total room[32];
  const int64_t share_len = ceil_div(lines.len, shares);
  for (int64_t task = blockIdx.x; task < lines.outputs() * shares; task += gridDim.x) {
    const int64_t output = task / shares, share = task % shares;
    const int64_t end = least(lines.len, (share + 1) * share_len);
    // Four lanes, so that four loads are on their way at once.
    typename R::Lane lane[4] = {R::lane(), R::lane(), R::lane(), R::lane()};
    int64_t k = share * share_len + threadIdx.x;
    for (; k + 3 * static_cast<int64_t>(blockDim.x) < end; k += 4 * static_cast<int64_t>(blockDim.x)) {
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        lane[j] = R::step(lane[j], load(lines.at(output, k + j * static_cast<int64_t>(blockDim.x)), output));
      }
    }
    for (; k < end; k += blockDim.x) lane[0] = R::step(lane[0], load(lines.at(output, k), output));
    typename R::Total total =
        R::merge(R::merge(R::widen(lane[0]), R::widen(lane[1])), R::merge(R::widen(lane[2]), R::widen(lane[3])));
    total = merge_block<R>(total, room);
    if (threadIdx.x == 0) {
      if (partial == nullptr) {
        store(output, total);
      } else {
        partial[task] = total;
      }
    }
  }
}

constexpr int kTileRows = 8;  // threads that share a column of a tile of 32 columns

/** Tiles of 32 neighbouring outputs, 8 threads for each: what is reduced lies `inner` apart. */
template <class R, class Load, class Store>
__global__ void reduce_columns(Lines lines, int64_t shares, Load load, Store store, typename R::Total* partial) {
  __shared__ typename R::Total room[kTileRows][33];
  const int64_t tiles = ceil_div(lines.inner, 32), share_len = ceil_div(lines.len, shares);
  const int column = static_cast<int>(threadIdx.x) % 32, row = static_cast<int>(threadIdx.x) / 32;
  for (int64_t task = blockIdx.x; task < lines.outer * tiles * shares; task += gridDim.x) {
    const int64_t share = task % shares, tile = task / shares % tiles, o = task / shares / tiles;
    const int64_t i = tile * 32 + column, output = o * lines.inner + i;
    const int64_t end = least(lines.len, (share + 1) * share_len);
    typename R::Lane lane[2] = {R::lane(), R::lane()};
    if (i < lines.inner) {
      int64_t k = share * share_len + row;
      for (; k + kTileRows < end; k += 2 * kTileRows) {
        lane[0] = R::step(lane[0], load((o * lines.len + k) * lines.inner + i, output));
        lane[1] = R::step(lane[1], load((o * lines.len + k + kTileRows) * lines.inner + i, output));
      }
      if (k < end) lane[0] = R::step(lane[0], load((o * lines.len + k) * lines.inner + i, output));
    }
    room[row][column] = R::merge(R::widen(lane[0]), R::widen(lane[1]));
    __syncthreads();
    if (row == 0 && i < lines.inner) {
      typename R::Total total = room[0][column];
      for (int r = 1; r < kTileRows; ++r) total = R::merge(total, room[r][column]);
      if (partial == nullptr) {
        store(output, total);
      } else {
        partial[output * shares + share] = total;
      }
    }
    __syncthreads();
  }
}

/** Merges the shares of each output in order. */
template <class R, class Store>
__global__ void reduce_shares(int64_t outputs, int64_t shares, const typename R::Total* partial, Store store) {
  for (int64_t output = first_item(); output < outputs; output += item_step()) {
    typename R::Total total = partial[output * shares];
    for (int64_t s = 1; s < shares; ++s) total = R::merge(total, partial[output * shares + s]);
    store(output, total);
  }
}

/**
 * Reduces by R. load(where, output) gives an element in what R takes, store(output, total) keeps a result. Both are
 * structs of the device: nvcc allows no device lambda inside a generic one.
 */
template <class R, class Load, class Store>
int32_t reduce_by(Device& d, const char* op, int64_t outer, int64_t len, int64_t inner, const Load& load,
                  const Store& store) {
  const Lines lines = {outer, len, inner};
  const int64_t outputs = lines.outputs(), busy = static_cast<int64_t>(d.processors) * 2048;  // threads that fill it
  if (len <= 32 || (inner > 1 && outputs >= busy)) {
    return launch(d, op, reduce_threads<R, Load, Store>, grid_for(d, outputs), lines, load, store);
  }
  if (inner == 1 && len <= 1024) {
    return launch(d, op, reduce_warps<R, Load, Store>, grid_for(d, outputs * 32), lines, load, store);
  }
  // Shares of at least 1,024 elements (256 rows of a tile), as many as keep the GPU busy.
  const int64_t tasks = inner == 1 ? outputs : outer * ceil_div(inner, 32);
  const int64_t wanted = ceil_div(static_cast<int64_t>(d.processors) * 8, tasks);
  const int64_t shares = most<int64_t>(1, least(wanted, len / (inner == 1 ? 1024 : 256)));
  const Scratch<typename R::Total> partial(d, shares == 1 ? 0 : outputs * shares);
  if (!partial) return out_of_memory(op);
  const Grid grid = {dim3(static_cast<unsigned>(least<int64_t>(tasks * shares, 1 << 20)))};
  const auto kernel = inner == 1 ? reduce_blocks<R, Load, Store> : reduce_columns<R, Load, Store>;
  const int32_t status = launch(d, op, kernel, grid, lines, shares, load, store, partial.get());
  if (status != FL_OK || shares == 1) return status;
  return launch(d, op, reduce_shares<R, Store>, grid_for(d, outputs), outputs, shares, partial.get(), store);
}

/** Elements of x as they are. */
template <class T> struct LoadFrom {
  const T* x;
  __device__ Compute<T> operator()(int64_t at, int64_t) const { return to_compute(x[at]); }
};
/** R's result to y. */
template <class R, class T> struct StoreTo {
  T* y;
  int64_t len;
  __device__ void operator()(int64_t output, typename R::Total total) const {
    y[output] = from_compute<T>(R::finish(total, len));
  }
};

}  // namespace device
}  // namespace flambeau
#endif
