/*
 * Loops over elements, dense and with strides: y = f(x...). What a thread computes is loaded before anything of it is
 * stored, 16 bytes at a time where addresses allow it and several times over, so that enough is in flight to keep
 * memory busy; y may be one of the inputs.
 */
#ifndef FLAMBEAU_CUDA_POINTWISE_H
#define FLAMBEAU_CUDA_POINTWISE_H
#include <type_traits>
#include <utility>

#include "indexer.h"
#include "launch.h"

namespace flambeau {
namespace device {

/** A dense input; at null: the same value everywhere. */
template <class T> struct Source {
  const T* at;
  T same;
  FL_HD Source(const T* at) : at(at), same() {}
  FL_HD Source(const T* at, T same) : at(at), same(same) {}
};

/** Elements in registers. */
template <class T, int N> struct Lot { T at[N]; };

template <class... T> constexpr int widest() {
  int bytes = 1;
  ((bytes = most(bytes, static_cast<int>(sizeof(T)))), ...);
  return bytes;
}
/** Elements a time: 16 bytes of the widest type. */
template <class... T> constexpr int kWide = 16 / widest<T...>();
/** How many times over: 32 bytes of the widest type, and no more than 16 elements. F::kHeavy: computing takes longer. */
template <class F, class... T> constexpr int kDeep = F::kHeavy || kWide<T...> > 4 ? 1 : 2;

/** Can N neighbours be read and written at once, from this address on? */
template <int N, class T> bool aligned(const T* address) {
  return reinterpret_cast<uintptr_t>(address) % (N * sizeof(T)) == 0;
}

/* ------------------------------------------------------------------------------------------------ dense */
/*
 * A tile is what a block takes at a time. whole: all of it is there, and in packs; else elements go one by one, still
 * neighbours by neighbouring threads. What lies behind the end is 1.
 */
template <int W, int D, class T>
__device__ Lot<T, W * D> load_tile(const Source<T>& x, int64_t tile, int64_t n, bool whole) {
  Lot<T, W * D> in;
  if (x.at == nullptr) {
#pragma unroll
    for (T& each : in.at) each = x.same;
  } else if (whole) {
    const Pack<T, W>* from = reinterpret_cast<const Pack<T, W>*>(x.at + tile) + threadIdx.x;
#pragma unroll
    for (int d = 0; d < D; ++d) {
      const Pack<T, W> pack = from[d * kThreads];
#pragma unroll
      for (int w = 0; w < W; ++w) in.at[d * W + w] = pack.at[w];
    }
  } else {
#pragma unroll
    for (int e = 0; e < W * D; ++e) {
      const int64_t i = tile + e * kThreads + threadIdx.x;
      in.at[e] = i < n ? x.at[i] : from_compute<T>(1);
    }
  }
  return in;
}
template <int W, int D, class R>
__device__ void store_tile(R* y, int64_t tile, int64_t n, bool whole, const Lot<R, W * D>& out) {
  if (whole) {
    Pack<R, W>* to = reinterpret_cast<Pack<R, W>*>(y + tile) + threadIdx.x;
#pragma unroll
    for (int d = 0; d < D; ++d) {
      Pack<R, W> pack;
#pragma unroll
      for (int w = 0; w < W; ++w) pack.at[w] = out.at[d * W + w];
      to[d * kThreads] = pack;
    }
  } else {
#pragma unroll
    for (int e = 0; e < W * D; ++e) {
      const int64_t i = tile + e * kThreads + threadIdx.x;
      if (i < n) y[i] = out.at[e];
    }
  }
}

template <class F, class R, class... T>
__global__ void __launch_bounds__(kThreads) dense_kernel(F f, int64_t n, bool packed, R* y, Source<T>... x) {
  constexpr int W = kWide<R, T...>, D = kDeep<F, R, T...>;
  constexpr int64_t kTile = W * D * kThreads;
  for (int64_t tile = blockIdx.x * kTile; tile < n; tile += gridDim.x * kTile) {
    const bool whole = packed && n - tile >= kTile;
    const auto compute = [&](const auto&... in) {
      Lot<R, W * D> out;
#pragma unroll
      for (int e = 0; e < W * D; ++e) out.at[e] = f(in.at[e]...);
      store_tile<W, D>(y, tile, n, whole, out);
    };
    compute(load_tile<W, D>(x, tile, n, whole)...);
  }
}

/** y[i] = f(x[i]...) for i < n. f has kHeavy, and T... to R. */
template <class F, class R, class... T>
int32_t each(Device& d, const char* op, const F& f, int64_t n, R* y, const Source<T>&... x) {
  constexpr int W = kWide<R, T...>;
  const bool packed = aligned<W>(y) && (aligned<W>(x.at) && ...);
  const Grid grid = grid_of(ceil_div(n, W * kDeep<F, R, T...> * kThreads));
  return launch(d, op, dense_kernel<F, R, T...>, grid, f, n, packed, y, x...);
}

/* ------------------------------------------------------------------------------------------------ with strides */
/** What of W neighbours of an operand is read: all, or the one that it repeats along the last dim. */
template <int W, class T> __device__ Pack<T, W> load_some(const T* from, bool repeats) {
  Pack<T, W> in;
  if (repeats) {
    const T same = *from;
#pragma unroll
    for (T& each : in.at) each = same;
  } else {
    in = *reinterpret_cast<const Pack<T, W>*>(from);
  }
  return in;
}

/** D items of a geometry of packs; bit k of `repeated`: operand k is one element a pack. */
template <int W, int D, class F, class R, class... T, size_t... K>
__device__ void strided_items(std::index_sequence<K...>, const F& f, const Indexer<1 + sizeof...(T)>& indexer,
                              uint32_t repeated, uint32_t first, R* y, const T*... x) {
  int64_t at[D][1 + sizeof...(T)];
#pragma unroll
  for (int d = 0; d < D; ++d) {
    const uint32_t item = first + static_cast<uint32_t>(d * kThreads);
    indexer.offsets(item < indexer.items ? item : 0u, at[d]);
  }
  const auto load = [&](auto place, const auto* from) {
    constexpr int operand = decltype(place)::value;
    using E = std::remove_cv_t<std::remove_reference_t<decltype(*from)>>;
    Lot<Pack<E, W>, D> in;
#pragma unroll
    for (int d = 0; d < D; ++d) {
      if (first + static_cast<uint32_t>(d * kThreads) < indexer.items) {
        in.at[d] = load_some<W>(from + at[d][operand], (repeated >> operand & 1) != 0);
      } else {
#pragma unroll
        for (E& each : in.at[d].at) each = from_compute<E>(1);
      }
    }
    return in;
  };
  const auto compute = [&](const auto&... in) {
#pragma unroll
    for (int d = 0; d < D; ++d) {
      Pack<R, W> out;
#pragma unroll
      for (int w = 0; w < W; ++w) out.at[w] = f(in.at[d].at[w]...);
      if (first + static_cast<uint32_t>(d * kThreads) < indexer.items) {
        *reinterpret_cast<Pack<R, W>*>(y + at[d][0]) = out;
      }
    }
  };
  compute(load(std::integral_constant<int, K + 1>(), x)...);
}

template <int W, int D, class F, class R, class... T>
__global__ void __launch_bounds__(kThreads)
    strided_kernel(F f, Indexer<1 + sizeof...(T)> indexer, uint32_t repeated, R* y, const T*... x) {
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * D * kThreads + threadIdx.x; i < indexer.items;
       i += item_step() * D) {
    strided_items<W, D>(std::index_sequence_for<T...>(), f, indexer, repeated, static_cast<uint32_t>(i), y, x...);
  }
}

/** Bits of the operands that repeat one element along the last dim; -1: some operand does not go in packs of W. */
template <int W, class R, class... T, size_t... K>
__attribute__((noinline)) int32_t repeated_in_packs(std::index_sequence<K...>, const Geometry<1 + sizeof...(T)>& g,
                                                    R* y, const T*... x) {
  if (g.row_length() % W != 0 || g.row_stride(0) != 1) return -1;
  int32_t repeated = 0;
  const auto goes = [&](int k, bool starts_well) {
    if (k > 0 && g.row_stride(k) == 0) {
      repeated |= 1 << k;
      return true;
    }
    bool well = starts_well && g.row_stride(k) == 1;
    for (int i = 0; i < g.rank - 1; ++i) well = well && g.stride[k][i] % W == 0;
    return well;
  };
  return goes(0, aligned<W>(y)) && (goes(static_cast<int>(K) + 1, aligned<W>(x)) && ...) ? repeated : -1;
}

/** The same, where y's steps grow from the last dim on. */
template <class F, class R, class... T, size_t... K>
int32_t each_arranged(std::index_sequence<K...> places, Device& d, const char* op, const F& f,
                      const Geometry<1 + sizeof...(T)>& whole, R* y0, const T*... x0) {
  constexpr int kOperands = 1 + sizeof...(T);
  return for_pieces(whole, [&](const Geometry<kOperands>& g, const int64_t(&begin)[kOperands]) -> int32_t {
    R* y = y0 + begin[0];
    if constexpr (!F::kHeavy) {
      constexpr int W = kWide<R, T...>, D = kDeep<F, R, T...>;
      const int32_t repeated = repeated_in_packs<W>(places, g, y, (x0 + begin[K + 1])...);
      if (repeated >= 0) {
        Geometry<kOperands> packs = g;
        packs.size[g.rank - 1] /= W;
        for (int k = 0; k < kOperands; ++k) packs.stride[k][g.rank - 1] *= W;
        const Indexer<kOperands> indexer(packs);
        return launch(d, op, strided_kernel<W, D, F, R, T...>, grid_of(ceil_div(indexer.items, D * kThreads)), f,
                      indexer, static_cast<uint32_t>(repeated), y, (x0 + begin[K + 1])...);
      }
    }
    constexpr int kSingles = F::kHeavy ? 1 : 4;
    const Indexer<kOperands> indexer(g);
    return launch(d, op, strided_kernel<1, kSingles, F, R, T...>, grid_of(ceil_div(indexer.items, kSingles * kThreads)),
                  f, indexer, 0u, y, (x0 + begin[K + 1])...);
  });
}

/** y = f(x...) over a geometry of y and x. */
template <class F, class R, class... T>
int32_t each_strided(Device& d, const char* op, const F& f, const Geometry<1 + sizeof...(T)>& geometry, R* y,
                     const T*... x) {
  constexpr int kOperands = 1 + sizeof...(T);
  return each_arranged(std::index_sequence_for<T...>(), d, op, f, arranged<kOperands>(geometry), y, x...);
}
}  // namespace device
}  // namespace flambeau
#endif
