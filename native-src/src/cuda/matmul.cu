/*
 * Matrix products: cuBLAS where it can, else tiles of our own, correct at any shape, stride and type. Sums of halves are
 * made in float.
 */
#include "kernels.h"
#include "product.h"
#include "scratch.h"

namespace flambeau {
namespace device {
namespace {

/** How a factor is brought to shared memory. */
struct Way {
  bool along_depth;  // what lies next to each other: elements of a line, or lines
  bool packed;       // in vectors; all of a vector is inside or outside of the matrix
};

/**
 * A tile of kSide x kSide results by 256 threads, kPer x kPer each, kDeep of the depth at a time. While one step is
 * multiplied from one half of shared memory, the next one is loaded to registers, and then to the other half.
 */
template <class T, int kSide, int kPer, int kDeep> struct Tile {
  using S = SumType<T>;
  static constexpr int kVector = 16 / static_cast<int>(sizeof(S));  // of sums in shared memory
  static constexpr int kAcross = kSide / kPer;                      // threads side by side
  static constexpr int kGroups = kPer / kVector;
  static constexpr int kRow = kSide / kVector + 1;  // one more, against conflicts of banks
  using Brought = Pack<T, kVector>;
  using Vector = Pack<S, kVector>;
  using Stage = Vector[kDeep][kRow];
  static_assert(kAcross * kAcross == kThreads, "256 threads make a tile");
  static_assert(kSide * kDeep == kThreads * kVector, "each brings one vector of each factor a step");
};

/** One factor as a thread sees it: the vector that it brings in each step. */
template <class Shape, class T, int kSide, int kDeep> struct Bringer {
  using Brought = typename Shape::Brought;
  static constexpr int kVector = Shape::kVector;
  const T* from;   // the vector of the next step
  int line, deep;  // where it is in the tile
  int lines_left;  // from its line on
  Brought next;

  __device__ Bringer(const Factor<T>& f, const Way& way, unsigned b, int64_t line0, int64_t lines, int64_t begin) {
    const int thread = static_cast<int>(threadIdx.x);
    line = way.along_depth ? thread / (kDeep / kVector) : thread % (kSide / kVector) * kVector;
    deep = way.along_depth ? thread % (kDeep / kVector) * kVector : thread / (kSide / kVector);
    lines_left = static_cast<int>(least<int64_t>(lines - line0, kSide)) - line;
    from = f.at + b * f.batch + (line0 + line) * f.line + (begin + deep) * f.depth;
  }
  /** left: how much of the depth there is from this step on. */
  __device__ void bring(const Factor<T>& f, const Way& way, int left) {
    if (way.packed) {
      if (lines_left > 0 && deep < left) {
        next = *reinterpret_cast<const Brought*>(from);
      } else {
#pragma unroll
        for (T& each : next.at) each = from_compute<T>(0);
      }
    } else {
      const T* at = from;
#pragma unroll
      for (int e = 0; e < kVector; ++e) {
        const bool is = way.along_depth ? lines_left > 0 && deep + e < left : lines_left > e && deep < left;
        next.at[e] = is ? *at : from_compute<T>(0);
        at += way.along_depth ? f.depth : f.line;
      }
    }
    from += kDeep * f.depth;
  }
  __device__ void put_down(const Way& way, typename Shape::Stage& stage) const {
    using S = typename Shape::S;
    typename Shape::Vector made;
#pragma unroll
    for (int e = 0; e < kVector; ++e) made.at[e] = static_cast<S>(to_compute(next.at[e]));
    if (way.along_depth) {
#pragma unroll
      for (int e = 0; e < kVector; ++e) reinterpret_cast<S*>(stage[deep + e])[line] = made.at[e];
    } else {
      stage[deep][line / kVector] = made;
    }
  }
};

/** Sizes, how tiles are numbered, and how the depth is shared out. sums: where parts go; null: there is one. */
template <class T> struct Task {
  int64_t batch, m, n, k, tiles_across, part_depth;
  Factor<T> left, right;
  Way left_way, right_way;
  Result<T> y;
  bool y_packed;
  SumType<T>* sums;
  uint32_t* tickets;  // one for each tile
};

/** Some neighbours of one row, to y or to its part of the sums. */
template <int V, class T>
__device__ void store_sums(const Task<T>& task, SumType<T>* parts, unsigned b, int64_t row, int64_t column,
                           const Pack<SumType<T>, V>& some) {
  T* to = task.y.at + b * task.y.batch + row * task.y.row;
  if (parts == nullptr && task.y_packed) {
    if (column >= task.n) return;
    Pack<T, V> out;
#pragma unroll
    for (int v = 0; v < V; ++v) out.at[v] = task.y.finish(some.at[v], column + v);
    *reinterpret_cast<Pack<T, V>*>(to + column) = out;
    return;
  }
#pragma unroll
  for (int v = 0; v < V; ++v) {
    if (column + v >= task.n) return;
    if (parts == nullptr) {
      to[column + v] = task.y.finish(some.at[v], column + v);
    } else {
      parts[row * task.n + column + v] = some.at[v];
    }
  }
}

template <class T, int kSide, int kPer, int kDeep, int kBlocks>
__global__ void __launch_bounds__(kThreads, kBlocks) product_kernel(Task<T> task) {
  using Shape = Tile<T, kSide, kPer, kDeep>;
  using S = typename Shape::S;
  constexpr int V = Shape::kVector, G = Shape::kGroups;
  FL_SHARED(typename Shape::Stage[2], left);
  FL_SHARED(typename Shape::Stage[2], right);
  const int64_t row0 = blockIdx.x / task.tiles_across * kSide, column0 = blockIdx.x % task.tiles_across * kSide;
  const int64_t begin = blockIdx.y * task.part_depth;
  const int depth = static_cast<int>(least(task.k - begin, task.part_depth));
  // The threads of a warp make a block of 4 x 8: what they read of a step of either factor is 64 and 128 bytes.
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  const int ty = warp / 2 * 4 + lane / 8, tx = warp % 2 * 8 + lane % 8;

  const unsigned b = blockIdx.z;
  using B = Bringer<Shape, T, kSide, kDeep>;
  B a(task.left, task.left_way, b, row0, task.m, begin), c(task.right, task.right_way, b, column0, task.n, begin);
  S sums[kPer][kPer];
#pragma unroll
  for (int i = 0; i < kPer; ++i) {
#pragma unroll
    for (int j = 0; j < kPer; ++j) sums[i][j] = S(0);
  }
  a.bring(task.left, task.left_way, depth);
  c.bring(task.right, task.right_way, depth);
  a.put_down(task.left_way, left[0]);
  c.put_down(task.right_way, right[0]);
  __syncthreads();
  int stage = 0;
#pragma unroll 1
  for (int rest = depth - kDeep;; rest -= kDeep) {
    if (rest > 0) {
      a.bring(task.left, task.left_way, rest);
      c.bring(task.right, task.right_way, rest);
    }
#pragma unroll
    for (int p = 0; p < kDeep; ++p) {
      typename Shape::Vector of_a[G], of_c[G];
#pragma unroll
      for (int g = 0; g < G; ++g) {
        of_a[g] = left[stage][p][g * Shape::kAcross + ty];
        of_c[g] = right[stage][p][g * Shape::kAcross + tx];
      }
#pragma unroll
      for (int i = 0; i < kPer; ++i) {
#pragma unroll
        for (int j = 0; j < kPer; ++j) sums[i][j] += of_a[i / V].at[i % V] * of_c[j / V].at[j % V];
      }
    }
    stage ^= 1;
    if (rest > 0) {
      a.put_down(task.left_way, left[stage]);
      c.put_down(task.right_way, right[stage]);
    }
    __syncthreads();
    if (rest <= 0) break;
  }

  S* parts = task.sums == nullptr ? nullptr : task.sums + (blockIdx.y * task.batch + b) * task.m * task.n;
#pragma unroll
  for (int i = 0; i < kPer; ++i) {
    const int64_t row = row0 + (i / V * Shape::kAcross + ty) * V + i % V;
    if (row >= task.m) continue;
#pragma unroll
    for (int g = 0; g < G; ++g) {
      typename Shape::Vector some;
#pragma unroll
      for (int v = 0; v < V; ++v) some.at[v] = sums[i][g * V + v];
      store_sums<V>(task, parts, b, row, column0 + (g * Shape::kAcross + tx) * V, some);
    }
  }
  if (parts == nullptr || !is_last(task.tickets + b * gridDim.x + blockIdx.x, gridDim.y)) return;
  for (int i = static_cast<int>(threadIdx.x); i < kSide * kSide; i += kThreads) {
    const int64_t row = row0 + i / kSide, column = column0 + i % kSide, size = task.m * task.n;
    if (row >= task.m || column >= task.n) continue;
    task.y.at[b * task.y.batch + row * task.y.row + column] =
        joined(task.y, gridDim.y, task.sums + b * size + row * task.n + column, task.batch * size, column);
  }
}

/** Vectors along the depth or along the lines, if either is dense and everything else lies on their multiples. */
template <int V, class T> Way way_of(const Factor<T>& f, int64_t lines, int64_t depth) {
  const bool along_depth = f.depth == 1 || f.line != 1;
  const int64_t size = along_depth ? depth : lines, step = along_depth ? f.line : f.depth;
  const bool dense = (along_depth ? f.depth : f.line) == 1;
  const bool aligned = reinterpret_cast<uintptr_t>(f.at) % (V * sizeof(T)) == 0;
  return {along_depth, dense && aligned && size % V == 0 && step % V == 0 && f.batch % V == 0};
}

template <class T, int kSide, int kPer, int kDeep, int kBlocks> int32_t multiply_tiles(Device& d, const Product& p) {
  using S = SumType<T>;
  constexpr int V = Tile<T, kSide, kPer, kDeep>::kVector;
  const int64_t across = ceil_div(p.n, kSide), tiles = across * ceil_div(p.m, kSide);
  Task<T> task = {p.batch,         p.m,   p.n,     p.k,      across, p.k, left_of<T>(p), right_of<T>(p), {}, {},
                  result_of<T>(p), false, nullptr, d.tickets};
  task.left_way = way_of<V>(task.left, p.m, p.k);
  task.right_way = way_of<V>(task.right, p.n, p.k);
  task.y_packed = p.n % V == 0 && p.y_row % V == 0 && task.y.batch % V == 0 && p.y % (V * sizeof(T)) == 0;
  // Few tiles share out the depth, so that all of the GPU has work.
  const int64_t wanted = least<int64_t>(64, ceil_div(2 * d.processors, tiles * p.batch));
  Parts parts = Parts::of(p.k, most(wanted, ceil_div(p.k, int64_t{1} << 30)), 4 * kDeep, kDeep);
  const Scratch<S> sums(d, parts.count > 1 ? parts.count * p.batch * p.m * p.n : 0);
  if (!sums || tiles * p.batch > kTickets) parts = {1, p.k};
  task.part_depth = parts.depth;
  task.sums = parts.count > 1 ? sums.get() : nullptr;
  constexpr int64_t kMostBatches = 65535;
  for (int64_t b = 0; b < p.batch; b += kMostBatches) {
    const int64_t count = least(p.batch - b, kMostBatches);
    const Grid grid = {
        dim3(static_cast<unsigned>(tiles), static_cast<unsigned>(parts.count), static_cast<unsigned>(count))};
    const int32_t status = launch(d, "matmul", product_kernel<T, kSide, kPer, kDeep, kBlocks>, grid, task);
    if (status != FL_OK) return status;
    task.left.at += count * task.left.batch;
    task.right.at += count * task.right.batch;
    task.y.at += count * task.y.batch;
  }
  return FL_OK;
}

/** The share of the GPU that is busy while it takes that many tiles, a multiprocessor one at a time. */
double busy(const Device& d, int64_t tiles) {
  return static_cast<double>(tiles) / static_cast<double>(ceil_div(tiles, d.processors) * d.processors);
}

}  // namespace

int32_t matmul(Device& d, int32_t dtype, int32_t activation, int64_t batch, int64_t m, int64_t n, int64_t k,
               fl_address a, int64_t a_batch, int64_t a_row, int64_t a_column, fl_address c, int64_t c_batch,
               int64_t c_row, int64_t c_column, fl_address bias, fl_address y, int64_t y_batch, int64_t y_row) {
  const Product p = {dtype,    activation, batch,   m,     n,        k,    a, a_batch, a_row,
                     a_column, c,          c_batch, c_row, c_column, bias, y, y_batch, y_row};
  int32_t status = FL_OK;
  if (blas_multiply(d, p, &status)) return status;
  return visit<kNumbers>("matmul", dtype, [&](auto tag) -> int32_t {
    using T = Signless<decltype(tag.value)>;
    if (m == 1 || n == 1) return multiply_vector<T>(d, p);
    if constexpr (sizeof(SumType<T>) == 4) {
      if constexpr (IsFloating<SumType<T>>::value) {
        // Large tiles reuse more of what they load, and take about three quarters of the time for the same work.
        const int64_t large = ceil_div(m, 128) * ceil_div(n, 128) * batch, small = ceil_div(m, 64) * ceil_div(n, 64);
        if (busy(d, large) > 0.75 * busy(d, small * batch)) return multiply_tiles<T, 128, 8, 8, 2>(d, p);
      }
      return multiply_tiles<T, 64, 4, 16, 3>(d, p);
    } else {
      return multiply_tiles<T, 64, 4, 8, 2>(d, p);
    }
  });
}

}  // namespace device
}  // namespace flambeau
