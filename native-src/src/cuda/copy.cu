/* Fills, conversions, copies with strides, and selection. */
#include "indexer.h"
#include "kernels.h"

namespace flambeau {
namespace device {
namespace {

template <class T> __global__ void fill_kernel(int64_t packs, int64_t n, T* y, T value) {
  Pack<T, kPack<T>> same;
#pragma unroll
  for (int j = 0; j < kPack<T>; ++j) same.at[j] = value;
  for (int64_t i = first_item(); i < packs; i += item_step()) reinterpret_cast<Pack<T, kPack<T>>*>(y)[i] = same;
  for (int64_t i = packs * kPack<T> + first_item(); i < n; i += item_step()) y[i] = value;
}

template <class From, class To> __device__ To convert_one(From x) {
  using C = Compute<From>;
  const C value = to_compute(x);
  if constexpr (IsSame<From, To>::value) {
    return x;
  } else if constexpr (IsSame<To, Bool>::value) {
    return value != C(0) ? Bool::yes : Bool::no;
  } else if constexpr (IsSame<From, Bool>::value) {
    return from_compute<To>(static_cast<Compute<To>>(value == Bool::yes));
  } else if constexpr (IsFloating<C>::value && sizeof(To) == 1) {
    return static_cast<To>(static_cast<int32_t>(value));  // -1 becomes 255, as for integers
  } else {
    return from_compute<To>(static_cast<Compute<To>>(value));
  }
}

/** Four elements a time, each read and written at once where the addresses allow it. */
template <class From, class To> __global__ void convert_kernel(int64_t packs, int64_t n, const From* x, To* y) {
  using In = Pack<From, 4>;
  using Out = Pack<To, 4>;
  for (int64_t i = first_item(); i < packs; i += item_step()) {
    const In in = reinterpret_cast<const In*>(x)[i];
    Out out;
#pragma unroll
    for (int j = 0; j < 4; ++j) out.at[j] = convert_one<From, To>(in.at[j]);
    reinterpret_cast<Out*>(y)[i] = out;
  }
  for (int64_t i = packs * 4 + first_item(); i < n; i += item_step()) y[i] = convert_one<From, To>(x[i]);
}

template <class From, class To> __global__ void copy_kernel(Indexer<2> indexer, const From* x, To* y) {
  for (int64_t i = first_item(); i < indexer.items; i += item_step()) {
    int64_t at[2];
    indexer.offsets(i, at);
    y[at[0]] = convert_one<From, To>(x[at[1]]);
  }
}

constexpr int kTile = 32, kTileThreads = 8;

/** Where a transposed copy's planes begin, and how its two dims lie: x is dense along the lines, y along the columns. */
struct Turn {
  Geometry<2> rest;
  int64_t columns, lines, x_column, y_line;
};

/** Tiles of 32 x 32 through shared memory, so that both sides are read and written along what is dense. */
template <class T> __global__ void transpose_kernel(Turn turn, int64_t across, int64_t down, const T* x, T* y) {
  __shared__ T tile[kTile][kTile + 1];  // one more, so that a column lies in different banks
  const int lane = static_cast<int>(threadIdx.x) % kTile, row = static_cast<int>(threadIdx.x) / kTile;
  const int64_t tasks = turn.rest.rows() * across * down;
  for (int64_t task = blockIdx.x; task < tasks; task += gridDim.x) {
    int64_t offset[2];
    turn.rest.row_offsets(task / (across * down), offset);
    const int64_t column = task % across * kTile, line = task / across % down * kTile;
    for (int i = row; i < kTile; i += kTileThreads) {
      if (column + i < turn.columns && line + lane < turn.lines) {
        tile[i][lane] = x[offset[1] + (column + i) * turn.x_column + line + lane];
      }
    }
    __syncthreads();
    for (int i = row; i < kTile; i += kTileThreads) {
      if (column + lane < turn.columns && line + i < turn.lines) {
        y[offset[0] + (line + i) * turn.y_line + column + lane] = tile[lane][i];
      }
    }
    __syncthreads();
  }
}

template <class T>
__global__ void where_kernel(Indexer<4> indexer, const uint8_t* condition, const T* a, const T* b, T* y) {
  for (int64_t i = first_item(); i < indexer.items; i += item_step()) {
    int64_t at[4];
    indexer.offsets(i, at);
    y[at[0]] = condition[at[1]] != 0 ? a[at[2]] : b[at[3]];
  }
}

/** Calls f with tags of both types; the same type on both sides comes as an unsigned integer of its width. */
template <class F> int32_t visit_pair(const char* op, int32_t from, int32_t to, const F& f) {
  if (from == to) {
    return visit_width(op, from, [&](auto tag) { return f(tag, tag); });
  }
  return visit_every(op, from,
                     [&](auto source) { return visit_every(op, to, [&](auto target) { return f(source, target); }); });
}

template <class T> bool packs_of_four(const T* address) {
  return reinterpret_cast<uintptr_t>(address) % (4 * sizeof(T)) == 0;
}

}  // namespace

int32_t fill(Device& d, int32_t dtype, int64_t n, fl_address y, int64_t value) {
  return visit_every("fill", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    T* to = pointer<T>(y);
    const T same = from_compute<T>(decode_scalar<Compute<T>>(value));
    const int64_t bulk = packs(to) ? n / kPack<T> : 0;
    return launch(d, "fill", fill_kernel<T>, grid_for(d, most(bulk, n - bulk * kPack<T>)), bulk, n, to, same);
  });
}

int32_t convert(Device& d, int32_t from, int32_t to, int64_t n, fl_address x, fl_address y) {
  if (from == to && x == y) return FL_OK;
  return visit_pair("convert", from, to, [&](auto source, auto target) -> int32_t {
    using From = decltype(source.value);
    using To = decltype(target.value);
    const From* in = pointer<const From>(x);
    To* out = pointer<To>(y);
    const int64_t bulk = packs_of_four(in) && packs_of_four(out) ? n / 4 : 0;
    return launch(d, "convert", convert_kernel<From, To>, grid_for(d, most(bulk, n - bulk * 4)), bulk, n, in, out);
  });
}

int32_t copy(Device& d, int32_t from, int32_t to, fl_address geometry, fl_address x, fl_address y) {
  const Indexer<2> indexer(geometry);
  const Geometry<2>& g = indexer.g;
  return visit_pair("copy", from, to, [&](auto source, auto target) -> int32_t {
    using From = decltype(source.value);
    using To = decltype(target.value);
    const From* in = pointer<const From>(x);
    To* out = pointer<To>(y);
    if constexpr (IsSame<From, To>::value) {
      const int turned = transposed_dim(g, 1);
      if (turned >= 0) {
        const Turn turn = {without(g, turned), g.row_length(), g.size[turned], g.row_stride(1), g.stride[0][turned]};
        const int64_t across = ceil_div(turn.columns, kTile), down = ceil_div(turn.lines, kTile);
        const int64_t tasks = turn.rest.rows() * across * down;
        const Grid grid = {dim3(static_cast<unsigned>(least<int64_t>(tasks, 1 << 20))), dim3(kTile * kTileThreads)};
        return launch(d, "copy", transpose_kernel<To>, grid, turn, across, down, in, out);
      }
    }
    return launch(d, "copy", copy_kernel<From, To>, grid_for(d, indexer.items), indexer, in, out);
  });
}

int32_t where(Device& d, int32_t dtype, fl_address geometry, fl_address condition, fl_address a, fl_address b,
              fl_address y) {
  const Indexer<4> indexer(geometry);
  return visit_width("where", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    return launch(d, "where", where_kernel<T>, grid_for(d, indexer.items), indexer, pointer<const uint8_t>(condition),
                  pointer<const T>(a), pointer<const T>(b), pointer<T>(y));
  });
}

}  // namespace device
}  // namespace flambeau
