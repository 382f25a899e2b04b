/* Fills, sequences, conversions, copies with strides, and selection. */
#include "../shared/conversion.h"
#include "../shared/sequences.h"
#include "kernels.h"
#include "pointwise.h"

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

template <class S, class T> __global__ void sequence_kernel(S values, int64_t n, T* y) {
  for (int64_t i = first_item(); i < n; i += item_step()) y[i] = values.value(i);
}

template <class From, class To> struct ConvertOf {
  static constexpr bool kHeavy = false;
  __device__ To operator()(From x) const { return convert_one<From, To>(x); }
};
template <class T> struct ChoiceOf {
  static constexpr bool kHeavy = false;
  __device__ T operator()(uint8_t condition, T a, T b) const { return condition != 0 ? a : b; }
};

/** Tiles of this many lines and columns are transposed. */
template <class T> constexpr int kTile = sizeof(T) == 8 ? 32 : 64;

/** How a transposed copy's two dims lie: x is dense along the lines, y along the columns. */
struct TransposePlan {
  Indexer<4> tiles;  // where a tile's plane begins in y and in x, and its first line and column
  int64_t columns, lines, x_column, y_line;
};

/** Tiles through shared memory, so that both sides are read and written along what is dense. */
template <class T> __global__ void __launch_bounds__(kThreads) transpose_kernel(TransposePlan plan, const T* x, T* y) {
  constexpr int kSide = kTile<T>, kRows = kThreads / kSide, kEach = kSide / kRows;
  // A column's elements lie in different banks: a row is an odd number of words (of elements, if they are wider).
  FL_SHARED(T[kSide][kSide + most(1, 4 / static_cast<int>(sizeof(T)))], tile);
  const int lane = static_cast<int>(threadIdx.x) % kSide, row = static_cast<int>(threadIdx.x) / kSide;
  for (int64_t task = blockIdx.x; task < plan.tiles.items; task += gridDim.x) {
    int64_t plane[4];
    plan.tiles.offsets(static_cast<uint32_t>(task), plane);
    const int64_t line = plane[2], column = plane[3];
    const T* from = x + plane[1] + (column + row) * plan.x_column + line + lane;
    const bool reads = line + lane < plan.lines, writes = column + lane < plan.columns;
    T held[kEach] = {};
#pragma unroll
    for (int i = 0; i < kEach; ++i) {
      if (reads && column + row + i * kRows < plan.columns) held[i] = from[i * kRows * plan.x_column];
    }
    __syncthreads();  // the tile before has been written
#pragma unroll
    for (int i = 0; i < kEach; ++i) tile[row + i * kRows][lane] = held[i];
    __syncthreads();
    T* to = y + plane[0] + (line + row) * plan.y_line + column + lane;
#pragma unroll
    for (int i = 0; i < kEach; ++i) {
      if (writes && line + row + i * kRows < plan.lines) to[i * kRows * plan.y_line] = tile[lane][row + i * kRows];
    }
  }
}

/** A copy whose y runs along the last dim, and x along dim d. */
template <class T> int32_t transpose(Device& d, const Geometry<2>& g, int dim, const T* x, T* y) {
  constexpr int64_t kSide = kTile<T>;
  const Geometry<2> planes = without(g, dim);  // its last place is free: six dims become four, and two of tiles
  const int down = planes.rank - 1, across = planes.rank;
  int64_t none[1] = {0};
  Geometry<4> tiles(none);
  tiles.rank = across + 1;
  for (int i = 0; i < down; ++i) {
    tiles.size[i] = planes.size[i];
    for (int k = 0; k < 2; ++k) tiles.stride[k][i] = planes.stride[k][i];
  }
  tiles.size[down] = ceil_div(g.size[dim], kSide);
  tiles.size[across] = ceil_div(g.row_length(), kSide);
  tiles.stride[2][down] = tiles.stride[3][across] = kSide;
  const TransposePlan plan = {Indexer<4>(tiles), g.row_length(), g.size[dim], g.row_stride(1), g.stride[0][dim]};
  return launch(d, "copy", transpose_kernel<T>, grid_of(plan.tiles.items), plan, x, y);
}

}  // namespace

int32_t fill(Device& d, int32_t dtype, int64_t n, fl_address y, int64_t value) {
  return visit_size("fill", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    T* to = pointer<T>(y);
    const int64_t bulk = packs(to) ? n / kPack<T> : 0;
    return launch(d, "fill", fill_kernel<T>, grid_for(d, most(bulk, n - bulk * kPack<T>)), bulk, n, to,
                  element_bits<T>(dtype, value));
  });
}

int32_t sequence(Device& d, int32_t kind, int32_t dtype, int64_t n, fl_address y, int64_t start, int64_t by) {
  const auto write = [&](const auto& values, auto* to) {
    using S = std::decay_t<decltype(values)>;
    using T = std::remove_pointer_t<decltype(to)>;
    return launch(d, "sequence", sequence_kernel<S, T>, grid_for(d, n), values, n, to);
  };
  return visit<kFloat | kWhole>("sequence", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    if (kind == FL_ARANGE) return write(Arange<Signless<T>>(start, by), pointer<Signless<T>>(y));
    if constexpr (IsFloating<T>::value) {
      if (kind == FL_LINSPACE) return write(Linspace<T>(n, start, by), pointer<T>(y));
    }
    return kNoOp;
  });
}

int32_t convert(Device& d, int32_t from, int32_t to, int64_t n, fl_address x, fl_address y) {
  if (from == to && x == y) return FL_OK;
  return visit_pair("convert", from, to, [&](auto source, auto target) -> int32_t {
    using From = decltype(source.value);
    using To = decltype(target.value);
    return each(d, "convert", ConvertOf<From, To>(), n, pointer<To>(y), Source<From>(pointer<const From>(x)));
  });
}

int32_t copy(Device& d, int32_t from, int32_t to, fl_address geometry, fl_address x, fl_address y) {
  const Geometry<2> whole = arranged(Geometry<2>(pointer<const int64_t>(geometry)));
  return visit_pair("copy", from, to, [&](auto source, auto target) -> int32_t {
    using From = decltype(source.value);
    using To = decltype(target.value);
    const From* in = pointer<const From>(x);
    To* out = pointer<To>(y);
    if constexpr (IsSame<From, To>::value) {
      const int dim = transposed_dim(whole, 1);
      if (dim >= 0) {
        return for_pieces(whole, [&](const Geometry<2>& g, const int64_t(&begin)[2]) {
          return transpose(d, g, dim, in + begin[1], out + begin[0]);
        });
      }
    }
    return each_strided(d, "copy", ConvertOf<From, To>(), whole, out, in);
  });
}

int32_t where(Device& d, int32_t dtype, fl_address geometry, fl_address condition, fl_address a, fl_address b,
              fl_address y) {
  const Geometry<4> g(pointer<const int64_t>(geometry));
  return visit_size("where", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    return each_strided(d, "where", ChoiceOf<T>(), g, pointer<T>(y), pointer<const uint8_t>(condition),
                        pointer<const T>(a), pointer<const T>(b));
  });
}

}  // namespace device
}  // namespace flambeau
