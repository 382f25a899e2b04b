/*
 * Products with one row or one column: every element of the matrix is read once, and nothing else costs much. Where
 * its lines are dense a warp or a block takes a line; where elements of different lines lie next to each other, so do
 * the threads that read them.
 */
#include "kernels.h"
#include "product.h"
#include "scratch.h"

namespace flambeau {
namespace device {
namespace {

/** y[line] = matrix[line] . vector. */
template <class T> struct VectorTask {
  int64_t batch, lines, depth;
  Factor<T> matrix;
  const T* vector;
  int64_t vector_batch, vector_step;
  Result<T> y;
  int64_t y_step;  // from line to line
  bool columns;    // lines are columns, with a bias each
  bool packed;     // lines and the vector go in packs of 16 bytes

  __device__ void store(int64_t b, int64_t line, SumType<T> sum) const {
    y.at[b * y.batch + line * y_step] = y.finish(sum, columns ? line : 0);
  }
};

template <class S> __device__ S sum_of_warp(S sum) {
#pragma unroll
  for (int bits = 16; bits > 0; bits /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, bits);
  return sum;
}

/** kWarps of a block's 8 take a line. */
template <class T, int kWarps> __global__ void __launch_bounds__(kThreads) line_kernel(VectorTask<T> task) {
  using S = SumType<T>;
  constexpr int kWorkers = kWarps * 32, kCount = kPack<T>;
  constexpr int kPairs = 2;  // packs of the line and of the vector in flight
  FL_SHARED(S[kThreads / 32], shared);
  const int worker = static_cast<int>(threadIdx.x) % kWorkers, group = static_cast<int>(threadIdx.x) / kWorkers;
  constexpr int kLines = kThreads / kWorkers;
  const int64_t all = task.batch * task.lines;
  for (int64_t first = blockIdx.x * int64_t{kLines}; first < all; first += gridDim.x * int64_t{kLines}) {
    const int64_t number = first + group;
    S sum = S(0);
    const int64_t b = number / task.lines, line = number % task.lines;
    if (number < all) {
      const T* x = task.matrix.at + b * task.matrix.batch + line * task.matrix.line;
      const T* v = task.vector + b * task.vector_batch;
      if (task.packed) {
        using P = Pack<T, kCount>;
        const P *px = reinterpret_cast<const P*>(x), *pv = reinterpret_cast<const P*>(v);
        const int64_t packs = task.depth / kCount;
        for (int64_t i = worker; i < packs; i += kWorkers * kPairs) {
          P of_x[kPairs], of_v[kPairs];
#pragma unroll
          for (int u = 0; u < kPairs; ++u) {
            const int64_t at = least(i + u * kWorkers, packs - 1);
            of_x[u] = px[at];
            of_v[u] = pv[at];
          }
#pragma unroll
          for (int u = 0; u < kPairs; ++u) {
            if (i + u * kWorkers >= packs) continue;
#pragma unroll
            for (int e = 0; e < kCount; ++e) {
              sum += static_cast<S>(to_compute(of_x[u].at[e])) * static_cast<S>(to_compute(of_v[u].at[e]));
            }
          }
        }
      } else {
#pragma unroll 4
        for (int64_t i = worker; i < task.depth; i += kWorkers) {
          sum += static_cast<S>(to_compute(x[i * task.matrix.depth])) *
                 static_cast<S>(to_compute(v[i * task.vector_step]));
        }
      }
    }
    sum = sum_of_warp(sum);
    if constexpr (kWarps > 1) {
      if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = sum;
      __syncthreads();
      sum = shared[0];
      for (int w = 1; w < kWarps; ++w) sum += shared[w];
      __syncthreads();  // shared memory may be written again
    }
    if (number < all && worker == 0) task.store(b, line, sum);
  }
}

/** 32 lines a block, whose elements of one depth lie next to each other; 8 warps share the depth of its part. */
template <class T>
__global__ void __launch_bounds__(kThreads)
    lines_kernel(VectorTask<T> task, int64_t part_depth, SumType<T>* sums, uint32_t* tickets) {
  using S = SumType<T>;
  constexpr int kWarps = kThreads / 32;
  FL_SHARED(S[kWarps][32], shared);
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  const int64_t line = blockIdx.x * int64_t{32} + lane, begin = blockIdx.y * part_depth;
  const int64_t end = least(task.depth, begin + part_depth);
  for (int64_t b = blockIdx.z; b < task.batch; b += gridDim.z) {
    S sum = S(0);
    if (line < task.lines) {
      const T* x = task.matrix.at + b * task.matrix.batch + line * task.matrix.line;
      const T* v = task.vector + b * task.vector_batch;
      for (int64_t i = begin + warp; i < end; i += kWarps * kInFlight) {
        T of_x[kInFlight], of_v[kInFlight];
#pragma unroll
        for (int u = 0; u < kInFlight; ++u) {
          const int64_t at = least(i + u * kWarps, end - 1);
          of_x[u] = x[at * task.matrix.depth];
          of_v[u] = v[at * task.vector_step];
        }
#pragma unroll
        for (int u = 0; u < kInFlight; ++u) {
          if (i + u * kWarps < end) sum += static_cast<S>(to_compute(of_x[u])) * static_cast<S>(to_compute(of_v[u]));
        }
      }
    }
    shared[warp][lane] = sum;
    __syncthreads();
    if (warp == 0 && line < task.lines) {
      for (int w = 1; w < kWarps; ++w) sum += shared[w][lane];
      if (sums == nullptr) {
        task.store(b, line, sum);
      } else {
        sums[(blockIdx.y * task.batch + b) * task.lines + line] = sum;
      }
    }
    __syncthreads();  // shared memory may be written again
    if (sums == nullptr || !is_last(tickets + b * gridDim.x + blockIdx.x, gridDim.y)) continue;
    if (warp == 0 && line < task.lines) {
      task.y.at[b * task.y.batch + line * task.y_step] =
          joined(task.y, gridDim.y, sums + b * task.lines + line, task.batch * task.lines, task.columns ? line : 0);
    }
  }
}

}  // namespace

template <class T> int32_t multiply_vector(Device& d, const Product& p) {
  using S = SumType<T>;
  const bool rows = p.n == 1;  // y is a column: a's rows are the lines
  const Factor<T> a = left_of<T>(p), c = right_of<T>(p), &matrix = rows ? a : c, &vector = rows ? c : a;
  VectorTask<T> task = {p.batch,         rows ? p.m : p.n,   p.k,   matrix, vector.at, vector.batch, vector.depth,
                        result_of<T>(p), rows ? p.y_row : 1, !rows, false};
  const int64_t all = task.lines * task.batch;
  if (matrix.line != 1 || matrix.depth == 1 || task.lines == 1) {
    const auto in_packs = [](const T* at) { return reinterpret_cast<uintptr_t>(at) % 16 == 0; };
    task.packed = matrix.depth == 1 && vector.depth == 1 && p.k % kPack<T> == 0 && in_packs(matrix.at) &&
                  in_packs(vector.at) && (task.lines == 1 || matrix.line % kPack<T> == 0) &&
                  matrix.batch % kPack<T> == 0 && vector.batch % kPack<T> == 0;
    if (all < int64_t{d.processors} * 16 && p.k >= 1024) {
      return launch(d, "matmul", line_kernel<T, kThreads / 32>, grid_of(all), task);
    }
    return launch(d, "matmul", line_kernel<T, 1>, grid_of(ceil_div(all, kThreads / 32)), task);
  }
  const int64_t across = ceil_div(task.lines, 32);
  Parts parts = Parts::of(p.k, least<int64_t>(64, ceil_div(d.processors * 8, across * p.batch)), 64, 32);
  const Scratch<S> sums(d, parts.count > 1 ? parts.count * all : 0);
  if (!sums || across * p.batch > kTickets) parts = {1, p.k};
  const Grid grid = {dim3(static_cast<unsigned>(across), static_cast<unsigned>(parts.count),
                          static_cast<unsigned>(least<int64_t>(p.batch, 65535)))};
  return launch(d, "matmul", lines_kernel<T>, grid, task, parts.depth, parts.count > 1 ? sums.get() : nullptr,
                d.tickets);
}

template int32_t multiply_vector<float>(Device&, const Product&);
template int32_t multiply_vector<double>(Device&, const Product&);
template int32_t multiply_vector<Half>(Device&, const Product&);
template int32_t multiply_vector<BFloat16>(Device&, const Product&);
template int32_t multiply_vector<uint64_t>(Device&, const Product&);
template int32_t multiply_vector<uint32_t>(Device&, const Product&);
template int32_t multiply_vector<uint16_t>(Device&, const Product&);
template int32_t multiply_vector<uint8_t>(Device&, const Product&);

}  // namespace device
}  // namespace flambeau
